/** What tells that a repository on a disk of this machine did not change, and what must not. */
import { chmodSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ReaderMemory } from '../../src/sources/readers/restic/index.ts'
import { stampOf } from '../../src/sources/storage/local/stamp.ts'
import { watchSnapshots } from '../../src/sources/storage/local/watch.ts'
import { makePlace } from '../real/place.ts'
import { until } from '../real/wait.ts'
import { accessTo, causeOf, goodReading } from './reading.ts'
import { WrittenRepository } from './write-repository.ts'

/** Long after anything that a test does. */
const later = (): number => Date.now() + 3_600_000

function made(root: string): WrittenRepository {
  const repository = new WrittenRepository(root)
  repository.key('pw')
  for (let at = 0; at < 3; at += 1) repository.snapshot({ hostname: `h${at}` })
  return repository
}

describe('the stamp of a repository', () => {
  it('is the same until a file comes or goes, or the config is written', async () => {
    using place = makePlace()
    const root = place.at('repository')
    const repository = made(root)
    const stamps = new Set<string | undefined>()
    const changes = [
      () => {},
      () => repository.snapshot({ hostname: 'new' }),
      () => repository.lock(),
      () => repository.key('second'),
      () => repository.config({ version: 2, id: 'ab'.repeat(32), chunker_polynomial: '25b468838dcb75' }),
      // Somebody who sets the times of a folder back cannot set back when that was.
      () => {
        repository.snapshot({ hostname: 'hidden' })
        utimesSync(join(root, 'snapshots'), 1, 1)
      },
    ]
    for (const change of changes) {
      change()
      const stamp = await stampOf(root, later())
      expect(stamp).toBeDefined()
      expect(stamps.has(stamp)).toBe(false)
      stamps.add(stamp)
      expect(await stampOf(root, later())).toBe(stamp)
    }
  })

  it('is none while something changed just now, where a folder is missing, and on what is no disk of this machine', async () => {
    using place = makePlace()
    const root = place.at('repository')
    made(root)
    expect(await stampOf(root, Date.now())).toBeUndefined()
    renameSync(join(root, 'locks'), join(root, 'gone'))
    expect(await stampOf(root, later())).toBeUndefined()
    expect(await stampOf('/proc/self', later())).toBeUndefined()
    expect(await stampOf(place.at('nowhere'), later())).toBeUndefined()
  })
})

describe('a reading that trusts the times of folders', () => {
  it('lists nothing where nothing changed, and everything where something did', async () => {
    using place = makePlace()
    const root = place.at('repository')
    const repository = made(root)
    const settle = () => {
      for (const name of ['snapshots', 'locks', 'keys', 'config']) utimesSync(join(root, name), 1, 1)
    }
    const memory = new ReaderMemory()
    const access = accessTo(root)
    settle()
    // The kernel's clock marks what was just written; until it is old enough every look is whole.
    let known: readonly string[] = []
    const look = async (recorded = known) => {
      const reading = await goodReading(access, {
        memory,
        known,
        recorded,
        trustTimes: true,
        marks: { knownKeys: new Set() },
      })
      known = reading.snapshotIds
      return reading
    }
    await look()
    await until('the times have settled', async () => (await look()).requests === 1, 10_000)
    expect(await look()).toMatchObject({ requests: 1, bytes: 0, fresh: [], snapshotIds: known, locks: [] })
    // What was not recorded as it was given has to be listed.
    expect((await look([...known])).requests).toBeGreaterThan(1)
    expect((await look()).requests).toBe(1)
    const id = repository.snapshot({ hostname: 'new' })
    const next = await look()
    expect(next.requests).toBeGreaterThan(1)
    expect(next.fresh.map((one) => one.id)).toEqual([id])
    // Whoever does not trust them lists.
    expect((await goodReading(access, { memory, known, recorded: known })).requests).toBeGreaterThan(1)
  })
})

describe('a watch', () => {
  it('hears of snapshots that come and go, not of half-written ones, and ends', async () => {
    using place = makePlace()
    const root = place.at('repository')
    const repository = made(root)
    let heard = 0
    const end = await watchSnapshots(root, () => {
      heard += 1
    })
    expect(end).toBeDefined()
    const id = repository.snapshot({ hostname: 'new' })
    await until('it was heard', () => heard > 0)
    const before = heard
    writeFileSync(join(root, 'snapshots', `${id}-restic-temp-1`), 'half')
    repository.remove('snapshots', id)
    await until('the removal was heard', () => heard > before)
    end?.()
    expect(await watchSnapshots(place.at('nowhere'), () => {})).toBeUndefined()
    mkdirSync(place.at('empty'))
    chmodSync(place.at('empty'), 0o700)
    expect(await watchSnapshots(place.at('empty'), () => {})).toBeUndefined()
    expect(await watchSnapshots('/proc/self', () => {})).toBeUndefined()
  })
})

describe('a key that goes while its password is in use', () => {
  it('is noticed at the next reading, though nothing else is new', async () => {
    using place = makePlace()
    const repository = new WrittenRepository(place.at('repository'))
    const key = repository.key('pw')
    const ids = [repository.snapshot()]
    const memory = new ReaderMemory()
    const access = accessTo(place.at('repository'))
    const marks = { knownKeys: new Set<string>() }
    await goodReading(access, { memory, marks })
    expect(await causeOf(access, { memory, marks, known: ids })).toBe('ok')
    repository.key('another')
    expect(await causeOf(access, { memory, marks, known: ids })).toBe('ok')
    rmSync(join(place.at('repository'), 'keys', key))
    expect(await causeOf(access, { memory, marks, known: ids })).toBe('restic.password')
  })
})
