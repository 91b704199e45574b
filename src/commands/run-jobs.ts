/** `muster run`: which jobs, one after the other, shown to a person or a program. */
import { backUp } from '../app/backup.ts'
import { dueTasks } from '../app/due.ts'
import { check, prune } from '../app/maintenance.ts'
import { pushAfterRun } from '../app/pushing/after-run.ts'
import { recover } from '../app/recover.ts'
import { type Watcher, worstOf } from '../app/round.ts'
import { tellAfterRun } from '../app/telling/after-run.ts'
import { tellBeginnings } from '../app/telling/run-news.ts'
import { scriptCode } from '../model/exit-code.ts'
import type { Run } from '../model/run.ts'
import { openProgress, silentProgress } from '../outlets/terminal/progress.ts'
import { renderRuns } from '../outlets/terminal/run-summary.ts'
import { type Log, openLog } from '../system/log.ts'
import { exitCodes } from './exit.ts'
import { interruptible, mustKnow, type OpenApp, openApp, Told } from './open.ts'
import type { RunOptions } from './run.ts'
import { scriptLogLevel } from './script-log.ts'
import { openScriptView } from './script-view.ts'

export async function runJobs(names: readonly string[], options: RunOptions): Promise<number> {
  await using app = await openApp({ ...options, tells: true }, await logOf(options))
  const isScript = app.importer?.isScript === true
  const script =
    isScript && options.json !== true && options.quiet !== true && options.dryRun !== true
      ? openScriptView(app.now, (text) => void process.stdout.write(`${text}\n`))
      : undefined
  mayRun(app, names)
  const { signal } = interruptible()
  await (await recover(app)).clearLocks(signal)
  const work = await chosen(app, names, options)
  const runs: Run[] = []
  const told = options.dryRun === true ? undefined : await tellBeginnings(app, signal)
  for (const piece of work) {
    if (signal.aborted) break
    const start = (watcher: Watcher) => piece.start(watcher, signal)
    runs.push(...(await (script === undefined ? shown(piece.title, options, start) : start(script))))
  }
  if (script === undefined && options.json !== true && options.quiet !== true && runs.length > 0)
    process.stdout.write(`${renderRuns(runs, options.dryRun === true)}\n`)
  await told?.()
  if (options.dryRun !== true) {
    // A run that somebody ended is told of as well, within the same bound.
    await Promise.all([pushAfterRun(app, runs.length > 0), tellAfterRun(app, signal)])
  }
  if (options.quiet === true)
    // Another process does that work and tells of it.
    for (const run of runs)
      if (run.problem !== undefined && run.problem.code !== 'schedule.taken')
        process.stderr.write(`${run.job ?? run.repository}: ${run.problem.message}\n    → ${run.problem.next}\n`)
  const code = signal.aborted ? exitCodes.interrupted : isScript ? scriptCode(runs) : codeOf(runs)
  script?.ended(runs, code)
  return code
}

/** @throws Told for names that are no jobs, and for jobs that another program runs. */
function mayRun({ config }: OpenApp, names: readonly string[]): void {
  const told = names.filter((name) => Object.hasOwn(config.pings, name))
  for (const name of told)
    process.stderr.write(
      `${name} is run by another program, which tells Muster of it.\n    → Run it there; muster pings ${name} prints how it tells.\n`,
    )
  if (told.length > 0) throw new Told(exitCodes.usage)
  mustKnow('job', names, Object.keys(config.jobs))
}

/** In the place of a script all goes where its log went, hooks and all. */
async function logOf({ from, logLevel, json, quiet }: RunOptions): Promise<Log> {
  const isPlain = json !== true && quiet !== true && logLevel === 'warn'
  const level = isPlain ? await scriptLogLevel(from) : undefined
  return level === undefined ? openLog(logLevel) : openLog(level, process.stdout)
}

interface Piece {
  readonly title: string
  readonly start: (watcher: Watcher, signal: AbortSignal) => Promise<readonly Run[]>
}

/** What the arguments ask for. @throws Told when they ask for nothing. */
async function chosen(app: OpenApp, names: readonly string[], options: RunOptions): Promise<readonly Piece[]> {
  const backup = (name: string): Piece => ({
    title: name,
    start: async (watcher, signal) =>
      (
        await backUp(app, name, {
          trigger: 'manual',
          init: options.init === true,
          acceptShrink: options.acceptShrink === true,
          dryRun: options.dryRun === true,
          locks: false,
          signal,
          watcher,
        })
      ).runs,
  })
  if (options.due === true) {
    if (
      options.dryRun === true ||
      options.init === true ||
      options.acceptShrink === true ||
      options.all === true ||
      names.length > 0
    ) {
      process.stderr.write(
        '--due chooses the work by itself.\n    → Leave out job names, --all, --init, --accept-shrink and --dry-run, or leave out --due.\n',
      )
      throw new Told(exitCodes.usage)
    }
    const due = await dueTasks(app)
    return due.map(({ task, instant, trigger }) => ({
      title: `${task.kind} ${task.of}`,
      start: async (watcher, signal) => {
        const common = { trigger, due: { task: task.key, instant }, signal, watcher }
        if (task.kind === 'backup')
          return (await backUp(app, task.of, { ...common, init: false, dryRun: false, locks: false })).runs
        return [task.kind === 'prune' ? await prune(app, task.of, common) : await check(app, task.of, common)]
      },
    }))
  }
  const jobs = Object.keys(app.config.jobs)
  if (names.length > 0) return [...new Set(names)].map(backup)
  if (options.all === true || jobs.length === 1) return jobs.map(backup)
  process.stderr.write(
    jobs.length === 0
      ? Object.keys(app.config.pings).length > 0
        ? `${app.file} has no jobs that Muster runs; those under pings are run by other programs.\n    → muster status says how they stand.\n`
        : `${app.file} has no jobs.\n    → Add one under jobs; docs/configuration.md shows how.\n`
      : `Which job?\n    → muster run ${jobs.join(' | ')}, or --all, or --due for those whose time has come.\n`,
  )
  throw new Told(exitCodes.usage)
}

/** Shows a piece of work as it goes: JSON lines, a bar, plain lines, or nothing. */
async function shown(
  title: string,
  options: RunOptions,
  work: (watcher: Watcher) => Promise<readonly Run[]>,
): Promise<readonly Run[]> {
  if (options.json === true) {
    const line = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`)
    const runs = await work({
      onPhase: (text) => line({ type: 'phase', title, text }),
      onProgress: (progress) => line({ type: 'progress', title, ...progress }),
    })
    for (const run of runs) line({ type: options.dryRun === true ? 'rehearsal' : 'run', ...run })
    return runs
  }
  const view = options.quiet === true ? silentProgress : await openProgress(title, process.stderr)
  try {
    return await work({
      onPhase: (text) => view.phase(text),
      onProgress: (progress) => view.progress(progress),
      live: process.stderr.isTTY === true,
    })
  } finally {
    view.done()
  }
}

function codeOf(runs: readonly Run[]): number {
  const worst = worstOf(runs)
  if (runs.length === 0 || worst === 'ok') return exitCodes.fine
  if (worst === 'warning') return exitCodes.warnings
  // Another process has the instant or the job: nothing went wrong with --due; a person who named the job wants to know.
  return exitCodes.failed
}
