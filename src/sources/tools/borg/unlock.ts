import { hostname } from 'node:os'
import type { Problem } from '../../../model/problem.ts'
import type { Lock } from '../../../model/snapshot.ts'
import { isAlive } from '../../../system/pids.ts'
import { toResult } from '../called.ts'
import type { LockProof, OperationIo, OperationResult, RepositoryAccess } from '../tool.ts'
import { localFolder } from './address.ts'
import { callBorg } from './command.ts'
import { holderContext, locksIn } from './locks.ts'
import { problem } from './problems.ts'

type UnlockResult = OperationResult & { readonly removed: number }

/**
 * Removes locks of dead processes of this machine, if each of them passes the proof; else removes nothing (`borg.lock-not-ours`).
 * Without any lock there is nothing to do, which is `ok`. Locks behind ssh are left alone: they are those of the borg there,
 * which removes its own dead ones.
 *
 * borg itself does the removing, on its way to a lock of its own: it takes over only from the dead. `break-lock` asks nobody,
 * and follows only where that left the lock there, so that nothing else can have got one meanwhile.
 */
export async function unlock(access: RepositoryAccess, proof: LockProof, io: OperationIo): Promise<UnlockResult> {
  const startedAt = performance.now()
  const durationMs = (): number => performance.now() - startedAt
  const refuse = (why: Problem): UnlockResult => ({
    outcome: 'failed',
    problem: why,
    durationMs: durationMs(),
    removed: 0,
  })
  const folder = localFolder(access.url.reveal())
  if (folder === undefined) return refuse(problem('borg.locks-unknown', { repository: access.name }))
  const before = locksIn(folder)
  if (before.length === 0) return { outcome: 'ok', durationMs: durationMs(), removed: 0 }
  const stale = before.filter((lock) => lock.host === hostname() && !isAlive(lock.pid))
  const foreign = stale.find((lock) => !proof(lock)) ?? (stale.length === 0 ? before[0] : undefined)
  if (foreign !== undefined) return refuse(notOurs(access, foreign, new Date()))

  const isGone = (): boolean => stale.every(({ id }) => !locksIn(folder).some((lock) => lock.id === id))
  const taken = await callBorg(access, io, { args: ['list', '--short', '--last=1', '--lock-wait=1'] })
  if (!isGone() && isOnly(stale, locksIn(folder))) {
    const broken = await callBorg(access, io, { args: ['break-lock'] })
    if (broken.problem !== undefined) return { ...toResult(broken), durationMs: durationMs(), removed: 0 }
  }
  if (isGone()) return { outcome: 'ok', durationMs: durationMs(), removed: stale.length }
  return refuse(taken.problem ?? notOurs(access, stale[0] as Lock, new Date()))
}

const isOnly = (stale: readonly Lock[], now: readonly Lock[]): boolean =>
  now.every(({ id }) => stale.some((lock) => lock.id === id))

const notOurs = (access: RepositoryAccess, lock: Lock, now: Date): Problem =>
  problem('borg.lock-not-ours', { repository: access.name, ...holderContext(lock, now) })
