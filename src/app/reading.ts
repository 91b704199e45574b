/** One reading: a look at a repository that takes no lock and writes nothing, recorded well or ill. */
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { Reading } from '../model/reading.ts'
import type { Lock, Snapshot } from '../model/snapshot.ts'
import type { OperationIo } from '../sources/tools/tool.ts'
import { type Reached, reach } from './access.ts'
import { type App, newId, repositoryOf } from './context.ts'

export interface ReadingWish {
  readonly signal: AbortSignal
  /** Also look at the locks; costs one more start of the tool. */
  readonly locks: boolean
  /** Measure the size now; default: when `read.statsEvery` has passed. */
  readonly stats?: boolean
  /** When the caller has the secrets loaded already. */
  readonly reached?: Reached
}

export interface ReadingDone {
  readonly reading: Reading
  readonly snapshots: readonly Snapshot[]
}

/** Reads a repository and records what was found, or why it could not be read. The recorded reading is in the answer either way. */
export async function readRepository(app: App, name: string, wish: ReadingWish): Promise<ReadingDone> {
  const startedAt = app.now()
  const reached = wish.reached === undefined ? await reach(app, name) : ok(wish.reached)
  const looked = reached.ok ? await look(app, name, reached.value, wish) : reached
  const base = {
    id: newId(startedAt),
    repository: name,
    startedAt,
    endedAt: app.now(),
    way: repositoryOf(app, name).tool,
  }
  if (!looked.ok) {
    const reading: Reading = { ...base, problem: looked.problem }
    // We ended it ourselves: that says nothing about the repository.
    if (wish.signal.aborted) return { reading, snapshots: [] }
    await app.ledger.recordReading(reading)
    app.log.warn(
      { repository: name, problem: looked.problem.code },
      `reading of ${name} failed: ${looked.problem.message}`,
    )
    return { reading, snapshots: [] }
  }
  const { snapshots, locks, sizeBytes, toolVersion } = looked.value
  const reading: Reading = {
    ...base,
    snapshots: snapshots.length,
    ...(locks && { locks }),
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(toolVersion !== undefined && { toolVersion }),
  }
  await app.ledger.recordReading(reading, snapshots)
  app.log.debug({ repository: name, snapshots: snapshots.length }, `read ${name}: ${snapshots.length} snapshots`)
  return { reading, snapshots }
}

interface Looked {
  readonly snapshots: readonly Snapshot[]
  readonly locks?: readonly Lock[]
  readonly sizeBytes?: number
  readonly toolVersion?: string
}

async function look(
  app: App,
  name: string,
  { tool, access, repository }: Reached,
  wish: ReadingWish,
): Promise<Result<Looked>> {
  const io: OperationIo = { signal: wish.signal, timeLimitMs: repository.read.timeLimit }
  const version = await tool.version(access, io)
  if (!version.ok) return version
  const snapshots = await tool.snapshots(access, io)
  if (!snapshots.ok) return snapshots
  const locks = wish.locks ? await tool.locks(access, io) : undefined
  if (locks !== undefined && !locks.ok) return locks
  const measured = wish.stats ?? (wish.locks && (await statsDue(app, name, repository.read.statsEvery)))
  const stats = measured ? await tool.stats(access, io) : undefined
  if (stats !== undefined && !stats.ok) return stats
  return ok({
    snapshots: snapshots.value,
    toolVersion: version.value,
    ...(locks && { locks: locks.value }),
    ...(stats && { sizeBytes: stats.value.sizeBytes }),
  })
}

async function statsDue(app: App, name: string, everyMs: number): Promise<boolean> {
  const last = await app.ledger.lastSize(name)
  return last === undefined || app.now().getTime() - last.at.getTime() >= everyMs
}

/**
 * The end-to-end proof that a backup is there: an independent reading finds the snapshot the tool spoke of.
 * @param snapshotId As the tool printed it: whole, or a prefix with old versions.
 * @returns The full id, or `backup.unconfirmed`.
 */
export async function confirmSnapshot(
  app: App,
  name: string,
  snapshotId: string,
  wish: ReadingWish,
): Promise<Result<{ id: string; done: ReadingDone }>> {
  const done = await readRepository(app, name, wish)
  if (done.reading.problem !== undefined)
    return fail(
      unconfirmed(
        snapshotId,
        `the repository could not be read: ${done.reading.problem.message}`,
        done.reading.problem.next,
      ),
    )
  const found = done.snapshots.find((snapshot) => snapshot.id.startsWith(snapshotId))
  if (found === undefined)
    return fail(
      unconfirmed(
        snapshotId,
        'it is not in the repository',
        'Run the job again, and check the repository: muster check',
      ),
    )
  return ok({ id: found.id, done })
}

const unconfirmed = (snapshotId: string, why: string, next: string): Problem => ({
  code: 'backup.unconfirmed',
  message: `The tool reported the snapshot ${snapshotId.slice(0, 8)}, but ${why}.`,
  next,
  retry: 'soon',
})
