/** `muster serve`: schedules, readings and upkeep, until told to stop. */

import type { Config } from '../config/schema.ts'
import type { Problem } from '../model/problem.ts'
import type { Standing } from '../model/standing.ts'
import { Connections, ReaderMemory } from '../sources/readers/restic/index.ts'
import { jitterOf } from '../verdict/schedule/jitter.ts'
import { backUp } from './backup.ts'
import { collect } from './collect.ts'
import type { App } from './context.ts'
import { type DueTask, dueTasks, nextDue } from './due.ts'
import { check, prune } from './maintenance.ts'
import { recover } from './recover.ts'
import { openSlots } from './slots.ts'
import { standingOf } from './standing.ts'
import { openWorkers } from './workers.ts'

const day = 86_400_000
/** Nothing is slept over for longer: a clock that jumped, a suspended machine and a new schedule are noticed by then. */
const longestSleepMs = 15_000
/** An outcome that cannot be recorded is tried for so long when the process is to end. */
const lastTriesMs = 3_000
/** More than this between what two clocks say passed is a jump. */
const jumpMs = 60_000

export interface Daemon {
  standing(): Promise<Standing>
  /** Puts a new configuration in force for whatever starts from now on. */
  reconfigure(config: Config): void
  /** A reload that failed: the old configuration stays, and this is shown until one succeeds. */
  complain(problem: Problem): void
  readNow(): void
  /** Recovered and in its loop. */
  isReady(): boolean
  /** Ends running work (signal, grace, kill) and resolves when nothing runs any more. */
  readonly done: Promise<void>
}

export function startDaemon(opened: App, signal: AbortSignal): Daemon {
  const connections = new Connections()
  let app: App = {
    ...opened,
    memory: new ReaderMemory(connections),
    mayWait: (elapsedMs) => !signal.aborted || elapsedMs < lastTriesMs,
  }
  let configLoadedAt = app.now()
  let configProblem: Problem | undefined
  let ready = false
  let recovered = false
  let trimmedAt = Number.NEGATIVE_INFINITY
  let wake = (): void => {}
  const progressAt = new Map<string, Date>()
  const readAt = new Map<string, number>()
  /** Asked for while a reading was under way, which may have seen the world of before. */
  const readAgain = new Set<string>()
  const workers = openWorkers(app.log)
  const readers = openWorkers(app.log)
  // Readings have slots of their own: a night full of backups must not blind the watcher.
  const slots = { work: openSlots(() => app.config.concurrency), read: openSlots(() => app.config.concurrency) }

  const startTask = ({ task, instant, trigger }: DueTask): void => {
    // By instant: one that comes due while the last is still on has to begin, so that the ledger records it as skipped.
    workers.start(`${task.key} at ${instant.toISOString()}`, async () => {
      const own = { ...app, slots: slots.work }
      const wish = {
        trigger,
        due: { task: task.key, instant },
        signal,
        watcher: { onProgress: () => noteProgress(task.of) },
      }
      if (task.kind === 'backup') await backUp(own, task.of, { ...wish, init: false, dryRun: false, locks: true })
      else await (task.kind === 'prune' ? prune : check)(own, task.of, wish)
      wake()
    })
  }
  const noteProgress = (job: string): void => void progressAt.set(job, app.now())

  const startReadings = (): void => {
    const now = performance.now()
    for (const [name, { read }] of Object.entries(app.config.repositories)) {
      const last = readAt.get(name)
      // The first reading is at once; later ones are spread, so that many repositories do not come due together.
      const next =
        last === undefined
          ? now
          : last + read.every - jitterOf(name, new Date(Math.floor(last)), Math.floor(read.every / 10))
      if (next > now || readers.has(name)) continue
      readers.start(name, async () => {
        await collect({ ...app, slots: slots.read }, [name], { signal })
        if (readAgain.delete(name)) setImmediate(() => wake())
        else readAt.set(name, performance.now())
      })
    }
  }

  /** One turn: what is due is started, what is old is trimmed. @returns how long to sleep. */
  const turn = async (): Promise<number> => {
    if (!recovered) await recover(app, signal)
    recovered = true
    // A small fact every turn: whether the ledger can be written to is known before an outcome depends on it.
    await app.ledger.writeMeta('daemon alive', app.now().toISOString())
    for (const due of await dueTasks(app)) startTask(due)
    startReadings()
    if (performance.now() - trimmedAt > day) {
      await trim(app)
      trimmedAt = performance.now()
    }
    return sleepMs(app)
  }

  const loop = async (): Promise<void> => {
    let wall = app.now().getTime()
    let steady = performance.now()
    while (!signal.aborted) {
      let pauseMs = longestSleepMs
      try {
        pauseMs = await turn()
        ready = true
      } catch (error) {
        // A full disk, say. The page stays, readiness goes, and the next turn tries again.
        ready = false
        app.log.error(
          { error },
          `the ledger cannot be used now: ${error instanceof Error ? error.message : String(error)}`,
        )
      }
      await sleep(pauseMs)
      const jump = app.now().getTime() - wall - (performance.now() - steady)
      if (Math.abs(jump) > jumpMs)
        app.log.warn({ seconds: Math.round(jump / 1000) }, `the clock jumped by ${Math.round(jump / 1000)} seconds`)
      wall = app.now().getTime()
      steady = performance.now()
    }
    await Promise.all([workers.drained(), readers.drained()])
    await connections[Symbol.asyncDispose]()
  }

  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
      if (signal.aborted) wake()
    })
  signal.addEventListener('abort', () => wake(), { once: true })

  return {
    standing: async () => {
      const open = await app.ledger.openRuns()
      const progress = new Map(
        open.flatMap(({ run }) =>
          run.job !== undefined && progressAt.has(run.job)
            ? [[run.id, progressAt.get(run.job) ?? run.startedAt] as const]
            : [],
        ),
      )
      return standingOf(app, { configLoadedAt, progressAt: progress, ...(configProblem && { configProblem }) })
    },
    reconfigure: (config) => {
      app = { ...app, config }
      configLoadedAt = app.now()
      configProblem = undefined
      wake()
    },
    complain: (problem) => {
      configProblem = problem
    },
    readNow: () => {
      readAt.clear()
      for (const name of Object.keys(app.config.repositories)) if (readers.has(name)) readAgain.add(name)
      wake()
    },
    isReady: () => ready,
    done: loop(),
  }
}

async function sleepMs(app: App): Promise<number> {
  const next = await nextDue(app)
  const untilMs = next === undefined ? longestSleepMs : next.getTime() - app.now().getTime()
  return Math.max(50, Math.min(longestSleepMs, untilMs))
}

async function trim(app: App): Promise<void> {
  const now = app.now().getTime()
  const { keepRuns, keepReadings } = app.config.ledger
  const gone = await app.ledger.trim({
    runsBefore: new Date(now - keepRuns),
    readingsBefore: new Date(now - keepReadings),
  })
  if (gone > 0) app.log.info({ rows: gone }, `removed ${gone} old rows from the ledger`)
}
