import { Command, Option } from 'commander'
import { type CommonOptions, common, from } from './common.ts'

interface Options extends CommonOptions {
  readonly format: 'table' | 'json' | 'prometheus'
  readonly stats?: true
}

export const define = (): Command =>
  from(
    common(
      new Command('collect')
        .description('read repositories once, now; no lock is taken, nothing is written')
        .argument('[repositories...]', 'names; default: all'),
    ),
  )
    .addOption(
      new Option('--format <format>', 'how to print what was found')
        .choices(['table', 'json', 'prometheus'])
        .default('table'),
    )
    .option('--stats', 'measure sizes too; costly on large repositories')
    .action(async (names: string[], options: Options) => {
      const { ended, interruptible, mustKnow, openApp } = await import('./open.ts')
      const { collect } = await import('../app/collect.ts')
      const { recordCollection } = await import('../app/collection.ts')
      const { recover } = await import('../app/recover.ts')
      const { standingOf } = await import('../app/standing.ts')
      const { exitCodes } = await import('./exit.ts')
      await ended(async () => {
        await using app = await openApp(options)
        const all = Object.keys(app.config.repositories)
        mustKnow('repository', names, all)
        const { signal } = interruptible()
        await (await recover(app)).clearLocks(signal)
        const wanted = names.length === 0 ? all : [...new Set(names)]
        const { openProgress, silentProgress } = await import('../outlets/terminal/progress.ts')
        const view = options.quiet === true ? silentProgress : await openProgress('collect', process.stderr)
        let count = 0
        const done = await collect(app, wanted, {
          signal,
          ...(options.stats === true && { stats: true }),
          onDone: (name) => view.phase(`${++count} of ${wanted.length}: ${name}`),
        })
        view.done()
        if (signal.aborted) return exitCodes.interrupted
        if (wanted.length === all.length) await recordCollection(app.ledger, app.now())
        const standing = await standingOf(app, { configLoadedAt: app.now() })
        if (options.format === 'prometheus') {
          const { renderMetrics } = await import('../outlets/metrics/render.ts')
          process.stdout.write(
            renderMetrics(standing, { maxSeries: app.config.metrics.maxSeries, format: 'prometheus' }),
          )
        } else if (options.format === 'json' || options.json === true) {
          process.stdout.write(
            `${JSON.stringify(
              standing.repositories.filter(({ name }) => wanted.includes(name)),
              undefined,
              2,
            )}\n`,
          )
        } else {
          const { renderReadings } = await import('../outlets/terminal/readings.ts')
          process.stdout.write(`${renderReadings(standing, wanted)}\n`)
        }
        return [...done.values()].every(({ reading }) => reading.problem === undefined)
          ? exitCodes.fine
          : exitCodes.failed
      })
    })
