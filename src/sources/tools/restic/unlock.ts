import { hostname } from 'node:os'
import type { Problem } from '../../../model/problem.ts'
import type { Lock } from '../../../model/snapshot.ts'
import { isAlive } from '../../../system/pids.ts'
import { toResult } from '../called.ts'
import type { LockProof, OperationIo, OperationResult, RepositoryAccess } from '../tool.ts'
import { callRestic } from './command.ts'
import { lockIds, locks } from './locks.ts'
import { problem } from './problems.ts'

type UnlockResult = OperationResult & { readonly removed: number }

/**
 * restic takes a lock for stale after 30 minutes; five less, because between our look and its look time goes by, and a clock
 * may be off. Source: restic `internal/restic/lock.go`.
 */
const staleAfterMs = 25 * 60_000

/** What restic would take for stale: old, or of a dead process of this host. */
export function wouldRemove(lock: Lock, now: Date, host: string, alive: (pid: number) => boolean): boolean {
  return now.getTime() - lock.takenAt.getTime() > staleAfterMs || (lock.host === host && !alive(lock.pid))
}

/**
 * Removes stale locks, if every lock that `restic unlock` would remove passes the proof; else removes nothing
 * (`restic.lock-not-ours`). Without any lock there is nothing to do, which is `ok`.
 */
export async function unlock(access: RepositoryAccess, proof: LockProof, io: OperationIo): Promise<UnlockResult> {
  const startedAt = performance.now()
  const refuse = (why: Problem): UnlockResult => ({
    outcome: 'failed',
    problem: why,
    durationMs: performance.now() - startedAt,
    removed: 0,
  })
  const before = await locks(access, io)
  if (!before.ok) return refuse(before.problem)
  if (before.value.length === 0) return { outcome: 'ok', durationMs: performance.now() - startedAt, removed: 0 }

  const now = new Date()
  const stale = before.value.filter((lock) => wouldRemove(lock, now, hostname(), isAlive))
  const foreign = stale.find((lock) => !proof(lock))
  if (foreign !== undefined) return refuse(notOurs(access, foreign, now))
  if (stale.length === 0) return refuse(notOurs(access, before.value[0] as Lock, now))

  const called = await callRestic(access, io, { args: ['unlock'] })
  const result = { ...toResult(called), durationMs: performance.now() - startedAt }
  if (result.outcome !== 'ok') return { ...result, removed: 0 }
  const after = await lockIds(access, io)
  if (!after.ok) return refuse(after.problem)
  const left = new Set(after.value)
  return { ...result, removed: stale.filter((lock) => !left.has(lock.id)).length }
}

function notOurs(access: RepositoryAccess, lock: Lock, now: Date): Problem {
  return problem('restic.lock-not-ours', {
    repository: access.name,
    holderHost: lock.host,
    holderPid: lock.pid,
    holderUser: lock.user,
    exclusive: lock.exclusive ? 'yes' : 'no',
    since: lock.takenAt.toISOString(),
    ageMinutes: Math.floor((now.getTime() - lock.takenAt.getTime()) / 60_000),
    lockId: lock.id,
  })
}
