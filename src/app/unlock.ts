/** Clears locks that our own dead processes left behind, and only those. */
import { ok, type Result } from '../model/problem.ts'
import type { Lock } from '../model/snapshot.ts'
import { newId } from '../system/id.ts'
import { isGone, markOf } from '../system/self.ts'
import { fits } from '../verdict/pattern.ts'
import { type Reached, reach } from './access.ts'
import type { App } from './context.ts'
import { recorded } from './record.ts'

/** A lock is written a little after its process started; clocks and rounding may differ by this much. */
const slackMs = 10_000
/** How many runs back a child may be looked for. */
const mostRuns = 200

/**
 * The proof: the lock is of this machine, of a process the ledger knows as a child of ours, written while that run was
 * on, and that process is gone.
 */
export async function lockProof(app: App, repository: string): Promise<(lock: Lock) => boolean> {
  const runs = await app.ledger.runs({ repository, most: mostRuns })
  return (lock) =>
    runs.some((run) => {
      const child = run.child
      if (child === undefined || lock.host !== app.self.host || child.host !== app.self.host || child.pid !== lock.pid)
        return false
      if (lock.takenAt.getTime() < run.startedAt.getTime() - slackMs) return false
      if (run.endedAt !== undefined && lock.takenAt.getTime() > run.endedAt.getTime() + slackMs) return false
      // Both: the child we started is gone, and no later process has its number (it might be the lock's owner).
      return isGone(child) && isGone({ ...markOf(lock.pid), started: '' })
    })
}

/** restic takes a lock for stale after 30 minutes; clocks that differ by more than 15 keep nobody's login to a bucket alive. */
const renewedWithinMs = 45 * 60_000

/**
 * The other proof, for hosts that are here today and gone tomorrow: whoever holds a lock writes it anew every few minutes, and
 * this one was not, for so long that its holder would itself give up before it wrote anything more.
 *
 * @param hosts Patterns of the hosts whose owner said that their names are no use.
 */
export const isAbandoned = (lock: Lock, hosts: readonly string[], now: Date): boolean =>
  hosts.some((pattern) => fits(pattern, lock.host)) && now.getTime() - lock.takenAt.getTime() > renewedWithinMs

/** Looks for locks of ours that are dead and removes them, as a recorded run. @returns How many went. */
export async function clearOwnLocks(
  app: App,
  repository: string,
  signal: AbortSignal,
  known?: Reached,
): Promise<Result<number>> {
  const reached = known === undefined ? await reach(app, repository) : ok(known)
  if (!reached.ok) return reached
  const { tool, access, repository: settings } = reached.value
  const io = { signal, timeLimitMs: settings.read.timeLimit }
  const ours = await lockProof(app, repository)
  const hosts = tool.locking?.isRenewed === true ? settings.lockHosts : []
  const proof = (lock: Lock): boolean => ours(lock) || isAbandoned(lock, hosts, app.now())
  // Most locks are somebody else's living ones: no run of ours to tell of.
  const locks = await tool.locks(access, io)
  if (!locks.ok) return locks
  if (!locks.value.some(proof)) return ok(0)
  const id = newId(app.now())
  let removed = 0
  const { run } = await recorded(
    app,
    { id, roundId: id, repository, operation: 'unlock', trigger: 'recovery', exclusive: false },
    async (recorder) => {
      const result = await tool.unlock(access, proof, { ...io, onSpawn: recorder.onSpawn })
      removed = result.removed
      return result
    },
  )
  return run.problem === undefined ? ok(removed) : { ok: false, problem: run.problem }
}
