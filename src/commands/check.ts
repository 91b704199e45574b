import { Command } from 'commander'
import { type CommonOptions, common } from './common.ts'

interface Options extends CommonOptions {
  readonly readData?: string | true
}

export const define = (): Command =>
  common(
    new Command('check')
      .description('check the integrity of repositories now')
      .argument('[repositories...]', 'names of repositories; default: all'),
  )
    .option('--read-data [subset]', 'read data back too: all of it, or a subset such as 1/10, 5% or 2G')
    .action(async (names: string[], options: Options) => {
      const { ended, interruptible, mustKnow, openApp } = await import('./open.ts')
      const { check } = await import('../app/maintenance.ts')
      const { recover } = await import('../app/recover.ts')
      const { openProgress, silentProgress } = await import('../outlets/terminal/progress.ts')
      const { renderRuns } = await import('../outlets/terminal/run-summary.ts')
      const { exitCodes } = await import('./exit.ts')
      await ended(async () => {
        await using app = await openApp(options)
        const all = Object.keys(app.config.repositories)
        mustKnow('repository', names, all)
        const { signal } = interruptible()
        await (await recover(app)).clearLocks(signal)
        const runs = []
        for (const name of names.length === 0 ? all : names) {
          if (signal.aborted) break
          const view =
            options.json === true || options.quiet === true ? silentProgress : await openProgress(name, process.stderr)
          const readData = options.readData === true ? 'all' : options.readData
          runs.push(
            await check(app, name, {
              trigger: 'manual',
              signal,
              watcher: { onPhase: (text) => view.phase(text) },
              ...(readData !== undefined && { readData }),
            }),
          )
          view.done()
        }
        if (options.json === true) process.stdout.write(`${JSON.stringify(runs, undefined, 2)}\n`)
        else if (options.quiet !== true || runs.some((run) => run.outcome !== 'ok'))
          process.stdout.write(`${renderRuns(runs)}\n`)
        if (signal.aborted) return exitCodes.interrupted
        return runs.every((run) => run.outcome === 'ok')
          ? exitCodes.fine
          : runs.every((run) => run.outcome === 'ok' || run.outcome === 'warning')
            ? exitCodes.warnings
            : exitCodes.failed
      })
    })
