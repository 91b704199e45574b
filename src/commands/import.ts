import { Command } from 'commander'

export interface ImportOptions {
  readonly cron?: string
  readonly quiet?: true
}

export const define = (): Command =>
  new Command('import')
    .description('print the muster.yaml that replaces the configuration of another program')
    .argument('<system>', 'whose configuration it is, such as restic-reporter or env')
    .argument('[file]', 'its configuration file; none with env, which reads the environment')
    .option('--cron <schedule>', 'when it reads repositories, where its file does not say')
    .option('-q, --quiet', 'print no warnings')
    .action(async (system: string, file: string | undefined, options: ImportOptions) => {
      const { ended } = await import('./open.ts')
      const { importIt } = await import('./import-file.ts')
      await ended(() => importIt(system, file, options))
    })
