/** After a crash: runs that died with their Muster are closed as interrupted, their orphans ended, their locks cleared. */
import { setTimeout as pause } from 'node:timers/promises'
import type { OpenRun } from '../ledger/ledger.ts'
import type { Problem } from '../model/problem.ts'
import type { Run } from '../model/run.ts'
import { killGroup } from '../system/pids.ts'
import { isGone } from '../system/self.ts'
import type { App } from './context.ts'
import { clearOwnLocks } from './unlock.ts'

const graceMs = 10_000

export interface Recovered {
  /** The runs that were closed. */
  readonly closed: readonly OpenRun[]
  /** Clears what locks they left; as slow as their repositories. One that cannot be reached keeps its lock until a run meets it. */
  clearLocks(signal: AbortSignal): Promise<void>
}

/** Closes runs whose Muster is gone. Nobody else does, so it is done before anything starts, again and again. */
export async function recover(app: App): Promise<Recovered> {
  const dead = (await app.ledger.openRuns()).filter(isDead)
  await Promise.all(dead.map(endOrphan))
  const closed: OpenRun[] = []
  for (const open of dead) {
    const { outcome, problem } = interruptedRun(open)
    if (await app.ledger.closeRun(open.run.id, { endedAt: app.now(), outcome, problem })) closed.push(open)
  }
  for (const open of closed) {
    app.log.warn(
      { run: open.run.id },
      `${open.run.operation} of ${open.run.job ?? open.run.repository} was interrupted: Muster ended while it ran`,
    )
  }
  return { closed, clearLocks: (signal) => clearLocks(app, closed, signal) }
}

async function clearLocks(app: App, closed: readonly OpenRun[], signal: AbortSignal): Promise<void> {
  const repositories = new Set(closed.filter((open) => open.run.child !== undefined).map((open) => open.run.repository))
  for (const repository of repositories) {
    if (app.config.repositories[repository] === undefined) continue
    const cleared = await clearOwnLocks(app, repository, signal)
    if (!cleared.ok)
      app.log.warn({ repository, problem: cleared.problem.code }, `locks of ${repository}: ${cleared.problem.message}`)
  }
}

/** The ledger calls it open, and it is not: whoever ran it is gone. What another program told of goes on without us. */
export const isDead = ({ run, owner }: OpenRun): boolean => run.trigger !== 'ping' && isGone(owner)

/** How a dead run reads, before and after it is closed. */
export const interruptedRun = (
  open: OpenRun,
): Run & { readonly outcome: 'interrupted'; readonly problem: Problem } => ({
  ...open.run,
  outcome: 'interrupted',
  problem: interrupted(open),
})

/** An orphan writes into a pipe that nobody reads; it is ended, so that its lock can be told from a living one. */
async function endOrphan({ run: { child } }: OpenRun): Promise<void> {
  if (child === undefined || isGone(child)) return
  killGroup(child.pid, 'SIGINT')
  const begun = performance.now()
  while (!isGone(child) && performance.now() - begun < graceMs) await pause(50)
  if (!isGone(child)) killGroup(child.pid, 'SIGKILL')
  while (!isGone(child) && performance.now() - begun < 2 * graceMs) await pause(50)
}

const interrupted = (open: OpenRun): Problem => ({
  code: 'run.interrupted',
  message: `Muster ended while this ${open.run.operation} was ${open.phase === 'waiting' ? 'waiting for its turn' : 'running'}; how far it came is not known.`,
  next: 'Nothing to do: the next run starts afresh. If it happens often, see why Muster ends (log, out of memory).',
  retry: 'soon',
})
