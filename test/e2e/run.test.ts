import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../real/wait.ts'
import { canary, ended, jsonLines, main, makeWorkspace, type Workspace } from './workspace.ts'

let space: Workspace
beforeEach(() => {
  space = makeWorkspace()
})
afterEach(() => space[Symbol.dispose]())

const backups = async () => {
  await using ledger = await space.ledger()
  return await ledger.runs({ job: 'files', operation: 'backup', most: 50 })
}

describe('muster run', () => {
  it('makes the repository only when asked, backs up, reads back, forgets, and records all of it', async () => {
    space.configure({ job: { retention: { keepLast: 2 }, tags: ['daily'] } })
    const refused = await space.run(['run'])
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stdout).toContain('muster run --init')
    expect(await space.run(['run', '--init'])).toMatchObject({ code: 0 })
    for (let run = 0; run < 3; run++) expect(await space.run(['run', 'files'])).toMatchObject({ code: 0 })
    const listed = await space.run(['snapshots', 'local', '--json'])
    const snapshots = JSON.parse(listed.stdout) as { id: string; tags: string[] }[]
    expect(snapshots).toHaveLength(2)
    expect(snapshots[0]?.tags).toEqual(['daily'])
    const runs = await backups()
    expect(runs.map((run) => run.outcome)).toEqual(['ok', 'ok', 'ok', 'ok', 'failed'])
    expect(runs[0]).toMatchObject({
      snapshotId: snapshots[1]?.id,
      counters: { filesUnmodified: 12, processedFiles: 12 },
      toolVersion: '0.18.0',
      exitCode: 0,
    })
    expect(runs[4]?.problem?.code).toBe('repository.not-there')
    await using ledger = await space.ledger()
    expect((await ledger.runs({ operation: 'forget', most: 9 }))[0]).toMatchObject({
      outcome: 'ok',
      counters: { snapshotsRemoved: 1, snapshotsKept: 2 },
    })
    expect((await ledger.runs({ operation: 'init', most: 9 })).map((run) => run.outcome)).toEqual(['ok'])
    expect(await ledger.openRuns()).toEqual([])
    expect(await ledger.lanes()).toEqual([])
  })

  it('prints JSON lines for programs, and nothing with --quiet while all is well', async () => {
    space.configure({ repository: { create: true } })
    const lines = jsonLines((await space.run(['run', '--json'])).stdout)
    expect(lines.filter(({ type }) => type === 'run')).toEqual([
      expect.objectContaining({ job: 'files', operation: 'backup', outcome: 'ok' }),
    ])
    expect(lines.some(({ type }) => type === 'phase')).toBe(true)
    expect(await space.run(['run', '--quiet'])).toMatchObject({ code: 0, stdout: '', stderr: '' })
  })

  it('counts relative paths from the folder of the file, wherever it is started', async () => {
    space.configure({
      repository: { create: true, url: './repository', password: { file: 'password' } },
      job: { sources: ['source'] },
    })
    expect(
      await ended(
        spawn(process.execPath, [main, 'run', '--config', space.place.at('muster.yaml')], {
          cwd: '/',
          env: { PATH: process.env.PATH, HOME: space.place.path, MUSTER_STATE: space.place.at('state') },
        }),
      ),
    ).toMatchObject({ code: 0 })
    expect(readdirSync(space.repository)).toContain('config')
  })

  it('writes nothing with --dry-run', async () => {
    space.configure({ repository: { create: true } })
    await space.run(['run'])
    const before = await backups()
    writeFileSync(join(space.source, 'new'), 'new')
    expect(await space.run(['run', '--dry-run'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('would add'),
    })
    expect(jsonLines((await space.run(['run', '--dry-run', '--json'])).stdout).at(-1)).toMatchObject({
      type: 'rehearsal',
      outcome: 'ok',
      counters: { filesNew: 1 },
    })
    expect(JSON.parse((await space.run(['snapshots', 'local', '--json'])).stdout)).toHaveLength(1)
    // It is no backup: no run, no count, no hook, no later deadline.
    expect(await backups()).toEqual(before)
    const metrics = (await space.run(['collect', '--format', 'prometheus'])).stdout
    expect(metrics).toContain('muster_job_runs_total{job="files",repository="local",operation="backup",outcome="ok"} 1')
  })

  it('does not say of a job that was only rehearsed that it ever ran', async () => {
    space.configure({ repository: { create: true }, job: { schedule: '0 2 * * *' } })
    expect(await space.run(['run', '--dry-run'])).toMatchObject({ code: 1 })
    await space.restic(['init'])
    expect(await space.run(['run', '--dry-run'])).toMatchObject({ code: 0 })
    expect(await space.run(['status'])).toMatchObject({ code: 4, stdout: expect.stringContaining('has never run') })
  })

  it('refuses a restic that is too old, before it starts a backup', async () => {
    const old = space.place.at('restic-old')
    writeFileSync(old, '#!/bin/sh\necho restic 0.9.6 compiled with go1.13 on linux/amd64\n', { mode: 0o755 })
    space.configure({ repository: { create: true, program: old, check: { schedule: '@daily' } } })
    for (const command of ['run', 'check']) {
      const { code, stdout } = await space.run([command])
      expect(code).toBe(1)
      expect(stdout).toContain('0.9.6 is too old; Muster works with 0.14.0')
    }
    expect((await backups())[0]).toMatchObject({ outcome: 'failed', problem: { code: 'tool.too-old' } })
  })

  it('calls a run that was ended in its before hook cancelled', async () => {
    const mark = space.place.at('hook-runs')
    space.configure({
      repository: { create: true },
      job: {
        hooks: { before: `touch ${mark}; exec sleep 60`, failed: `echo $MUSTER_OUTCOME > ${space.place.at('told')}` },
      },
    })
    const child = space.start(['run'])
    const end = ended(child)
    await until('the hook runs', () => existsSync(mark))
    // Launchers and npm pass a Ctrl-C on: the same one twice still means "finish cleanly".
    child.kill('SIGINT')
    child.kill('SIGINT')
    expect(await end).toMatchObject({ code: 130 })
    expect((await backups())[0]).toMatchObject({ outcome: 'cancelled' })
    expect(readFileSync(space.place.at('told'), 'utf8')).toBe('cancelled\n')
  })

  it('asks which job where there are several, and knows their names', async () => {
    space.configure({
      root: {
        jobs: {
          one: { repository: 'local', sources: [space.source] },
          two: { repository: 'local', sources: [space.source], tags: ['two'] },
        },
      },
    })
    const which = await space.run(['run'])
    expect(which).toMatchObject({ code: 2 })
    expect(which.stderr).toContain('one | two')
    const unknown = await space.run(['run', 'tow'])
    expect(unknown).toMatchObject({ code: 2 })
    expect(unknown.stderr).toContain('Known: one, two')
  })

  it('runs hooks around the backup and tells them what happened', async () => {
    const log = space.place.at('hooks')
    const note = (name: string) =>
      `echo "${name} $MUSTER_HOOK $MUSTER_JOB $MUSTER_OUTCOME \${MUSTER_SNAPSHOT_ID:+snapshot}" >> ${log}`
    space.configure({
      repository: { create: true },
      job: { hooks: { before: note('1'), after: ['/bin/sh', '-c', note('2')], failed: note('3'), always: note('4') } },
    })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    expect(
      readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['1 before files', '2 after files ok snapshot', '4 always files ok snapshot'])
  })

  it('does not back up after a before hook that failed, unless told to go on', async () => {
    space.configure({
      repository: { create: true },
      job: { hooks: { before: 'echo db full; echo why >&2; exit 9', failed: `touch ${space.place.at('told')}` } },
    })
    expect(await space.run(['run'])).toMatchObject({ code: 1 })
    expect(readdirSync(space.place.path)).not.toContain('repository')
    expect(readdirSync(space.place.path)).toContain('told')
    const [stopped] = await backups()
    expect(stopped).toMatchObject({ outcome: 'failed', problem: { code: 'hook.failed' } })
    // Two pipes: which line came first, nobody can tell.
    expect(stopped?.log?.split('\n').sort()).toEqual(['db full', 'why'])
    space.configure({
      repository: { create: true },
      job: { hooks: { before: ['false'], onBeforeFailure: 'continue' } },
    })
    expect(await space.run(['run'])).toMatchObject({ code: 3 })
    expect((await backups())[0]).toMatchObject({
      outcome: 'warning',
      problem: { code: 'hook.failed' },
      snapshotId: expect.any(String),
    })
  })

  it.each([
    ['a marker file that is missing', { mustExist: ['/nowhere/.mounted'] }],
    ['a folder that is no mount point', { mountPoint: ['/etc'] }],
    ['too few files', { minFiles: 13 }],
    ['too few bytes', { minBytes: '1M' }],
  ])('stops at the guard: %s', async (_, guard) => {
    space.configure({ repository: { create: true }, job: { guard } })
    expect(await space.run(['run'])).toMatchObject({ code: 1 })
    expect((await backups())[0]).toMatchObject({ outcome: 'failed', problem: { code: 'guard.stopped' } })
    expect(readdirSync(space.place.path)).not.toContain('repository')
  })

  it('passes a guard that is content', async () => {
    space.configure({
      repository: { create: true },
      job: { guard: { mustExist: [space.source], mountPoint: ['/proc'], minFiles: 12, minBytes: '10K' } },
    })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
  })

  it('warns of a source that became empty or shrank, and forgets nothing then', async () => {
    space.configure({ repository: { create: true }, job: { retention: { keepLast: 3 }, guard: { maxShrink: '50%' } } })
    for (let run = 0; run < 3; run++) await space.run(['run'])
    for (let file = 0; file < 12; file++)
      if (file !== 3) rmSync(join(space.source, file % 2 ? 'folder' : '.', `file-${file}`))
    expect(await space.run(['run'])).toMatchObject({ code: 3 })
    expect((await backups())[0]).toMatchObject({ outcome: 'warning', problem: { code: 'guard.shrunk' } })
    rmSync(space.source, { recursive: true })
    mkdirSync(space.source)
    expect(await space.run(['run'])).toMatchObject({ code: 3 })
    expect((await backups())[0]).toMatchObject({ outcome: 'warning', problem: { code: 'guard.empty' } })
    expect(JSON.parse((await space.run(['snapshots', 'local', '--json'])).stdout)).toHaveLength(5)
  })

  it('forgets only snapshots of just its own sources', async () => {
    const other = space.place.at('other')
    mkdirSync(other)
    writeFileSync(join(other, 'file'), 'x')
    space.configure({
      repository: { create: true },
      root: {
        jobs: {
          files: { repository: 'local', sources: [space.source], retention: { keepLast: 1 } },
          other: { repository: 'local', sources: [other] },
        },
      },
    })
    for (let run = 0; run < 2; run++) expect(await space.run(['run', '--all'])).toMatchObject({ code: 0 })
    const left = JSON.parse((await space.run(['snapshots', 'local', '--json'])).stdout) as { paths: string[] }[]
    expect(left.map(({ paths }) => paths[0]).sort()).toEqual([other, other, space.source])
  })

  it('does not put a new repository where one was before', async () => {
    space.configure({ repository: { create: true } })
    await space.run(['run'])
    rmSync(space.repository, { recursive: true })
    mkdirSync(space.repository)
    expect(await space.run(['run', '--init'])).toMatchObject({ code: 1 })
    expect((await backups())[0]).toMatchObject({ outcome: 'failed', problem: { code: 'repository.vanished' } })
    expect(readdirSync(space.repository)).toEqual([])
  })

  it('runs what is due with --due, once for an instant, catching up once', async () => {
    space.configure({ repository: { create: true, check: { schedule: '@every 1s' } }, job: { schedule: '@every 1s' } })
    // The first look only learns since when the schedules are known.
    expect(await space.run(['run', '--due'])).toMatchObject({ code: 0, stdout: '' })
    const seen = new Map<unknown, unknown>()
    await until('both came due', async () => {
      for (const line of jsonLines((await space.run(['run', '--due', '--json'])).stdout))
        if (line.type === 'run') seen.set(line.operation, line.trigger)
      return seen.has('backup') && seen.has('check')
    })
    expect([...new Set(seen.values())]).toEqual(['schedule'])
    space.configure({ repository: { create: true }, job: { schedule: '0 0 1 1 *' } })
    expect(await space.run(['run', '--due'])).toMatchObject({ code: 0, stdout: '' })
  })

  it.each([['--dry-run'], ['--init'], ['--all'], ['files']])(
    'does nothing for --due with %s, and says so',
    async (more) => {
      space.configure({ repository: { create: true }, job: { schedule: '@every 1s' } })
      const refused = await space.run(['run', '--due', more])
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('→') })
      expect(await backups()).toEqual([])
      expect(readdirSync(space.place.path)).not.toContain('repository')
    },
  )

  it('keeps the password out of arguments, ledger, output and log', async () => {
    space.configure({ repository: { create: true }, job: { hooks: { before: ['env'] } } })
    const { stdout, stderr } = await space.run(['run', '--log-level', 'debug'])
    expect(stdout + stderr).not.toContain(canary)
    expect((await space.run(['config', 'show'])).stdout).not.toContain(canary)
    for (const name of readdirSync(space.place.at('state')))
      expect(readFileSync(space.place.at('state', name)).includes(canary)).toBe(false)
  })
})

describe('muster status', () => {
  it('says in exit code and words what does not pass muster', async () => {
    space.configure({ repository: { create: true }, job: { schedule: '0 2 * * *' } })
    const before = await space.run(['status'])
    expect(before).toMatchObject({ code: 4 })
    expect(before.stdout).toContain('✗ absent')
    await space.run(['run'])
    const after = await space.run(['status'])
    expect(after).toMatchObject({ code: 0 })
    expect(after.stdout).toMatch(/✓ fresh +job files/)
    const json = JSON.parse((await space.run(['status', '--json'])).stdout) as {
      repositories: { sets: { verdict: { state: string } }[] }[]
    }
    expect(json.repositories[0]?.sets[0]?.verdict.state).toBe('fresh')
  })

  it('tells a repository that cannot be read, and keeps what was known of it', async () => {
    space.configure({ repository: { create: true }, job: { maxAge: '1d' } })
    await space.run(['run'])
    writeFileSync(space.place.at('password'), 'another one')
    expect(await space.run(['collect'])).toMatchObject({ code: 1 })
    const status = await space.run(['status'])
    expect(status).toMatchObject({ code: 4 })
    expect(status.stdout).toContain('✗ unreadable')
    const metrics = (await space.run(['collect', '--format', 'prometheus'])).stdout
    expect(metrics).toContain('muster_repository_up{repository="local"} 0')
    expect(metrics).toContain('muster_repository_problem{repository="local",code="restic.password"} 1')
    expect(metrics).toMatch(
      /muster_set_newest_snapshot_timestamp_seconds\{repository="local",host="[^"]+",user="[^"]+"\} \d+/,
    )
  })
})
