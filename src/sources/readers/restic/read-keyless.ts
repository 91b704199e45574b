/** A reading without any password: which files there are, and when they came. What is in them stays closed. */
import { fail, ok, type Result } from '../../../model/problem.ts'
import type { Lock, Snapshot } from '../../../model/snapshot.ts'
import { redactor } from '../../../system/redact.ts'
import { openStorage } from '../../storage/open.ts'
import type { Meter, StoredFile } from '../../storage/storage.ts'
import type { RepositoryAccess } from '../../tools/tool.ts'
import type { ReaderMemory } from './memory.ts'
import { type Asked, problemOfFault } from './problems.ts'
import { type NativeIo, type NativeReading, sizeOf } from './read.ts'

/** A config is some hundred bytes. */
const mostConfigBytes = 64 * 1024

export type KeylessIo = Pick<NativeIo, 'signal' | 'timeLimitMs' | 'locks' | 'size'> & { readonly now: Date }

/**
 * Lists a repository. The time of a file is the one its storage tells; where it tells none, that of the look that first saw it.
 *
 * @param known Snapshots that were seen before.
 * @returns Snapshots without host, user, tags and paths; locks without owner. Problems have the codes of the tool's adapter.
 */
export async function readKeyless(
  access: RepositoryAccess,
  known: ReadonlySet<string>,
  memory: ReaderMemory,
  { now, ...io }: KeylessIo,
): Promise<Result<NativeReading>> {
  const secrets = [access.url, ...Object.values(access.environment)]
  const asked: Asked = { name: access.name, timeLimitMs: io.timeLimitMs, redact: redactor(secrets) }
  const meter: Meter = { requests: 0, bytes: 0 }
  const { connections } = memory
  const opened = await openStorage(access, { ...io, meter, ...(connections && { connections }) })
  if (!opened.ok) return fail(problemOfFault(asked, opened.fault))
  await using storage = opened.value
  const [snapshots, locks] = await Promise.all([
    storage.list('snapshots', true),
    io.locks ? storage.list('locks', true) : ({ ok: true, value: [] } as const),
  ])
  if (!snapshots.ok) return fail(problemOfFault(asked, snapshots.fault))
  if (!locks.ok) return fail(problemOfFault(asked, locks.fault))
  if (snapshots.value.length === 0) {
    // An empty list may mean that there is no repository.
    const config = await storage.read('config', { mostBytes: mostConfigBytes })
    if (!config.ok) return fail(problemOfFault(asked, config.fault))
  }
  const size = io.size ? await sizeOf(storage, asked) : undefined
  if (size !== undefined && !size.ok) return size
  const fresh = snapshots.value
    .filter(({ name }) => !known.has(name))
    .map((file) => toSnapshot(file, now))
    .sort((a, b) => a.takenAt.getTime() - b.takenAt.getTime())
  const found = locks.value.map((file) => memory.locks(access).get(file.name) ?? toLock(file, now))
  if (io.locks) memory.keepLocks(access, found)
  return ok({
    snapshotIds: snapshots.value.map(({ name }) => name),
    isRecorded: false,
    fresh,
    damaged: [],
    ...(io.locks && { locks: found.toSorted((a, b) => a.takenAt.getTime() - b.takenAt.getTime()) }),
    ...(size?.value !== undefined && { sizeBytes: size.value }),
    ...meter,
  })
}

const toSnapshot = ({ name, modifiedAt }: StoredFile, now: Date): Snapshot => ({
  id: name,
  takenAt: modifiedAt ?? now,
  host: '',
  user: '',
  tags: [],
  paths: [],
})

const toLock = ({ name, modifiedAt }: StoredFile, now: Date): Lock => ({
  id: name,
  takenAt: modifiedAt ?? now,
  exclusive: false,
  host: '',
  user: '',
  pid: 0,
})
