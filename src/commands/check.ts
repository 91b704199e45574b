import { Command } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

interface Options extends CommonOptions {
  readonly readData?: string | true
}

export const define = (): Command =>
  from(
    common(
      new Command('check')
        .description('check the integrity of repositories now')
        .argument('[repositories...]', 'names of repositories; default: all'),
    ),
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
        const readData = await readDataOf(options.readData)
        const { signal } = interruptible()
        await (await recover(app)).clearLocks(signal)
        const runs = []
        for (const name of names.length === 0 ? all : names) {
          if (signal.aborted) break
          const view =
            options.json === true || options.quiet === true ? silentProgress : await openProgress(name, process.stderr)
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

/** What of the data to read back. @throws Told when it cannot be understood */
async function readDataOf(given: string | true | undefined): Promise<string | undefined> {
  if (given === undefined || given === true) return given && 'all'
  const { ReadData } = await import('../config/schema/repository.ts')
  const parsed = ReadData.safeParse(given)
  if (parsed.success) return given
  const { exitCodes } = await import('./exit.ts')
  const { Told } = await import('./open.ts')
  process.stderr.write(`--read-data ${given} cannot be understood. ${parsed.error.issues[0]?.message}.\n`)
  throw new Told(exitCodes.usage)
}
