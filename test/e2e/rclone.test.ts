/** Jobs and destinations of rclone as a user meets them: the whole program, real rclone, real folders. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Run } from '../../src/model/run.ts'
import { folderFor } from '../../src/sources/tools/rclone/dated.ts'
import { isAlive } from '../../src/system/pids.ts'
import { encrypted, versions } from '../rclone/under-test.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { startServe } from './daemon.ts'
import { canary, jsonLines, makeWorkspace, type Workspace } from './workspace.ts'

let space: Workspace
beforeEach(() => {
  space = makeWorkspace()
})
afterEach(() => space[Symbol.dispose]())

interface More {
  readonly job?: object
  readonly repository?: object
  readonly root?: object
  readonly version?: string
}
const configure = ({ job, repository, root, version = '1.75' }: More = {}): void =>
  space.configure({
    job: { mode: 'sync', ...job },
    repository: {
      tool: 'rclone',
      url: join(space.repository, 'nas'),
      program: program(`rclone-${version}`),
      password: undefined,
      ...repository,
    },
    ...(root && { root }),
  })

const tree = (): string[] => readdirSync(join(space.repository, 'nas'), { recursive: true, encoding: 'utf8' })
const beside = (): string[] => readdirSync(space.repository).sort()
const runs = async (operation: Run['operation'] = 'backup'): Promise<readonly Run[]> => {
  await using ledger = await space.ledger()
  return await ledger.runs({ operation, most: 99 })
}
const standing = async (what: 'set' | 'job'): Promise<Record<string, unknown> | undefined> => {
  const { stdout } = await space.run(['status', '--json'])
  const said = JSON.parse(stdout) as {
    repositories: { sets: Record<string, unknown>[] }[]
    jobs: Record<string, unknown>[]
  }
  return what === 'set' ? said.repositories[0]?.sets[0] : said.jobs[0]
}

for (const version of versions)
  describe(`with rclone ${version}`, () => {
    it('a job makes its tree when asked, keeps it up to date, proves it, and is seen everywhere', async () => {
      configure({
        version,
        job: { backupDir: { keep: '7d' }, schedule: '15 2 * * *' },
        repository: { check: { schedule: '@weekly' } },
      })
      const refused = await space.run(['run'])
      expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('muster run --init') })
      expect(existsSync(space.repository)).toBe(false)
      expect(await space.run(['run', '--init'])).toMatchObject({ code: 0 })
      writeFileSync(join(space.source, 'file-0'), 'another content')
      expect(await space.run(['run'])).toMatchObject({ code: 0 })
      const [second, first] = await runs()
      expect(second).toMatchObject({
        outcome: 'ok',
        snapshotId: expect.stringMatching(/^tree[0-9a-f]{24}$/),
        counters: { processedFiles: 12, filesUnmodified: 11 },
        toolVersion: expect.stringMatching(`^${version}`),
      })
      expect(second?.snapshotId).not.toBe(first?.snapshotId)
      expect(beside()).toEqual(['nas', folderFor('nas', new Date())])
      const listed = JSON.parse((await space.run(['snapshots', 'local', '--json'])).stdout) as { id: string }[]
      expect(listed.map(({ id }) => id)).toEqual([expect.stringMatching(/^20\d{6}$/), second?.snapshotId])
      expect(await space.run(['check'])).toMatchObject({ code: 0 })
      expect(await space.run(['status'])).toMatchObject({ code: 0 })
      const doctor = await space.run(['doctor'])
      expect(doctor).toMatchObject({ code: 0, stdout: expect.stringContaining('can be read; 2 snapshots') })
      const metrics = (await space.run(['collect', '--format', 'prometheus'])).stdout
      expect(metrics).toContain('muster_set_files{repository="local",host="nas",user=""} 12')
      expect(metrics).toContain(
        'muster_job_runs_total{job="files",repository="local",operation="backup",outcome="ok"} 2',
      )
      expect(metrics).toContain('muster_repository_findings{repository="local"} 0')
    })
  })

describe('a source', () => {
  beforeEach(async () => {
    configure({ repository: { create: true }, job: { backupDir: { keep: '7d' } } })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
  })

  it('that is empty deletes nothing, unless that is meant', async () => {
    renameSync(space.source, `${space.source}-away`)
    mkdirSync(space.source)
    for (const args of [['run'], ['run', '--accept-shrink']])
      expect(await space.run(args)).toMatchObject({ code: 1, stdout: expect.stringContaining('allowEmpty: true') })
    expect((await runs())[0]).toMatchObject({ outcome: 'failed', problem: { code: 'guard.empty' } })
    expect((await space.run(['status'])).stdout).toContain('the last 2 runs failed: The source holds no file')
    expect(tree().filter((path) => path.includes('file-'))).toHaveLength(12)
    expect(beside()).toEqual(['nas'])
    expect(await runs('forget')).toHaveLength(1)
    configure({ job: { backupDir: { keep: '7d' }, allowEmpty: true } })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    expect(tree().filter((path) => path.includes('file-'))).toEqual([])
    expect(readdirSync(join(space.repository, folderFor('nas', new Date())))).toContain('file-0')
  })

  it('that lost more than half deletes nothing until a person has looked', async () => {
    for (let file = 0; file < 12; file += 2) rmSync(join(space.source, `file-${file}`))
    rmSync(join(space.source, 'folder', 'file-1'))
    expect(await space.run(['run'])).toMatchObject({ code: 1, stdout: expect.stringContaining('--accept-shrink') })
    expect((await runs())[0]).toMatchObject({ outcome: 'failed', problem: { code: 'guard.shrunk' } })
    expect(tree().filter((path) => path.includes('file-'))).toHaveLength(12)
    expect(await space.run(['run', '--accept-shrink'])).toMatchObject({ code: 3 })
    expect((await runs())[0]).toMatchObject({ outcome: 'warning', problem: { code: 'guard.shrink-accepted' } })
    expect(tree().filter((path) => path.includes('file-'))).toHaveLength(5)
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
  })

  it('that is not there deletes nothing', async () => {
    renameSync(space.source, `${space.source}-away`)
    expect(await space.run(['run'])).toMatchObject({ code: 1 })
    expect((await runs())[0]).toMatchObject({ outcome: 'failed', problem: { code: 'rclone.source-missing' } })
    expect(tree().filter((path) => path.includes('file-'))).toHaveLength(12)
  })
})

describe('a destination', () => {
  const old = new Date('2020-05-05T05:05:05Z')
  const makeOld = (): void => {
    for (const entry of readdirSync(space.source, { recursive: true, encoding: 'utf8' }))
      utimesSync(join(space.source, entry), old, old)
  }

  it('whose source never changes is as fresh as the last good run', async () => {
    makeOld()
    configure({ repository: { create: true }, job: { maxAge: '1h' } })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    expect(await space.run(['status'])).toMatchObject({ code: 0 })
    const set = await standing('set')
    expect(set).toMatchObject({ verdict: { state: 'fresh' }, set: { host: 'nas', files: 12 } })
  })

  it('that somebody else writes is as old as its newest file', async () => {
    makeOld()
    configure({ repository: { create: true } })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    configure({ repository: { expect: { maxAge: '1d' } } })
    const config = readFileSync(space.place.at('muster.yaml'), 'utf8')
    writeFileSync(space.place.at('muster.yaml'), config.slice(0, config.indexOf('jobs:')))
    expect((await space.run(['collect'])).code).toBe(0)
    expect(await space.run(['status'])).toMatchObject({ code: 4 })
    expect(await standing('set')).toMatchObject({ verdict: { state: 'late', newestAt: old.toISOString() } })
    writeFileSync(join(space.repository, 'nas', 'new'), 'new')
    expect((await space.run(['collect'])).code).toBe(0)
    expect(await space.run(['status'])).toMatchObject({ code: 0 })
  })

  it('that is gone is not made anew, and told', async () => {
    configure({ repository: { create: true }, job: { maxAge: '1h' } })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    renameSync(space.repository, `${space.repository}-away`)
    expect(await space.run(['run'])).toMatchObject({ code: 1 })
    expect((await runs())[0]).toMatchObject({ outcome: 'failed', problem: { code: 'repository.vanished' } })
    expect(existsSync(space.repository)).toBe(false)
    expect((await space.run(['collect'])).code).toBe(1)
    expect(await space.run(['status'])).toMatchObject({ code: 4 })
  })

  it('that somebody emptied or shrank is told, and nothing is forgotten until it is settled', async () => {
    configure({ repository: { create: true }, job: { backupDir: { keep: '7d' } } })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    const due = ['nas-2020-01-01', 'nas-2020-01-02']
    for (const folder of due) mkdirSync(join(space.repository, folder))
    for (const path of tree())
      if (path.includes('file-') && !path.endsWith('file-2')) rmSync(join(space.repository, 'nas', path))
    await space.run(['collect'])
    const metrics = (await space.run(['collect', '--format', 'prometheus'])).stdout
    expect(metrics).not.toContain('muster_repository_findings{repository="local"} 0')
    // The run itself mends the tree; what it would forget stays.
    await space.run(['run'])
    expect((await runs('forget'))[0]).toMatchObject({ outcome: 'skipped', problem: { code: 'history.open' } })
    expect(beside()).toEqual(['nas', ...due])
    await using ledger = await space.ledger()
    const open = await ledger.findings({ open: true })
    expect(open.map(({ kind }) => kind)).toContain('shrunk')
    await space.run(['ack', ...open.map(({ number }) => String(number))])
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    expect(beside()).toEqual(['nas', 'nas-2020-01-02'])
  })

  it('with a wrong password of the configuration says so, and gives no secret away', async () => {
    const config = encrypted(space.place.path)
    const password = { file: space.place.at('password') }
    const more = { create: true, config: { file: config }, password }
    configure({ repository: more })
    const said = await space.run(['run', '--json'])
    expect(said.code).toBe(1)
    expect((await runs())[0]).toMatchObject({ problem: { code: 'rclone.password', retry: 'never' } })
    writeFileSync(space.place.at('password'), 'canary-4f1c-password\n')
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    const kept = readdirSync(space.place.at('state')).map((name) => {
      const path = space.place.at('state', name)
      return name.startsWith('muster.db') ? readFileSync(path, 'latin1') : ''
    })
    expect([said.stdout, said.stderr, ...kept].join('\n')).not.toContain(canary)
  })
})

it('a run that is killed half-way leaves nothing behind that the next one does not mend', async () => {
  execFileSync('sh', ['-c', `head -c 20000000 /dev/urandom > '${join(space.source, 'much')}'`])
  const job = { limits: { uploadRate: '2M' }, backupDir: { keep: '7d' } }
  configure({ repository: { create: true }, job })
  const child = space.start(['run'])
  const gone = once(child, 'close')
  const childOf = async (): Promise<number | undefined> => {
    await using ledger = await space.ledger()
    return (await ledger.openRuns()).find(({ run }) => run.operation === 'backup')?.run.child?.pid
  }
  await until('the upload goes on', () => existsSync(space.repository) && tree().some((path) => path.includes('much')))
  const rclone = await childOf()
  child.kill('SIGKILL')
  await gone
  configure({ repository: { create: true }, job: { backupDir: { keep: '7d' } } })
  expect(await space.run(['run'])).toMatchObject({ code: 0 })
  expect(rclone !== undefined && isAlive(rclone)).toBe(false)
  const [last, cut] = await runs()
  expect([last?.outcome, cut?.outcome]).toEqual(['ok', 'interrupted'])
  expect(readFileSync(join(space.repository, 'nas', 'much')).equals(readFileSync(join(space.source, 'much')))).toBe(
    true,
  )
  expect(tree().filter((path) => path.endsWith('.partial'))).toEqual([])
  expect(await space.run(['check'])).toMatchObject({ code: 0 })
})

it('serve runs the schedule, removes what is due, and shows the tree on its page', async () => {
  configure({ repository: { create: true }, job: { schedule: '@every 2s', backupDir: { keep: '7d' } } })
  // What was there before Muster is taken as it is.
  const due = 'nas-2020-01-01'
  for (const folder of [due, 'nas-2020-01-02']) mkdirSync(join(space.repository, folder), { recursive: true })
  await using daemon = await startServe(space)
  await until('what is due is gone', () => !beside().includes(due), 60_000)
  expect(beside()).toContain('nas-2020-01-02')
  writeFileSync(join(space.source, 'new'), 'new')
  await until('the new file is there', () => tree().includes('new'), 60_000)
  await until(
    'the metrics know it',
    async () => (await daemon.metrics()).get('muster_set_files{repository="local",host="nas",user=""}') === 13,
    60_000,
  )
  const page = await (await fetch(daemon.url)).text()
  expect(page).toContain('nas')
  expect(await daemon.stop('SIGTERM')).toMatchObject({ code: 0 })
  for (const run of await runs()) expect(['ok', 'skipped', 'cancelled']).toContain(run.outcome)
  for (const run of await runs('forget')) expect(['ok', 'cancelled']).toContain(run.outcome)
})

it('a rehearsal writes nothing, and says what it would add', async () => {
  configure({ repository: { create: true } })
  await space.run(['run'])
  writeFileSync(join(space.source, 'new'), 'new')
  const lines = jsonLines((await space.run(['run', '--dry-run', '--json'])).stdout)
  expect(lines.at(-1)).toMatchObject({
    type: 'rehearsal',
    outcome: 'ok',
    counters: { filesNew: 1, processedFiles: 13 },
  })
  expect(tree()).not.toContain('new')
})

it('settings that do not fit a tree are all told at once', async () => {
  configure({
    repository: { url: '/srv/nas-2026-11-21', prune: { schedule: '@daily' } },
    job: {
      tags: ['x'],
      host: 'h',
      retention: { keepLast: 1 },
      sources: ['/a', '/b'],
      compression: 'max',
      mode: 'move',
    },
  })
  const { code, stdout, stderr } = await space.run(['config', 'check'])
  expect(code).toBe(2)
  for (const key of ['url', 'prune', 'tags', 'host', 'retention', 'sources', 'compression', 'mode'])
    expect(stdout + stderr).toContain(`.${key}`)
})

it('two jobs do not write into one tree', async () => {
  const job = { repository: 'local', sources: [space.source] }
  configure({ root: { jobs: { one: job, two: job } } })
  const { code, stdout, stderr } = await space.run(['config', 'check'])
  expect(code).toBe(2)
  expect(stdout + stderr).toContain('is written by the job one already')
})

it('no repository lies inside a tree', async () => {
  const inside = { tool: 'restic', url: join(space.repository, 'nas', 'restic'), password: { env: 'X' } }
  const outside = { ...inside, url: join(space.repository, 'nas2') }
  const outer = { tool: 'rclone', url: join(space.repository, 'nas') }
  configure({ root: { repositories: { local: outer, inside, outside } } })
  const { code, stdout, stderr } = await space.run(['config', 'check'])
  expect(code).toBe(2)
  expect(stdout + stderr).toContain('repositories.inside.url')
  expect(stdout + stderr).not.toContain('repositories.outside')
})
