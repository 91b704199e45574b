/** Runs in the ledger: begun before anything starts, closed exactly once. */
import { setTimeout as pause } from 'node:timers/promises'
import type { RunEnd, RunStart } from '../ledger/ledger.ts'
import type { Problem } from '../model/problem.ts'
import type { Run } from '../model/run.ts'
import { markOf } from '../system/self.ts'
import type { App } from './context.ts'

export type RunOf = Omit<RunStart, 'startedAt' | 'owner'>

export interface Recorder {
  readonly id: string
  /** For OperationIo: writes down the child before anything waits for it. */
  readonly onSpawn: (pid: number) => Promise<void>
}

/** `skipped`: it did not start; the ledger knows why. */
export type Recorded = { readonly run: Run; readonly started: boolean }

/**
 * Records a run around `work`. Whatever `work` throws is a bug: the run is closed as failed, then it is thrown on.
 * @returns The run as the ledger has it.
 */
export async function recorded(
  app: App,
  start: RunOf,
  work: (recorder: Recorder) => Promise<Omit<RunEnd, 'endedAt'>>,
): Promise<Recorded> {
  const startedAt = app.now()
  const begun = await app.ledger.beginRun({ ...start, startedAt, owner: app.self })
  if (!begun.begun) {
    const run = await app.ledger.run(start.id)
    return { run: run ?? skippedRun(start, startedAt), started: false }
  }
  const recorder: Recorder = { id: start.id, onSpawn: (pid) => app.ledger.noteRun(start.id, { child: markOf(pid) }) }
  let end: Omit<RunEnd, 'endedAt'>
  try {
    end = await work(recorder)
  } catch (error) {
    await close(app, start.id, { endedAt: app.now(), outcome: 'failed', problem: bug(error) })
    throw error
  }
  await close(app, start.id, { ...end, endedAt: app.now() })
  const run = await app.ledger.run(start.id)
  if (run === undefined) throw new Error(`the run ${start.id} is not in the ledger`)
  app.log[run.outcome === 'ok' ? 'info' : 'warn'](
    { run: run.id, operation: run.operation, outcome: run.outcome, problem: run.problem?.code },
    `${run.operation} of ${run.job ?? run.repository}: ${run.outcome}${run.problem === undefined ? '' : `: ${run.problem.message}`}`,
  )
  return { run, started: true }
}

const againEveryMs = 2_000

/** The outcome is known here and nowhere else: while the disk is full, it is tried again as long as the app has patience. */
async function close(app: App, id: string, end: RunEnd): Promise<void> {
  const begun = performance.now()
  for (let told = false; ; ) {
    try {
      await app.ledger.closeRun(id, end)
      return
    } catch (error) {
      const elapsedMs = performance.now() - begun
      if (!(app.mayWait?.(elapsedMs) ?? elapsedMs < 60_000)) throw error
      if (!told) app.log.error({ run: id, error }, `the outcome of ${id} (${end.outcome}) cannot be recorded yet`)
      told = true
      await pause(againEveryMs)
    }
  }
}

/** An instant that another process took: nothing was written, for its run tells the story. */
function skippedRun(start: RunOf, startedAt: Date): Run {
  const { task: _task, exclusive: _exclusive, ...known } = start
  return {
    ...known,
    startedAt,
    endedAt: startedAt,
    outcome: 'skipped',
    problem: {
      code: 'schedule.taken',
      message: 'Another Muster process took this scheduled instant.',
      next: 'Nothing to do.',
      retry: 'next-run',
    },
  }
}

const bug = (error: unknown): Problem => ({
  code: 'muster.bug',
  message: `Muster itself failed: ${error instanceof Error ? error.message : String(error)}.`,
  next: 'Please report this with the output of `muster doctor --json`.',
  retry: 'next-run',
})
