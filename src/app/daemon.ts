/** `muster serve`: schedules, readings and upkeep, until told to stop. */

import type { Config } from '../config/schema.ts'
import type { Problem } from '../model/problem.ts'
import type { Standing } from '../model/standing.ts'
import { ReaderMemory } from '../sources/readers/restic/index.ts'
import { Connections } from '../sources/storage/connections.ts'
import { openAlarm } from './alarm.ts'
import { backUp } from './backup.ts'
import type { App } from './context.ts'
import { openReadings } from './daemon-readings.ts'
import { startDiagnosing } from './diagnosing/diagnosing.ts'
import { type DueTask, dueTasks, nextDue } from './due.ts'
import type { Intake } from './inbox/intake.ts'
import { startPolling } from './inbox/poll.ts'
import { startReceiving } from './inbox/receiving.ts'
import { check, prune } from './maintenance.ts'
import type { Pings } from './pings/inbox.ts'
import { pushAfterRun } from './pushing/after-run.ts'
import { startPushing } from './pushing/pushing.ts'
import { recover } from './recover.ts'
import { openSlots } from './slots.ts'
import { pinFile, watchPins } from './ssh/pins.ts'
import { overSsh } from './ssh/reach.ts'
import { openStandings, type StandingExtras, type StandingKeeper } from './standing/keeper.ts'
import { startHeartbeat } from './telling/heartbeat.ts'
import { startTelling } from './telling/telling.ts'
import { openWorkers } from './workers.ts'

const day = 86_400_000
/** Nothing is slept over for longer: a clock that jumped, a suspended machine and a new schedule are noticed by then. */
const longestSleepMs = 15_000
/** An outcome that cannot be recorded is tried for so long when the process is to end. */
const lastTriesMs = 3_000
/** Whoever ends a process does not wait for long. */
const lastPushMs = 5_000
/** A reading by a program that takes longer holds up no other. */
const patienceMs = 30_000
/** More than this between what two clocks say passed is a jump. */
const jumpMs = 60_000

export interface Daemon {
  standing(): Promise<Standing>
  /** For metrics; see `StandingKeeper.figures`. */
  figures(): Promise<Standing>
  /**
   * Puts a new configuration in force for whatever starts from now on.
   * @param wait Repositories that are new wait for their schedule; else they are read at once.
   */
  reconfigure(config: Config, wait?: boolean): void
  /** A reload that failed: the old configuration stays, and this is shown until one succeeds. */
  complain(problem: Problem): void
  readNow(): void
  /** A collection is under way: not every repository of it was read yet. */
  isCollecting(): boolean
  /** Another program told of a run. */
  wake(): void
  /** There are alerts to be sorted. */
  wakeReceiving(): void
  /** Recovered and in its loop. */
  isReady(): boolean
  /** Ends running work (signal, grace, kill) and resolves when nothing runs any more. */
  readonly done: Promise<void>
}

export interface DaemonStart {
  readonly standings?: StandingKeeper
  /** Whether anything is known from before: then it is told first, and read again a moment later. */
  readonly isKnown?: boolean
  /** Where other programs tell of the backups they run. */
  readonly pings?: Pick<Pings, 'progressAt' | 'endOverdue'>
  /** Where alerts come in. */
  readonly intake?: Intake
}

export function startDaemon(
  opened: App,
  signal: AbortSignal,
  { standings = openStandings(), isKnown = false, pings, intake }: DaemonStart = {},
): Daemon {
  const connections = new Connections()
  let app: App = {
    ...opened,
    memory: new ReaderMemory(connections),
    recollections: new WeakMap(),
    programSlots: openSlots(() => app.config.concurrency, patienceMs),
    mayWait: (elapsedMs) => !signal.aborted || elapsedMs < lastTriesMs,
  }
  let configLoadedAt = app.now()
  let configProblem: Problem | undefined
  let ready = false
  let trimmedAt = Number.NEGATIVE_INFINITY
  const alarm = openAlarm()
  const progressAt = new Map<string, Date>()
  const workers = openWorkers(app.log)
  const slots = openSlots(() => app.config.concurrency)
  const pins = watchPins(() => pinFile(app))
  const readings = openReadings(
    () => app,
    isKnown,
    signal,
    () => {
      alarm.wake()
      telling.wake()
    },
  )

  const startTask = ({ task, instant, trigger }: DueTask): void => {
    // By instant: one that comes due while the last is still on has to begin, so that the ledger records it as skipped.
    workers.start(`${task.key} at ${instant.toISOString()}`, async () => {
      const own = { ...app, slots }
      const wish = {
        trigger,
        due: { task: task.key, instant },
        signal,
        watcher: { onProgress: () => noteProgress(task.of), onPhase: () => telling.wake() },
      }
      if (task.kind === 'backup') await backUp(own, task.of, { ...wish, init: false, dryRun: false, locks: true })
      else await (task.kind === 'prune' ? prune : check)(own, task.of, wish)
      alarm.wake()
      telling.wake()
      pushing.wake()
    })
  }
  const noteProgress = (job: string): void => void progressAt.set(job, app.now())

  /** One turn: what is due is started, what is old is trimmed. @returns how long to sleep. */
  const turn = async (): Promise<number> => {
    // Every turn: a `muster run` beside this daemon may have died, and nobody else would notice.
    const recovered = await recover(app)
    if (recovered.closed.length > 0) {
      workers.start('locks left behind', () => recovered.clearLocks(signal))
      pushing.wake()
    }
    if ((await pings?.endOverdue()) === true) pushing.wake()
    // A small fact every turn: whether the ledger can be written to is known before an outcome depends on it.
    await app.ledger.writeMeta('daemon alive', app.now().toISOString())
    // Somebody else who changed the trusted host keys is told of now, not with the next reading.
    if (await pins.isChanged()) readings.readNow(overSsh(app))
    for (const due of await dueTasks(app)) startTask(due)
    const readingMs = await readings.start(longestSleepMs)
    if (performance.now() - trimmedAt > day) {
      await trim(app)
      trimmedAt = performance.now()
    }
    return Math.max(50, Math.min(readingMs, await sleepMs(app)))
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
      await alarm.sleep(pauseMs, signal)
      const jump = app.now().getTime() - wall - (performance.now() - steady)
      if (Math.abs(jump) > jumpMs)
        app.log.warn({ seconds: Math.round(jump / 1000) }, `the clock jumped by ${Math.round(jump / 1000)} seconds`)
      wall = app.now().getTime()
      steady = performance.now()
    }
    await Promise.all([workers.drained(), readings.close()])
    await connections[Symbol.asyncDispose]()
  }

  signal.addEventListener('abort', () => alarm.wake(), { once: true })

  const signs = (): ReadonlyMap<string, Date> =>
    pings === undefined ? progressAt : new Map([...progressAt, ...pings.progressAt])
  const extras = (): StandingExtras => ({
    configLoadedAt,
    progressAt: signs(),
    ...(configProblem && { configProblem }),
    ...(intake && { backlog: intake.backlog() }),
  })

  const telling = startTelling(
    () => app,
    () => standings.figures(app, extras()),
    signal,
  )

  const diagnosing = startDiagnosing(
    () => app,
    () => standings.whole(app, extras()),
    signal,
    () => telling.wake(),
  )

  const receiving =
    intake &&
    startReceiving(
      () => app,
      intake,
      signal,
      () => diagnosing.wake(),
    )

  const polling = startPolling(
    () => app,
    signal,
    () => diagnosing.wake(),
  )

  const pushing = startPushing(
    () => app,
    () => standings.figures(app, extras()),
    signal,
  )

  /** Of runs that ended because this process was told to: nobody else would tell of them before it starts again. */
  const lastPush = async (): Promise<void> => {
    try {
      await pushAfterRun(app, false, lastPushMs)
    } catch (error) {
      app.log.warn({ error }, `metrics could not be handed on at the end: ${String(error)}`)
    }
  }

  const heartbeat = startHeartbeat(
    () => app,
    () => ready,
    () => standings.figures(app, extras()),
    signal,
  )

  return {
    standing: () => standings.whole(app, extras()),
    figures: () => standings.figures(app, extras()),
    reconfigure: (config, wait = false) => {
      readings.reconfigure(app.config, config, wait)
      app = { ...app, config }
      configLoadedAt = app.now()
      configProblem = undefined
      alarm.wake()
      pushing.wake()
      diagnosing.wake()
      polling.wake()
    },
    complain: (problem) => {
      configProblem = problem
      telling.wake()
    },
    readNow: () => readings.readNow(),
    isCollecting: readings.isCollecting,
    wake: () => {
      telling.wake()
      pushing.wake()
    },
    wakeReceiving: () => receiving?.wake(),
    isReady: () => ready,
    done: Promise.all([
      loop(),
      diagnosing.done,
      receiving?.done,
      polling.done,
      telling.done,
      pushing.done,
      heartbeat,
    ]).then(lastPush),
  }
}

async function sleepMs(app: App): Promise<number> {
  const next = await nextDue(app)
  const untilMs = next === undefined ? longestSleepMs : next.getTime() - app.now().getTime()
  return Math.max(50, Math.min(longestSleepMs, untilMs))
}

async function trim(app: App): Promise<void> {
  const now = app.now().getTime()
  const { keepRuns, keepReadings, keepGone } = app.config.ledger
  const gone = await app.ledger.trim({
    runsBefore: new Date(now - keepRuns),
    readingsBefore: new Date(now - keepReadings),
    goneBefore: new Date(now - keepGone),
  })
  if (gone > 0) app.log.info({ rows: gone }, `removed ${gone} old rows from the ledger`)
}
