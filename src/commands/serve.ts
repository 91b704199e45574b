import { Command } from 'commander'
import { type CommonOptions, common } from './common.ts'

export interface ServeOptions extends CommonOptions {
  readonly listen?: string
}

export const define = (): Command =>
  common(new Command('serve').description('daemon: schedules, readings, checks, the page and /metrics'))
    .option('--listen <address:port>', 'instead of server.listen')
    .action(async (options: ServeOptions) => {
      const { ended } = await import('./open.ts')
      const { serve } = await import('./serve-daemon.ts')
      await ended(() => serve(options))
    })
