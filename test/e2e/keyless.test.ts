/** A repository that is watched without its password, as a user meets it. */
import { rmSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RepositoryStanding } from '../../src/model/standing.ts'
import { serveRest } from '../readers/servers.ts'
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
/** @param uploaded Days ago, by the file; what is in it says another time. */
function put(uploaded: number): string {
  const id = repository.snapshot({ tree: (++count).toString(16).padStart(64, '0') })
  const at = new Date(Math.floor((Date.now() - uploaded * day) / 1000) * 1000)
  utimesSync(join(space.repository, 'snapshots', id), at, at)
  return id
}
const watch = (settings: object = {}) =>
  space.configure({ repository: { password: undefined, read: { keyless: true }, ...settings }, root: { jobs: {} } })
const collected = async (): Promise<RepositoryStanding> => {
  const { stdout, stderr } = await space.run(['collect', '--json', '--quiet'])
  const [only] = JSON.parse(stdout || '[]') as RepositoryStanding[]
  if (only === undefined) throw new Error(stderr)
  return only
}
const kinds = async () => (await collected()).findings.map(({ kind }) => kind)

describe('a repository read without a password', () => {
  it('tells counts, the newest upload and what was deleted', async () => {
    const [first, , last] = [put(3), put(2), put(1)]
    repository.lock()
    watch({ expect: { maxAge: '2d' } })
    const { sets, lastReading, findings, locks } = await collected()
    expect(lastReading).toMatchObject({ way: 'native, without a password', snapshots: 3 })
    expect(sets).toMatchObject([
      { set: { host: '', user: '', snapshots: 3, newestId: last }, verdict: { state: 'fresh' } },
    ])
    expect(Math.abs(Date.now() - day - Date.parse(String(sets[0]?.set.newestAt)))).toBeLessThan(60_000)
    expect([findings, locks?.locks.length]).toEqual([[], 1])
    // What policies do every day.
    repository.remove('snapshots', first)
    expect(await kinds()).toEqual([])
    repository.remove('snapshots', last)
    expect(await kinds()).toEqual(['newest-deleted'])
    expect((await space.run(['status'])).stdout).toMatch(/late +set of all hosts/)
    expect(await space.run(['doctor', '--json'])).toMatchObject({
      stdout: expect.stringContaining('without a password; 1 snapshot'),
    })
    await space.run(['ack', '--all', '--quiet'])
    rmSync(join(space.repository, 'snapshots'), { recursive: true })
    expect(await kinds()).toEqual(['emptied'])
    rmSync(space.repository, { recursive: true })
    expect((await collected()).lastReading?.problem?.code).toBe('restic.no-repository')
  })

  it('counts from when it was first seen where a server tells no times', async () => {
    put(30)
    await using server = await serveRest(dirname(space.repository))
    watch({ url: `rest:http://127.0.0.1:${server.port}/repository/` })
    const { sets } = await collected()
    expect(Date.now() - Date.parse(String(sets[0]?.set.newestAt))).toBeLessThan(60_000)
    const again = await collected()
    expect(again.sets[0]?.set.newestAt).toEqual(sets[0]?.set.newestAt)
    expect(again.lastReading?.requests).toBe(2)
  })

  it('gets its content when it gets its password, and keeps when it was first seen', async () => {
    put(2)
    put(1)
    watch()
    const before = await collected()
    watch({ password: { file: space.place.at('password') }, read: {} })
    const after = await collected()
    expect(after.lastReading).toMatchObject({ way: 'native', snapshots: 2 })
    expect(after.sets.map(({ set }) => [set.host, set.user, set.snapshots])).toEqual([['alpha', 'root', 2]])
    expect(after.sets[0]?.set.newestSeenAt).toEqual(before.sets[0]?.set.newestSeenAt)
    expect(after.findings).toEqual([])
    await using ledger = await space.ledger()
    expect(await ledger.verify()).toEqual([])
  })

  it('needs one for an address that only restic can list, and says so', async () => {
    watch({ url: 'gs:bucket:/' })
    const { lastReading } = await collected()
    expect(lastReading).toMatchObject({
      way: 'native, without a password',
      problem: { code: 'reader.needs-password', next: expect.stringContaining('read.keyless') },
    })
  })

  it('is none that a job writes, nor one that is checked', async () => {
    space.configure({ repository: { password: undefined, read: { keyless: true }, check: { schedule: '@daily' } } })
    const { code, stderr } = await space.run(['config', 'check'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/jobs\.files\.repository.*no backup in it could be confirmed/s)
    expect(stderr).toMatch(/repositories\.local\.password.*is missing/s)
  })
})

describe('which way a repository was read', () => {
  const rows: [url: string, settings: object, way: string][] = [
    ['azure:container:/', {}, 'restic: azure is read by the program'],
    ['gs:bucket:/', {}, 'restic: gs is read by the program'],
    ['swift:container:/', {}, 'restic: swift is read by the program'],
    ['rclone:remote:x', { options: ['rclone.program=false'] }, 'restic: rclone is read by the program'],
    ['s3:http://127.0.0.1:9/bucket', {}, 'restic: '],
  ]
  for (const [url, settings, way] of rows)
    it(`is told for ${url}, with why`, async () => {
      space.configure({
        repository: { url, ...settings, program: '/bin/false', read: { timeLimit: '5s' } },
        root: { jobs: {} },
      })
      expect((await collected()).lastReading?.way).toContain(way)
    })
})
