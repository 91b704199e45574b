/** Each way a repository can be away, by its own code; and what a reading costs and remembers. */
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ReaderMemory } from '../../src/sources/readers/restic/index.ts'
import { makePlace, type Place } from '../real/place.ts'
import { accessTo, causeOf, goodReading, readingOf } from './reading.ts'
import { WrittenRepository } from './write-repository.ts'

const nobody = 65_534
let place: Place
let repository: WrittenRepository
let ids: string[]

beforeEach(() => {
  place = makePlace()
  repository = new WrittenRepository(place.at('repository'))
  repository.key('pw')
  ids = [repository.snapshot(), repository.snapshot({ hostname: 'beta' })]
})
afterEach(() => place[Symbol.dispose]())

const access = (password?: string) => accessTo(repository.folder, password)

/** As somebody for whom modes count: root may read everything. */
async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work()
  process.seteuid?.(nobody)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

describe('a repository that is away', () => {
  const away = async (known: readonly string[] = []): Promise<string> =>
    unprivileged(() => causeOf(access(), { known }))

  for (const restarted of [false, true])
    describe(restarted ? 'and was known' : 'and was never seen', () => {
      const known = () => (restarted ? ids : [])

      it('removed', async () => {
        rmSync(repository.folder, { recursive: true })
        expect(await away(known())).toBe('restic.no-repository')
      })
      it('renamed', async () => {
        renameSync(repository.folder, place.at('elsewhere'))
        expect(await away(known())).toBe('restic.no-repository')
      })
      it('an empty folder, as of a disk that is not mounted', async () => {
        rmSync(repository.folder, { recursive: true })
        mkdirSync(repository.folder)
        expect(await away(known())).toBe('restic.no-repository')
      })
      it('a file in its place', async () => {
        rmSync(repository.folder, { recursive: true })
        writeFileSync(repository.folder, 'x')
        expect(await away(known())).toBe('restic.no-repository')
      })
      it('no permission', async () => {
        chmodSync(repository.folder, 0)
        expect(await away(known())).toBe('restic.denied')
        chmodSync(repository.folder, 0o755)
        chmodSync(place.at('repository', 'snapshots'), 0)
        expect(await away(known())).toBe('restic.denied')
      })
      it('another repository with the same password', async () => {
        renameSync(repository.folder, place.at('elsewhere'))
        const first = await goodReading(accessTo(place.at('elsewhere')))
        const other = new WrittenRepository(repository.folder)
        other.key('pw')
        const second = await goodReading(access(), { known: known() })
        expect(second.repositoryId).toMatch(/^[0-9a-f]{64}$/)
        expect(second.repositoryId).not.toBe(first.repositoryId)
      })
    })

  it('wrong password, none, or no line', async () => {
    expect(await causeOf(access('wrong'))).toBe('restic.password')
    expect(await causeOf(access(''))).toBe('restic.no-password')
    expect(await causeOf(access('a\nb'))).toBe('restic.no-password')
    expect(await causeOf(access('pw\n'))).toBe('ok')
  })

  it('a version nobody knows, and a layout of old: left to the program', async () => {
    repository.config({ version: 3, id: 'ab'.repeat(32) })
    expect(await causeOf(access())).toBe('reader.unsupported')
    renameSync(place.at('repository', 'keys'), place.at('repository', 'key'))
    expect(await causeOf(access())).toBe('reader.unsupported')
  })

  it('a password that opens none of twenty keys, and one that opens the last', async () => {
    rmSync(place.at('repository', 'keys'), { recursive: true })
    mkdirSync(place.at('repository', 'keys'))
    for (let count = 0; count < 25; count += 1) repository.key(`${count}`)
    expect(await causeOf(access())).toBe('restic.password')
    const key = repository.key('pw')
    const read = await readingOf(accessTo(repository.folder, 'pw', { RESTIC_KEY_HINT: key.slice(0, 10) }))
    expect(read.ok).toBe(true)
  })

  it('cancelled', async () => {
    expect(await causeOf(access(), { signal: AbortSignal.abort() })).toBe('restic.interrupted')
  })
})

describe('a reading', () => {
  it('costs two listings when nothing changed, needs no key, and is warm after a restart', async () => {
    const cold = await goodReading(access())
    // Two listings, config, keys, one key, two snapshots.
    expect(cold).toMatchObject({ requests: 7, snapshotIds: expect.arrayContaining(ids) })
    expect(cold.fresh.map(({ host }) => host).sort()).toEqual(['alpha', 'beta'])
    // Another process, which has only the ledger; the password is not even looked at.
    const warm = await goodReading(access('wrong'), { known: ids })
    const nothing = { isRecorded: false, fresh: [], damaged: [], locks: [], requests: 2, bytes: 0 }
    expect(warm).toEqual({ snapshotIds: cold.snapshotIds, ...nothing })
    expect(await goodReading(access('wrong'), { known: ids, locks: false })).toMatchObject({ requests: 1 })
  })

  it('reads only what is new, with the key it remembers', async () => {
    const memory = new ReaderMemory()
    await goodReading(access(), { memory })
    const added = repository.snapshot({ hostname: 'gamma' })
    const more = await goodReading(access(), { memory, known: ids })
    // Two listings, config, keys, one snapshot.
    expect(more).toMatchObject({ requests: 5, fresh: [{ id: added, host: 'gamma' }] })
  })

  it('reads a lock once', async () => {
    const memory = new ReaderMemory()
    const lock = repository.lock({ exclusive: true })
    const first = await goodReading(access(), { memory, known: ids })
    expect(first.locks).toMatchObject([{ id: lock, exclusive: true, host: 'alpha', pid: 4711 }])
    const second = await goodReading(access(), { memory, known: ids })
    expect(second).toMatchObject({ requests: 2, locks: first.locks })
    repository.remove('locks', lock)
    expect(await goodReading(access(), { memory, known: ids })).toMatchObject({ requests: 2, locks: [] })
  })

  it('tells what is gone, and forgets what vanished while it was read', async () => {
    repository.remove('snapshots', ids[0] ?? '')
    expect((await goodReading(access(), { known: ids })).snapshotIds).toEqual([ids[1]])
  })

  it('derives the key anew when password or keys change', async () => {
    const memory = new ReaderMemory()
    await goodReading(access(), { memory })
    const old = repository.key('new')
    // Another list of keys: the old password still opens one of them.
    expect(await causeOf(access(), { memory })).toBe('ok')
    expect(await causeOf(access('guess'), { memory })).toBe('restic.password')
    expect(await causeOf(access('new'), { memory })).toBe('ok')
    repository.remove('keys', old)
    expect(await causeOf(access('new'), { memory })).toBe('restic.password')
    expect(await causeOf(access(), { memory })).toBe('ok')
  })

  it('opens it when that is to be proven, or when it remembers another password', async () => {
    const memory = new ReaderMemory()
    expect(await causeOf(access('wrong'), { known: ids, memory })).toBe('ok')
    expect(await causeOf(access('wrong'), { known: ids, memory, prove: true })).toBe('restic.password')
    expect(await causeOf(access(), { known: ids, memory, prove: true })).toBe('ok')
    expect(await goodReading(access(), { known: ids, memory })).toMatchObject({ requests: 2 })
    expect(await causeOf(access('wrong'), { known: ids, memory })).toBe('restic.password')
  })

  it('measures packs and indexes', async () => {
    const name = 'ef'.repeat(32)
    mkdirSync(place.at('repository', 'data', 'ef'))
    writeFileSync(place.at('repository', 'data', 'ef', name), Buffer.alloc(1_000))
    writeFileSync(place.at('repository', 'index', name), Buffer.alloc(24))
    expect(await goodReading(access(), { known: ids, size: true })).toMatchObject({ sizeBytes: 1_024 })
  })

  it('opens what is empty, so that a wrong password shows', async () => {
    for (const id of ids) repository.remove('snapshots', id)
    expect(await causeOf(access())).toBe('ok')
    expect(await causeOf(access('wrong'), { known: ids })).toBe('restic.password')
  })
})
