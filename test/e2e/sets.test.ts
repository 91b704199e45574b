/** Repositories that others write: what is expected of their sets, and how sets are told apart. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RepositoryStanding } from '../../src/model/standing.ts'
import { WrittenRepository } from '../readers/write-repository.ts'
import { program } from '../real/programs.ts'
import { makeWorkspace, type Workspace } from './workspace.ts'

const day = 86_400_000
let space: Workspace
let repository: WrittenRepository
beforeEach(() => {
  space = makeWorkspace(program('restic-0.19'))
  repository = new WrittenRepository(space.repository)
  repository.key('canary-7d21-password')
})
afterEach(() => space[Symbol.dispose]())

let count = 0
const put = (days: number, more: object = {}): string =>
  repository.snapshot({
    time: new Date(Date.now() - days * day).toISOString(),
    tree: (++count).toString(16).padStart(64, '0'),
    ...more,
  })
const watch = (settings: object) => space.configure({ repository: settings, root: { jobs: {} } })
const collected = async (): Promise<RepositoryStanding> => {
  const { stdout, stderr } = await space.run(['collect', '--json', '--quiet'])
  const [only] = JSON.parse(stdout || '[]') as RepositoryStanding[]
  if (only === undefined) throw new Error(stderr)
  return only
}
const standings = async () =>
  Object.fromEntries(
    (await collected()).sets.map(({ set, verdict, expectation }) => [
      set.host,
      [verdict.state, expectation?.source, 'expectedBefore' in verdict],
    ]),
  )

describe('sets that are not there', () => {
  it('are told, by pattern and for the whole repository, until they are', async () => {
    watch({ expect: { every: '1d' } })
    await space.run(['collect'])
    expect(await space.run(['status'])).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/✗ absent +any set +local .*snapshots are expected here, and there is none/),
    })
    put(0.1, { hostname: 'web-1' })
    await space.run(['collect'])
    expect(await space.run(['status'])).toMatchObject({ code: 0 })
    watch({
      expect: {
        every: '1d',
        sets: [
          { match: 'web-2/root', every: '1h' },
          { match: 'old-*', archived: true },
        ],
      },
    })
    await space.run(['collect'])
    expect(await space.run(['status'])).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/✗ absent +set web-2\/root +local/),
    })
    const metrics = (await space.run(['collect', '--format', 'prometheus'])).stdout
    expect(metrics).toMatch(/^muster_repository_missing_sets\{repository="local"\} 1$/m)
  })
})

describe('what is expected of sets', () => {
  it('is said by pattern, the first that fits, and by the repository for the rest', async () => {
    for (const [host, days] of [
      ['web-1', 2],
      ['web-2', 0.5],
      ['old-nas', 900],
      ['db', 2],
      ['free', 500],
    ] as const)
      put(days, { hostname: host })
    watch({
      expect: {
        maxAge: '3d',
        sets: [
          { match: 'web-*/root', every: '1d', grace: '1h' },
          { match: 'web-2', maxAge: '1h' },
          { match: 'old-*', archived: true },
          { match: 'free', learn: false },
        ],
      },
    })
    expect(await standings()).toEqual({
      'web-1': ['late', 'declared', true],
      'web-2': ['fresh', 'declared', true],
      'old-nas': ['fresh', 'archived', false],
      db: ['fresh', 'declared', true],
      free: ['fresh', undefined, false],
    })
    const status = await space.run(['status'])
    expect(status.stdout).toMatch(/old-nas.*archived: kept on purpose/)
    const { stdout } = await space.run(['collect', '--format', 'prometheus', '--quiet'])
    expect(stdout).toContain(
      'muster_set_expectation_info{repository="local",host="old-nas",user="root",source="archived"} 1',
    )
    expect(stdout).not.toMatch(/expected_before_timestamp_seconds\{repository="local",host="old-nas"/)
  })

  it('is learned where nobody says it, says so, and can be switched off', async () => {
    for (let days = 20; days >= 3; days--) put(days, { hostname: 'nas' })
    for (let days = 20; days >= 1; days--) put(days - 0.5, { hostname: 'web' })
    put(1, { hostname: 'new' })
    watch({})
    expect(await standings()).toEqual({
      nas: ['late', 'learned', true],
      web: ['fresh', 'learned', true],
      new: ['fresh', undefined, false],
    })
    const status = await space.run(['status'])
    expect(status.code).toBe(4)
    expect(status.stdout).toMatch(/learned from 18 snapshots: one each day/)
    expect(status.stdout).toMatch(/Declare `expect`/)
    const { stdout } = await space.run(['collect', '--format', 'prometheus', '--quiet'])
    expect(stdout).toMatch(/^muster_set_learned_confidence_ratio\{repository="local",host="nas",user="root"\} 0\.\d+$/m)
    watch({ expect: { learn: false } })
    expect(await standings()).toMatchObject({ nas: ['fresh', undefined, false] })
  })
})

describe('sets told apart by more than host and user', () => {
  it('are made from what is known already, and put together again', async () => {
    put(3, { tags: ['daily'], paths: ['/srv'] })
    put(2, { tags: ['b', 'a'], paths: ['/srv'] })
    put(1, { tags: ['a', 'b'], paths: ['/srv', '/etc'] })
    watch({})
    const first = await collected()
    expect(first.sets.map(({ set }) => [set.tags, set.snapshots])).toEqual([[undefined, 3]])
    watch({ sets: { by: ['tags'] }, expect: { sets: [{ match: '*/daily', maxAge: '1d' }] } })
    const status = await space.run(['status', '--json'])
    expect(status.code).toBe(4)
    expect((await space.run(['status'])).stdout).toMatch(/late +set alpha\/root\/daily/)
    const tagged = await collected()
    expect(tagged.sets.map(({ set, verdict }) => [set.tags, set.snapshots, verdict.state])).toEqual([
      [['a', 'b'], 2, 'fresh'],
      [['daily'], 1, 'late'],
    ])
    expect(tagged.lastReading?.snapshots).toBe(3)
    const { stdout } = await space.run(['collect', '--format', 'prometheus', '--quiet'])
    expect(stdout).toContain('muster_set_snapshots{repository="local",host="alpha",user="root",tags="a,b"} 2')
    watch({ sets: { by: ['paths', 'tags'] } })
    expect((await collected()).sets.map(({ set }) => [set.tags, set.paths])).toEqual([
      [
        ['a', 'b'],
        ['/etc', '/srv'],
      ],
      [['a', 'b'], ['/srv']],
      [['daily'], ['/srv']],
    ])
    watch({})
    expect((await collected()).sets).toEqual(first.sets)
  })

  it('belong to the job that has their tags and paths', async () => {
    space.configure({
      repository: { create: true, url: space.place.at('other'), sets: { by: ['tags', 'paths'] } },
      job: { tags: ['b', 'a'] },
      root: { jobs: undefined },
    })
    const jobs = { files: { repository: 'local', sources: [space.source], tags: ['b', 'a'] } }
    space.configure({
      repository: { create: true, url: space.place.at('other'), sets: { by: ['tags', 'paths'] } },
      root: { jobs: { ...jobs, more: { ...jobs.files, tags: ['c'] } } },
    })
    expect(await space.run(['run', '--all'])).toMatchObject({ code: 0 })
    expect((await collected()).sets.map(({ set, jobs: own }) => [set.tags, own])).toEqual([
      [['a', 'b'], ['files']],
      [['c'], ['more']],
    ])
  })
})
