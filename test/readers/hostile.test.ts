/** Repositories made to hurt their reader: each is answered soon, with little memory, and never with a wrong number. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { toSnapshot } from '../../src/sources/tools/restic/records.ts'
import { makePlace, type Place } from '../real/place.ts'
import { accessTo, causeOf, goodReading } from './reading.ts'
import { snapshotJson, WrittenRepository } from './write-repository.ts'

let place: Place
let repository: WrittenRepository
let good: string
beforeEach(() => {
  place = makePlace()
  repository = new WrittenRepository(place.at('repository'))
  repository.key('pw')
  good = repository.snapshot()
})
afterEach(() => place[Symbol.dispose]())

/** Read within five seconds and 320 MB, with what the collector has not taken yet; the good snapshot is read all the same. */
async function damagedIn(): Promise<readonly string[]> {
  const [startedAt, before] = [performance.now(), process.memoryUsage.rss()]
  const read = await goodReading(accessTo(repository.folder))
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  expect(process.memoryUsage.rss() - before).toBeLessThan(320 * 1024 * 1024)
  expect(read.fresh.map(({ id }) => id)).toContain(good)
  return read.damaged.map(({ why }) => why)
}

it('a few bytes that claim to be a gigabyte', async () => {
  for (let copy = 0; copy < 3; copy += 1) repository.sealed('snapshots', Buffer.alloc(1_000_000_000 + copy), true)
  expect(await damagedIn()).toEqual(['too large', 'too large', 'too large'])
})

it('JSON a million deep', async () => {
  const deep = (open: string, close: string, count: number) => open.repeat(count) + close.repeat(count)
  repository.sealed('snapshots', Buffer.from(deep('[', ']', 1_000_000)), true)
  repository.sealed('snapshots', Buffer.from(deep('{"a":', '}', 300_000)), true)
  repository.sealed(
    'snapshots',
    Buffer.from(`{"time":"2026-11-21T00:00:00Z","paths":${deep('[', ']', 1_000_000)}}`),
    true,
  )
  // The last is a snapshot whose paths are none, which is told as such.
  expect((await damagedIn()).length).toBeGreaterThanOrEqual(2)
})

it('ten million tags', async () => {
  const tags = Buffer.from(`{"time":"2026-11-21T00:00:00Z","tags":[${'"",'.repeat(9_999_999)}""]}`)
  repository.sealed('snapshots', tags, true)
  expect(await damagedIn()).toEqual([])
})

it('keys that would take all memory or all day', async () => {
  const costly = new WrittenRepository(place.at('costly'))
  for (const more of [{ N: 2 ** 30, r: 8 }, { N: 32_768, r: 8, p: 2 ** 20 }, { r: 2 ** 40 }]) costly.key('pw', { more })
  costly.snapshot()
  const startedAt = performance.now()
  expect(await causeOf(accessTo(costly.folder))).toBe('reader.costly-key')
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  costly.key('pw')
  expect(await causeOf(accessTo(costly.folder))).toBe('ok')
})

it('files that are none', async () => {
  execFileSync('mkfifo', [place.at('repository', 'snapshots', 'f0'.repeat(32))])
  mkdirSync(place.at('repository', 'snapshots', 'f1'.repeat(32)))
  symlinkSync('/dev/zero', place.at('repository', 'snapshots', 'f2'.repeat(32)))
  expect((await damagedIn()).length).toBe(3)
})

const numbers = ['9007199254740993', '1e400', '-1', '-0.5', '1.5', '"7"', 'null', '[]', '1e308', '9007199254740992']
for (const number of numbers)
  it(`a size of ${number} is no size`, async () => {
    const summary = `{"total_bytes_processed":${number},"total_files_processed":${number}}`
    const text = JSON.stringify(snapshotJson({ hostname: 'gamma', summary: 'HERE' })).replace('"HERE"', summary)
    const id = repository.sealed('snapshots', Buffer.from(text), true)
    const snapshot = (await goodReading(accessTo(repository.folder))).fresh.find((one) => one.id === id)
    expect(snapshot).toMatchObject({ host: 'gamma' })
    expect(snapshot).not.toHaveProperty('sizeBytes')
    expect(snapshot).not.toHaveProperty('files')
  })

it('any JSON at all is a snapshot with a time, or none', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record({
      time: fc.oneof(fc.string(), fc.jsonValue(), fc.constant('2026-11-21T00:00:00Z')),
      tags: fc.jsonValue(),
      summary: fc.jsonValue(),
    }),
  )
  fc.assert(
    fc.property(value, (document) => {
      const snapshot = toSnapshot('id', document)
      if (snapshot === undefined) return
      expect(Number.isFinite(snapshot.takenAt.getTime())).toBe(true)
      expect(snapshot.sizeBytes === undefined || Number.isSafeInteger(snapshot.sizeBytes)).toBe(true)
      expect([...snapshot.tags, ...snapshot.paths].every((text) => typeof text === 'string')).toBe(true)
    }),
    { numRuns: 20_000 },
  )
  expect(Object.getPrototypeOf({})).toBe(Object.prototype)
})
