/** The reader against restic itself: random repositories, the same list field by field. `MUSTER_DEEP=1` makes 500 of them. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { ReaderMemory } from '../../src/sources/readers/restic/index.ts'
import { parseSnapshots } from '../../src/sources/tools/restic/snapshots.ts'
import { deep } from '../real/deep.ts'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { accessTo, goodReading } from './reading.ts'
import { WrittenRepository } from './write-repository.ts'

const versions = ['0.14', '0.18', '0.19'] as const
const limitMs = deep ? Number.POSITIVE_INFINITY : 40_000
const wanted = deep ? 500 : 90

/** Small numbers from a seed, so that a failure can be had again. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

type Restic = (version: string, ...args: string[]) => string

function resticIn(place: Place, password: () => string): Restic {
  return (version, ...args) =>
    execFileSync(program(`restic-${version}`), args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: place.path,
        RESTIC_REPOSITORY: place.at('repository'),
        RESTIC_PASSWORD: password(),
        RESTIC_CACHE_DIR: place.at('cache'),
        RESTIC_PROGRESS_FPS: '0.1',
      },
    })
}

/** A repository with a random life. Keys are cheap ones of our own writer, so that hundreds of them are affordable. */
function liveOn(place: Place, seed: number): { readonly password: string; readonly version: string } {
  const roll = dice(seed)
  let password = 'pw'
  const restic = resticIn(place, () => password)
  const any = (): string => versions[roll(versions.length)] as string
  const written = new WrittenRepository(place.at('repository'), roll(3) === 0 ? 1 : 2)
  written.key(password)
  if (roll(3) === 0) written.key('another')
  mkdirSync(place.at('source'))
  const compression = (version: string): string[] =>
    written.version === 2 && roll(2) === 0 && version !== ''
      ? ['--compression', ['auto', 'off', 'max'][roll(3)] ?? '']
      : []
  const steps = 2 + roll(5)
  for (let step = 0; step < steps; step += 1) {
    writeFileSync(place.at('source', `file ${roll(4)}`), `content ${seed} ${step} ${'x'.repeat(roll(3_000))}`)
    const version = any()
    const tags = Array.from({ length: roll(3) }, (_, at) => [
      '--tag',
      ['täg', 'a b', '"quoted"', 'daily'][(at + roll(3)) % 4] ?? '',
    ]).flat()
    const host = roll(2) === 0 ? ['--host', ['alpha', 'höst', 'b-2'][roll(3)] ?? ''] : []
    const time = roll(3) === 0 ? ['--time', `20${10 + roll(15)}-0${1 + roll(9)}-1${roll(10)} 03:04:05`] : []
    restic(version, 'backup', place.at('source'), ...tags, ...host, ...time, ...compression(version))
  }
  const ids = (): string[] => readdirSync(place.at('repository', 'snapshots')).sort()
  const pick = (): string => ids()[roll(ids().length)] ?? ''
  const lives: (() => unknown)[] = [
    () => restic(any(), 'tag', '--add', 'later', pick()),
    () => restic(any(), 'tag', '--set', 'only,these', pick()),
    () => restic(any(), 'forget', pick()),
    () => restic('0.18', 'rewrite', '--exclude', 'file 0', pick()),
    () => restic('0.19', 'rewrite', '--forget', '--new-host', 'renamed', '--new-time', '2020-02-02 02:02:02', pick()),
    () => restic(any(), 'forget', '--keep-last', '2', '--prune'),
    () => {
      writeFileSync(place.at('new-password'), 'changed')
      restic(any(), 'key', 'passwd', '--new-password-file', place.at('new-password'))
      password = 'changed'
    },
  ]
  for (let turn = roll(3); turn > 0; turn -= 1) {
    // The last one alone is expensive (restic makes a real key), so it is rare.
    const at = roll(13)
    lives[at === 12 ? 6 : at % 6]?.()
  }
  return { password, version: any() }
}

const comparable = (snapshots: readonly Omit<Snapshot, 'program'>[]): unknown[] =>
  snapshots
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((snapshot) => ({ ...snapshot, takenAt: snapshot.takenAt.toISOString() }))

async function compared(place: Place, password: string, version: string): Promise<number> {
  const restic = resticIn(place, () => password)
  const printed = restic(version, 'snapshots', '--json', '--no-lock')
    .trim()
    .split('\n')
    .findLast((line) => line.startsWith('['))
  const theirs = parseSnapshots(JSON.parse(printed ?? 'null')) ?? []
  const access = accessTo(place.at('repository'), password)
  const memory = new ReaderMemory()
  const cold = await goodReading(access, { memory })
  // 0.14 prints only the fields it knows; the reader gives what stands in the file, whoever asks.
  const ours =
    version === '0.14'
      ? cold.fresh.map(({ files: _, sizeBytes: __, program: ___, finishedAt: ____, counters: _____, ...rest }) => rest)
      : cold.fresh
  expect(comparable(ours)).toEqual(comparable(theirs))
  expect(cold.damaged).toEqual([])
  expect([...cold.snapshotIds].sort()).toEqual(theirs.map(({ id }) => id).sort())
  // Some known before: only the others are read.
  const known = cold.snapshotIds.filter((_, at) => at % 2 === 0)
  const rest = await goodReading(access, { known, memory })
  expect([...rest.snapshotIds].sort()).toEqual([...cold.snapshotIds].sort())
  expect(rest.fresh.length).toBe(cold.snapshotIds.length - known.length)
  return theirs.length
}

describe('the reader agrees with restic', () => {
  it('on random repositories', { timeout: 3_600_000 }, async () => {
    const startedAt = performance.now()
    let [repositories, snapshots] = [0, 0]
    for (let seed = 1; seed <= wanted && performance.now() - startedAt < limitMs; seed += 1) {
      using place = makePlace()
      const { password, version } = liveOn(place, seed)
      snapshots += await compared(place, password, version).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error })
      })
      repositories += 1
    }
    console.log(
      `agreement: ${repositories} repositories, ${snapshots} snapshots, ${Math.round((performance.now() - startedAt) / 1000)} s`,
    )
    expect(repositories).toBeGreaterThanOrEqual(deep ? wanted : 20)
  })

  for (const version of versions)
    it(`on a repository that ${version} made itself, of each format, with several keys`, async () => {
      for (const format of ['1', '2']) {
        using place = makePlace()
        const restic = resticIn(place, () => 'pw')
        restic(version, 'init', '--repository-version', format)
        writeFileSync(place.at('second'), 'second')
        restic(version, 'key', 'add', '--new-password-file', place.at('second'))
        mkdirSync(place.at('source'))
        expect(await compared(place, 'pw', version)).toBe(0)
        writeFileSync(place.at('source', 'file'), 'content')
        restic(version, 'backup', place.at('source'), '--tag', 'a,b')
        expect(await compared(place, 'pw', version)).toBe(1)
        expect(await compared(place, 'second', version)).toBe(1)
      }
    })
})
