/** Every bit of every file the reader looks at, every cut, and files that took each other's place. */
import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { makePlace, type Place } from '../real/place.ts'
import { accessTo, goodReading, readingOf } from './reading.ts'
import { WrittenRepository } from './write-repository.ts'

const counted = { flips: 0, cuts: 0 }

const shapes = [
  { name: 'version 1', version: 1, compress: false },
  { name: 'version 2, compressed', version: 2, compress: true },
  { name: 'version 2, plain', version: 2, compress: false },
] as const

afterAll(() => console.log(`damage: ${counted.flips} bits flipped, ${counted.cuts} cuts, all found`))

describe.each(shapes)('a repository of $name', ({ version, compress }) => {
  let place: Place
  let repository: WrittenRepository
  let key: string
  let snapshots: string[]
  let lock: string

  beforeEach(() => {
    place = makePlace()
    repository = new WrittenRepository(place.at('repository'), version)
    key = repository.key('pw')
    snapshots = [repository.snapshot({}, compress), repository.snapshot({ hostname: 'beta' }, compress)]
    lock = repository.lock({}, compress)
    return () => place[Symbol.dispose]()
  })

  /** What is found when this file is damaged; nothing else may be said, and all that is whole is read. */
  const foundIn = async (path: string): Promise<string> => {
    const read = await readingOf(accessTo(repository.folder))
    if (!read.ok) return read.problem.code
    const { fresh, damaged, locks } = read.value
    for (const snapshot of fresh)
      expect([snapshots[0] === snapshot.id ? 'alpha' : 'beta', 7, ['daily']]).toEqual([
        snapshot.host,
        snapshot.sizeBytes,
        snapshot.tags,
      ])
    expect(fresh.length + damaged.filter(({ type }) => type === 'snapshots').length).toBe(2)
    expect((locks?.length ?? 0) + damaged.filter(({ type }) => type === 'locks').length).toBeLessThanOrEqual(1)
    expect(damaged.every(({ id }) => path.endsWith(id))).toBe(true)
    return damaged.map(({ type }) => type).join()
  }

  const wanted = { config: 'restic.damaged', key: 'restic.damaged', snapshot: 'snapshots', lock: 'locks' }
  const pathOf = (what: keyof typeof wanted): string =>
    ({
      config: place.at('repository', 'config'),
      key: place.at('repository', 'keys', key),
      snapshot: place.at('repository', 'snapshots', snapshots[0] ?? ''),
      lock: place.at('repository', 'locks', lock),
    })[what]

  it('is read when nothing is wrong', async () => {
    expect(await foundIn('')).toBe('')
  })

  for (const what of ['config', 'key', 'snapshot', 'lock'] as const) {
    it(`shows every flipped bit of its ${what}`, async () => {
      const path = pathOf(what)
      const whole = readFileSync(path)
      for (let bit = 0; bit < whole.length * 8; bit += 1) {
        const flipped = Buffer.from(whole)
        flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        writeFileSync(path, flipped)
        expect([bit, await foundIn(path)]).toEqual([bit, wanted[what]])
        counted.flips += 1
      }
    })

    it(`shows every cut of its ${what}, and what was added`, async () => {
      const path = pathOf(what)
      const whole = readFileSync(path)
      for (let length = 0; length < whole.length; length += 1) {
        writeFileSync(path, whole.subarray(0, length))
        // An empty lock is what a power failure leaves; restic passes over it as well.
        const want = what === 'lock' && length === 0 ? '' : wanted[what]
        expect([length, await foundIn(path)]).toEqual([length, want])
        counted.cuts += 1
      }
      for (const more of [Buffer.from('\n'), Buffer.alloc(1), randomBytes(100), whole]) {
        writeFileSync(path, Buffer.concat([whole, more]))
        expect(await foundIn(path)).toBe(wanted[what])
      }
    })
  }

  it('shows files that changed places', async () => {
    const [a, b] = snapshots.map((id) => place.at('repository', 'snapshots', id)) as [string, string]
    renameSync(a, place.at('aside'))
    renameSync(b, a)
    renameSync(place.at('aside'), b)
    const read = await goodReading(accessTo(repository.folder))
    expect(read.fresh).toEqual([])
    expect(read.damaged.map(({ id }) => id).sort()).toEqual([...snapshots].sort())
    expect([...read.snapshotIds].sort()).toEqual([...snapshots].sort())
  })

  it('shows a file under a second name', async () => {
    const copy = 'c0'.repeat(32)
    repository.raw('snapshots', readFileSync(pathOf('snapshot')), copy)
    const read = await goodReading(accessTo(repository.folder))
    expect(read.fresh.map(({ id }) => id).sort()).toEqual([...snapshots].sort())
    expect(read.damaged).toMatchObject([{ type: 'snapshots', id: copy }])
  })

  it('shows what was sealed with the key of another repository, or is no snapshot', async () => {
    const other = new WrittenRepository(place.at('other'), version)
    const foreign = repository.raw('snapshots', readFileSync(place.at('other', 'snapshots', other.snapshot())))
    const strange = ['[]', '{}', '{"time":"yesterday"}', 'x'].map((text) =>
      repository.sealed('snapshots', Buffer.from(text), compress),
    )
    // The name of a lock in the folder of snapshots: well sealed, and no snapshot in what it holds but a time.
    const read = await goodReading(accessTo(repository.folder))
    expect(read.fresh.length).toBe(2)
    expect(read.damaged.map(({ id }) => id).sort()).toEqual([foreign, ...strange].sort())
  })

  it('is read past a damaged key when another one opens', async () => {
    repository.raw('keys', Buffer.from('{"kdf":"scrypt"}'), '00'.repeat(32))
    repository.raw('keys', Buffer.from('no key at all'))
    repository.key('somebody else')
    expect(await foundIn('')).toBe('')
  })
})
