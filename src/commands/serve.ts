import { Command } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

export interface ServeOptions extends CommonOptions {
  readonly listen?: string
  readonly bind?: string
  readonly cron?: string
  readonly compatExact?: true
  readonly compatListen: readonly string[]
}

export const define = (): Command =>
  from(common(new Command('serve').description('daemon: schedules, readings, checks, the page and /metrics')))
    .option('--listen <address:port>', 'instead of server.listen')
    .option(
      '--bind <address:port>',
      'with --from: answer there as the other program does, metrics only, without a login',
    )
    .option('--cron <schedule>', 'with --from: when repositories are read')
    .option(
      '--compat-listen <address:port=system>',
      'answer there with the metrics of borg-exporter or another system alone, without a login; can be repeated',
      (text: string, known: readonly string[]) => [...known, text],
      [],
    )
    .option('--compat-exact', 'credentials in addresses stay in the labels of compatible metrics')
    .action(async (options: ServeOptions) => {
      const { ended } = await import('./open.ts')
      const { serve } = await import('./serve-daemon.ts')
      await ended(() => serve(options))
    })
