/** What somebody does to a repository behind its owner's back, seen at the next look; and what owners do, which is quiet. */
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WrittenRepository } from '../readers/write-repository.ts'
import { program } from '../real/programs.ts'
import { makeWorkspace, type Workspace } from './workspace.ts'

let space: Workspace
beforeEach(() => {
  space = makeWorkspace(program('restic-0.19'))
})
afterEach(() => space[Symbol.dispose]())

const day = 86_400_000
const look = () => space.run(['collect', '--quiet'])
const open = async () => {
  await using ledger = await space.ledger()
  return await ledger.findings({ open: true })
}
/** Looks, and says what is new since the last time. */
async function told(): Promise<string[]> {
  await look()
  const found = await open()
  await space.run(['ack', '--all', '--quiet'])
  return found.map(({ kind }) => kind).sort()
}

describe('a repository that somebody tampers with', () => {
  let repository: WrittenRepository
  let count = 0
  const ago = (days: number): string => new Date(Date.now() - days * day).toISOString()
  const put = (days: number, more: object = {}): string =>
    repository.snapshot({
      time: ago(days),
      tree: (++count).toString(16).padStart(64, '0'),
      summary: { total_bytes_processed: 1_000_000 + count, total_files_processed: 9 },
      ...more,
    })
  let snapshots: string[]
  beforeEach(async () => {
    repository = new WrittenRepository(space.repository)
    repository.key('canary-7d21-password', { more: { created: ago(100) } })
    snapshots = [4, 3, 2, 1].map((days) => put(days))
    space.configure({ root: { jobs: {} } })
    expect(await told()).toEqual([])
  })

  it('tells each change once, at the next look', async () => {
    const [first = '', , , newest = ''] = snapshots
    repository.remove('snapshots', newest)
    expect(await told()).toEqual(['newest-deleted'])
    expect(await told()).toEqual([])
    put(0.01, { summary: { total_bytes_processed: 10, total_files_processed: 1 } })
    expect(await told()).toEqual(['shrunk'])
    const second = repository.key('another', { more: { created: ago(0) } })
    expect(await told()).toEqual(['key-added'])
    repository.remove('keys', second)
    expect(await told()).toEqual(['key-removed'])
    for (const minutes of [10, 24 * 60, 5 * 365 * 24 * 60]) {
      const id = put(-minutes / 1440)
      expect(await told()).toEqual(['future-snapshot'])
      repository.remove('snapshots', id)
      await told()
    }
    put(50)
    put(20_000)
    expect(await told()).toEqual(['back-dated', 'before-repository'])
    put(4, { hostname: 'renamed', original: first })
    repository.remove('snapshots', first)
    expect(await told()).toEqual(['host-renamed'])
    for (const id of readdirSync(join(space.repository, 'snapshots'))) repository.remove('snapshots', id)
    expect(await told()).toEqual(['emptied'])
  })

  it('tells a rollback, and an older copy in which forgotten ones are back', async () => {
    cpSync(space.repository, space.place.at('copy'), { recursive: true })
    const putBack = () => {
      rmSync(space.repository, { recursive: true })
      cpSync(space.place.at('copy'), space.repository, { recursive: true })
    }
    put(0.5)
    put(0.2)
    expect(await told()).toEqual([])
    putBack()
    expect(await told()).toEqual(['rolled-back'])
    put(0.1)
    repository.remove('snapshots', snapshots[0] ?? '')
    expect(await told()).toEqual([])
    putBack()
    expect(await told()).toEqual(['rolled-back'])
  })

  it('tells that the config was written anew, and another repository in its place until that is accepted', async () => {
    const other = space.place.at('other')
    renameSync(space.repository, other)
    const second = new WrittenRepository(space.repository)
    const config = { version: 2, id: 'c0ffee'.padEnd(64, '0'), chunker_polynomial: '25b468838dcb75' }
    second.config(config)
    second.key('canary-7d21-password')
    second.snapshot({ time: ago(1) })
    for (let times = 0; times < 2; times++) {
      expect(await look()).toMatchObject({ code: 1 })
      expect((await open()).map(({ kind }) => kind)).toEqual(['replaced'])
    }
    const status = await space.run(['status'])
    expect(status).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/✗ suspect +history of local.*muster ack 1/s),
    })
    expect(await space.run(['ack', '1', '--note', 'moved to a new disk'])).toMatchObject({ code: 0 })
    expect(await look()).toMatchObject({ code: 0 })
    expect(await told()).toEqual([])
    second.config(config)
    expect(await told()).toEqual(['config-changed'])
  })
})

describe('a repository that its owners use', () => {
  it('is quiet: backups, forgets, prunes, tags, rewrites, copies, and keys that may change', {
    timeout: 240_000,
  }, async () => {
    space.configure({
      repository: { create: true, expect: { keys: 'may-change' } },
      job: { retention: { keepLast: 2 } },
    })
    const ids = () => readdirSync(join(space.repository, 'snapshots'))
    const restic = async (...args: string[]) => {
      const { code, stderr } = await space.restic(args)
      expect([args[0], code, stderr]).toEqual([args[0], 0, expect.any(String)])
      expect([args[0], await told()]).toEqual([args[0], []])
    }
    for (let run = 0; run < 3; run++) {
      expect(await space.run(['run'])).toMatchObject({ code: 0 })
      expect(await told()).toEqual([])
    }
    await restic('backup', space.source, '--host', 'elsewhere')
    await restic('tag', '--add', 'x', ids()[0] ?? '')
    await restic('rewrite', '--forget', '--exclude', 'file-1', ids()[0] ?? '')
    await restic('forget', '--keep-last', '2', '--prune')
    writeFileSync(space.place.at('second'), 'second\n')
    await restic('key', 'add', '--new-password-file', space.place.at('second'))
    mkdirSync(space.place.at('far'))
    const far = ['-r', space.place.at('far'), '--password-file', space.place.at('password')]
    await space.restic([...far, 'init'])
    await space.restic([...far, 'backup', space.source, '--time', '2024-02-03 04:05:06', '--host', 'old'])
    const from = ['--from-repo', space.place.at('far'), '--from-password-file', space.place.at('password')]
    await restic('copy', ...from)
    await using ledger = await space.ledger()
    expect(await ledger.findings()).toEqual([])
  })

  it('forgets nothing while a finding is open, and says so', async () => {
    space.configure({ repository: { create: true }, job: { retention: { keepLast: 2 } } })
    for (let run = 0; run < 2; run++) await space.run(['run'])
    const [newest = ''] = (JSON.parse((await space.run(['snapshots', 'local', '--json'])).stdout) as { id: string }[])
      .map(({ id }) => id)
      .slice(-1)
    rmSync(join(space.repository, 'snapshots', newest))
    await look()
    expect((await open()).map(({ kind }) => kind)).toEqual(['newest-deleted'])
    const metrics = (await space.run(['collect', '--format', 'prometheus'])).stdout
    expect(metrics).toContain('muster_repository_findings{repository="local"} 1')
    expect(metrics).toMatch(
      /^muster_repository_finding_timestamp_seconds\{repository="local",kind="newest-deleted"\} \d/m,
    )
    for (let run = 0; run < 2; run++)
      expect(await space.run(['run'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('Nothing was forgotten'),
      })
    expect(readdirSync(join(space.repository, 'snapshots'))).toHaveLength(3)
    expect(await space.run(['ack'])).toMatchObject({ code: 4, stdout: expect.stringContaining('newest-deleted') })
    expect(await space.run(['ack', '7'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no open finding "7"'),
    })
    expect(await space.run(['ack', '--repository', 'local'])).toMatchObject({ code: 0 })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    expect(readdirSync(join(space.repository, 'snapshots'))).toHaveLength(2)
  })
})
