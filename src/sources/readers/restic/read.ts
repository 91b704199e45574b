/** One reading of a repository: what is listed, and the content of what was not known before. No lock, no write. */
import { hash } from 'node:crypto'
import { fail, ok, type Result } from '../../../model/problem.ts'
import type { Lock, Snapshot } from '../../../model/snapshot.ts'
import { redactor } from '../../../system/redact.ts'
import { openStorage, stampOf } from '../../storage/open.ts'
import type { FileType, Meter, Storage, StoredFile } from '../../storage/storage.ts'
import { toLock, toSnapshot } from '../../tools/restic/records.ts'
import type { RepositoryAccess } from '../../tools/tool.ts'
import { keyCreatedAt, mostKeyBytes, parseJson } from './key-file.ts'
import type { Opened, ReaderMemory } from './memory.ts'
import { type Entrance, openRepository, readEntrance, readWhole } from './open-repository.ts'
import { type Asked, problemOfFault } from './problems.ts'
import { mostPlainBytes, unpack } from './unpacked.ts'

export interface NativeIo {
  readonly signal: AbortSignal
  readonly timeLimitMs?: number
  /** Look at the locks too: one more listing, and a read for each that is new. */
  readonly locks: boolean
  /** Measure the stored bytes: a listing of all packs with their sizes. */
  readonly size: boolean
  /** Open the repository even when nothing new needs its key: the only way to know that the password still does. */
  readonly prove: boolean
  /** Look at keys and config too, for the history; keys named here were looked into before. */
  readonly marks?: { readonly knownKeys: ReadonlySet<string> }
  /** The very list of snapshots that an earlier reading gave and the caller recorded; where nothing changed since, it is given again. */
  readonly recorded?: readonly string[]
  /** Whether the caller has recorded just these snapshots, in an earlier life perhaps: cheaper to ask than for all it knows. */
  isRecorded?(ids: readonly string[]): Promise<boolean>
  /** Change times of folders may tell that nothing changed; then nothing is listed. Default: no. */
  readonly trustTimes?: boolean
}

/** A file that is there and is not what was written. */
export interface Damage {
  readonly type: 'snapshots' | 'locks'
  readonly id: string
  readonly why: string
}

export interface NativeReading {
  /** Absent when nothing needed the key, so that the config was not opened. */
  readonly repositoryId?: string
  /** All that are there, whether known before, fresh or damaged. */
  readonly snapshotIds: readonly string[]
  /** The caller has recorded just these. */
  readonly isRecorded: boolean
  /** Those that were not known before, oldest first. */
  readonly fresh: readonly Snapshot[]
  readonly damaged: readonly Damage[]
  /** Oldest first; when asked for. */
  readonly locks?: readonly Lock[]
  /** Of packs and indexes; when asked for. */
  readonly sizeBytes?: number
  /** When asked for. `createdAt` of keys that were not known, as they claim it. */
  readonly keys?: readonly { readonly id: string; readonly createdAt?: Date }[]
  /** SHA-256 of the stored config; when asked for. */
  readonly configHash?: string
  readonly requests: number
  readonly bytes: number
}

/**
 * Reads a repository.
 *
 * @param known Snapshots whose content the caller has, asked for when a listing is not the recorded one; they are not read again, because a file never changes.
 * @returns `reader.unsupported` for what only the program can judge; other problems have the codes of the tool's adapter. A
 * damaged snapshot is no problem here: it is in `damaged`, and all others are read.
 */
export async function readNative(
  access: RepositoryAccess,
  known: Known,
  memory: ReaderMemory,
  io: NativeIo,
): Promise<Result<NativeReading>> {
  const stamp = io.trustTimes === true ? await stampOf(access) : undefined
  const same = stamp === undefined ? undefined : sameAsBefore(access, memory, stamp, io)
  if (same !== undefined) return ok(same)
  const secrets = [access.password, access.url, ...Object.values(access.environment)]
  const asked: Asked = { name: access.name, timeLimitMs: io.timeLimitMs, redact: redactor(secrets) }
  const meter: Meter = { requests: 0, bytes: 0 }
  const { connections } = memory
  const opened = await openStorage(access, { ...io, meter, ...(connections && { connections }) })
  if (!opened.ok) return fail(problemOfFault(asked, opened.fault))
  await using storage = opened.value
  const read = await readStorage(storage, access, known, memory, io, asked)
  if (read.ok && read.value.damaged.length === 0 && stamp !== undefined && io.locks && io.marks !== undefined)
    memory.keepListing(access, { ...read.value, stamp, atMs: performance.now() })
  else memory.keepListing(access, undefined)
  return read.ok ? ok({ ...read.value, ...meter }) : read
}

/** A look at change times instead of a listing counts as one request. */
function sameAsBefore(
  access: RepositoryAccess,
  memory: ReaderMemory,
  stamp: string,
  io: NativeIo,
): NativeReading | undefined {
  if (io.recorded === undefined || io.size || io.prove || memory.hasOtherPassword(access)) return undefined
  const known = memory.listing(access, stamp, performance.now())
  // What was read and could not be recorded has to be read again.
  if (known === undefined || known.snapshotIds !== io.recorded) return undefined
  const { stamp: _, atMs: __, ...listing } = known
  return { ...listing, isRecorded: true, fresh: [], damaged: [], requests: 1, bytes: 0 }
}

/** Ids of snapshots whose content the caller has. */
export type Known = () => Promise<ReadonlySet<string>>

type Read = Omit<NativeReading, 'requests' | 'bytes'>

async function readStorage(
  storage: Storage,
  access: RepositoryAccess,
  known: Known,
  memory: ReaderMemory,
  io: NativeIo,
  asked: Asked,
): Promise<Result<Read>> {
  const nothing = { ok: true, value: [] } as const
  const [snapshots, lockFiles, entrance] = await Promise.all([
    storage.list('snapshots'),
    io.locks ? storage.list('locks') : nothing,
    io.marks === undefined ? undefined : readEntrance(storage),
  ])
  if (!snapshots.ok) return fail(problemOfFault(asked, snapshots.fault))
  if (!lockFiles.ok) return fail(problemOfFault(asked, lockFiles.fault))
  const isSame = io.recorded !== undefined && isSameList(snapshots.value, io.recorded)
  const present = isSame && io.recorded !== undefined ? io.recorded : snapshots.value.map(({ name }) => name)
  const isRecorded = isSame || (io.recorded === undefined && (await io.isRecorded?.(present)) === true)
  const unknown = isRecorded ? [] : await unknownOf(present, known)
  const knownLocks = memory.locks(access)
  const newLocks = lockFiles.value.map(({ name }) => name).filter((id) => !knownLocks.has(id))

  let [fresh, locks, id]: [Files<Snapshot>, Files<Lock>, string | undefined] = [none, none, undefined]
  const isNew = unknown.length > 0 || newLocks.length > 0
  // An empty list may mean that there is no repository, so that one is always opened.
  const keyIds = entrance?.keys.ok === true ? entrance.keys.value.map(({ name }) => name).sort() : undefined
  const isRekeyed = memory.hasOtherPassword(access) || (keyIds !== undefined && memory.hasOtherKeys(access, keyIds))
  if (isNew || present.length === 0 || io.prove || isRekeyed) {
    const repository = await openRepository(storage, access, memory, asked, entrance)
    if (!repository.ok) return repository
    id = repository.value.id
    const [freshRead, locksRead] = await Promise.all([
      readFiles(storage, repository.value, 'snapshots', unknown, toSnapshot, asked),
      readFiles(storage, repository.value, 'locks', newLocks, toLock, asked),
    ])
    if (!freshRead.ok) return freshRead
    if (!locksRead.ok) return locksRead
    fresh = freshRead.value
    locks = locksRead.value
  }
  const size = io.size ? await sizeOf(storage, asked) : undefined
  if (size !== undefined && !size.ok) return size
  const marks = await readMarks(storage, entrance, io.marks?.knownKeys, asked)
  if (!marks.ok) return marks
  const here = new Set(lockFiles.value.map(({ name }) => name))
  const allLocks = [...[...knownLocks.values()].filter((lock) => here.has(lock.id)), ...locks.found].sort(byTime)
  if (io.locks) memory.keepLocks(access, allLocks)
  const vanished = new Set(fresh.vanished)
  return ok({
    ...(id !== undefined && { repositoryId: id }),
    isRecorded: isRecorded && vanished.size === 0,
    snapshotIds: vanished.size === 0 ? present : present.filter((one) => !vanished.has(one)),
    fresh: fresh.found.toSorted(byTime),
    damaged: [...fresh.damaged, ...locks.damaged],
    ...(io.locks && { locks: allLocks }),
    ...(size?.value !== undefined && { sizeBytes: size.value }),
    ...marks.value,
  })
}

async function unknownOf(ids: readonly string[], known: Known): Promise<readonly string[]> {
  const all = await known()
  return ids.filter((id) => !all.has(id))
}

/** In the same order, as a folder or server that did not change lists it: far cheaper than to look each one up. */
function isSameList(files: readonly StoredFile[], ids: readonly string[]): boolean {
  if (idsOf.get(files) === ids) return true
  if (files.length !== ids.length) return false
  for (let at = 0; at < files.length; at += 1) if (files[at]?.name !== ids[at]) return false
  idsOf.set(files, ids)
  return true
}
/** Storages give the same list again where nothing changed. */
const idsOf = new WeakMap<readonly StoredFile[], readonly string[]>()

/** Keys of a repository are few; what is beyond these is listed and not looked into. */
const mostKeysRead = 20

async function readMarks(
  storage: Storage,
  entrance: Entrance | undefined,
  knownKeys: ReadonlySet<string> = new Set(),
  asked: Asked,
): Promise<Result<Pick<NativeReading, 'keys' | 'configHash'>>> {
  if (entrance === undefined) return ok({})
  const { config, keys } = entrance
  if (!config.ok) return fail(problemOfFault(asked, config.fault))
  if (!keys.ok) return fail(problemOfFault(asked, keys.fault))
  const fresh = keys.value.filter(({ name }) => !knownKeys.has(name)).slice(0, mostKeysRead)
  const created = new Map<string, Date>()
  await Promise.all(
    fresh.map(async ({ name }) => {
      // One that cannot be read is no reason to know nothing of the others; opening with it will tell.
      const file = await storage.read({ type: 'keys', name }, { mostBytes: mostKeyBytes })
      const at = file.ok ? keyCreatedAt(file.value) : undefined
      if (at !== undefined) created.set(name, at)
    }),
  )
  const found = keys.value.map(({ name }) => {
    const createdAt = created.get(name)
    return { id: name, ...(createdAt && { createdAt }) }
  })
  return ok({ keys: found, configHash: hash('sha256', config.value, 'hex') })
}

const byTime = (a: { readonly takenAt: Date }, b: { readonly takenAt: Date }): number =>
  a.takenAt.getTime() - b.takenAt.getTime()

interface Files<T> {
  readonly found: readonly T[]
  readonly damaged: readonly Damage[]
  /** Listed, and gone when they were to be read. */
  readonly vanished: readonly string[]
}
const none = { found: [], damaged: [], vanished: [] }

/** Reads small sealed files, as many at once as the storage allows. What is damaged spoils none of the others. */
async function readFiles<T>(
  storage: Storage,
  { master, version }: Opened,
  type: FileType & Damage['type'],
  ids: readonly string[],
  parse: (id: string, value: unknown) => T | undefined,
  asked: Asked,
): Promise<Result<Files<T>>> {
  const found: T[] = []
  const damaged: Damage[] = []
  const vanished: string[] = []
  let failure: Result<never> | undefined
  const readOne = async (id: string): Promise<void> => {
    if (failure !== undefined) return
    const file = await readWhole(storage, { type, name: id }, id, mostPlainBytes)
    const spoilt = (why: string): void => void damaged.push({ type, id, why })
    if (!file.ok) {
      if (file.fault.kind === 'missing') vanished.push(id)
      else if (file.fault.kind === 'too-large' || file.fault.kind === 'cut')
        spoilt(`${file.fault.kind}: ${file.fault.detail}`)
      else failure ??= fail(problemOfFault(asked, file.fault))
      return
    }
    if (file.value === undefined) return spoilt('its bytes do not make its name')
    // A power failure leaves empty locks; restic ignores them since 0.15.1.
    if (type === 'locks' && file.value.length === 0) return
    const sealed = master.open(file.value)
    if (sealed === undefined) return spoilt('it was not sealed with the key of this repository')
    const plain = unpack(version, sealed)
    if (!plain.ok) return spoilt(plain.why)
    const value = parse(id, parseJson(plain.value))
    if (value === undefined) return spoilt('its content is not understood')
    found.push(value)
  }
  await Promise.all(ids.map(readOne))
  return failure ?? ok({ found, damaged, vanished })
}

/** What the repository stores: packs and indexes; the rest is next to nothing. Undefined where a server tells no sizes. */
export async function sizeOf(storage: Storage, asked: Asked): Promise<Result<number | undefined>> {
  let sum: number | undefined = 0
  for (const type of ['data', 'index'] as const) {
    const files = await storage.list(type, true)
    if (!files.ok) return fail(problemOfFault(asked, files.fault))
    for (const { sizeBytes } of files.value)
      sum = sum === undefined || sizeBytes === undefined ? undefined : sum + sizeBytes
  }
  return ok(sum)
}
