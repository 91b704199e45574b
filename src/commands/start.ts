import { Command } from 'commander'
import { common } from './common.ts'
import type { ServeOptions } from './serve.ts'

/** What `npm start` does where there is no muster.yaml: the main job on this very folder. */
export const define = (): Command =>
  common(
    new Command('start').description(
      'show the main job on the files of this folder: back up every minute, prove it, serve the page',
    ),
  )
    .option('--listen <address:port>', 'address of the page', '127.0.0.1:9121')
    .action(async (options: ServeOptions) => {
      const { ended } = await import('./open.ts')
      const { start } = await import('./start-here.ts')
      await ended(() => start(options))
    })
