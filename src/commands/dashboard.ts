import { Argument, Command } from 'commander'

interface Options {
  readonly all?: true
  readonly out?: string
}

export const define = (): Command =>
  new Command('dashboard')
    .description('print a Grafana dashboard as JSON, to be imported there')
    .addArgument(new Argument('[name]', 'which one').choices(['overview', 'set', 'repository']).default('overview'))
    .option('--all', 'print all of them, as a JSON array')
    .option('--out <folder>', 'write all of them, each to a file of its own')
    .action(async (name: string, options: Options) => {
      const { ended } = await import('./open.ts')
      const { printDashboards } = await import('./print-dashboards.ts')
      await ended(() => printDashboards(name, options))
    })
