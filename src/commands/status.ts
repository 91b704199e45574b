import { Command } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

export const define = (): Command =>
  from(
    common(
      new Command('status')
        .description('does it pass muster? one line a job and backup set; exit code 4 where not')
        .argument('[names...]', 'jobs, repositories or host/user'),
    ),
  ).action(async (names: string[], options: CommonOptions) => {
    const { ended, openApp } = await import('./open.ts')
    const { standingOf } = await import('../app/standing.ts')
    const { renderStatus } = await import('../outlets/terminal/status.ts')
    const { exitCodes } = await import('./exit.ts')
    await ended(async () => {
      await using app = await openApp(options)
      const standing = await standingOf(app, { configLoadedAt: app.now() })
      const { text, fine } = renderStatus(standing, names)
      if (options.json === true) process.stdout.write(`${JSON.stringify(standing, undefined, 2)}\n`)
      else if (options.quiet !== true || !fine) process.stdout.write(`${text}\n`)
      return fine ? exitCodes.fine : exitCodes.notFine
    })
  })
