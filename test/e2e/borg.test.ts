/** A borg repository from end to end, as a user has it: the program, its ledger and a real borg. */

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serveBorg } from '../borg/sshd.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { canary, ended, jsonLines, makeWorkspace, type Workspace } from './workspace.ts'

describe.each(['1.2', '1.4'])('borg %s, from end to end', (version) => {
  let space: Workspace
  const borg = program(`borg-${version}`)
  const configure = (more: { job?: object; repository?: object; root?: object } = {}): void =>
    space.configure({
      ...more,
      repository: { tool: 'borg', program: borg, baseDir: space.place.at('base'), ...more.repository },
    })
  /** borg itself, with the right passphrase. */
  const client = (args: readonly string[]) =>
    ended(
      spawn(borg, args, {
        env: {
          PATH: process.env.PATH,
          BORG_BASE_DIR: space.place.at('base'),
          BORG_REPO: space.repository,
          BORG_PASSPHRASE: canary,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
  const problemsIn = (text: string): unknown =>
    jsonLines(text).flatMap(({ problem }) => (problem as { code: string } | undefined)?.code ?? [])

  beforeEach(() => {
    space = makeWorkspace()
    configure({ job: { retention: { keepLast: 2 }, tags: ['daily'], schedule: '@daily' } })
  })
  afterEach(() => space[Symbol.dispose]())

  it('makes, backs up, forgets, prunes, checks, and tells of it', async () => {
    expect(await space.run(['run', '--init'])).toMatchObject({ code: 0 })
    for (let more = 0; more < 2; more += 1) expect(await space.run(['run'])).toMatchObject({ code: 0 })
    const listed = JSON.parse((await space.run(['snapshots', 'local', '--json'])).stdout) as object[]
    expect(listed).toMatchObject([
      { tags: ['daily'], files: 12 },
      { files: 12, name: expect.stringMatching(/-2\d{3}-/) },
    ])
    expect((await space.run(['snapshots', 'local'])).stdout).toMatch(/^id +name +taken/)
    expect(await space.run(['check', 'local'])).toMatchObject({ code: 0 })
    const status = await space.run(['status'])
    expect([status.code, status.stdout]).toEqual([0, expect.stringMatching(/✓ fresh +job files/)])
    const doctor = await space.run(['doctor'])
    expect(doctor.stdout).toContain(`✓ repository local: borg ${version}`)
    expect(doctor.stdout).toMatch(/opens with the password; 2 snapshots/)
    const metrics = await space.run(['collect', '--format', 'prometheus'])
    expect(metrics.stdout).toMatch(/^muster_set_snapshots\{.*repository="local".*\} 2$/m)
    expect(metrics.stdout).toMatch(/tool="borg"/)
    await using ledger = await space.ledger()
    expect(await ledger.findings({ repositories: ['local'] })).toEqual([])
  }, 60_000)

  it('finds an archive that somebody deleted, and forgets nothing until that is settled', async () => {
    for (const args of [['run', '--init'], ['run'], ['run']]) expect(await space.run(args)).toMatchObject({ code: 0 })
    const listed = JSON.parse((await client(['list', '--json'])).stdout) as { archives: { name: string }[] }
    expect(await client(['delete', `::${listed.archives.at(-1)?.name}`])).toMatchObject({ code: 0 })
    await space.run(['collect'])
    await using ledger = await space.ledger()
    expect(await ledger.findings({ repositories: ['local'], open: true })).toMatchObject([{ kind: 'newest-deleted' }])
    const next = await space.run(['run', '--json'])
    expect(problemsIn(next.stdout)).toEqual(['history.open'])
  }, 60_000)

  it('tells a wrong passphrase, and a repository that is gone, and makes no new one in its place', async () => {
    expect(await space.run(['run', '--init'])).toMatchObject({ code: 0 })
    writeFileSync(space.place.at('password'), 'canary-wrong\n')
    const wrong = await space.run(['run', '--json'])
    expect([wrong.code, problemsIn(wrong.stdout)]).toEqual([1, ['borg.password']])
    writeFileSync(space.place.at('password'), `${canary}\n`)
    renameSync(space.repository, space.place.at('unmounted'))
    mkdirSync(space.repository)
    const gone = await space.run(['run', '--init', '--json'])
    expect([gone.code, problemsIn(gone.stdout)]).toEqual([1, ['repository.vanished']])
    expect(await space.run(['status'])).toMatchObject({ code: 4 })
    expect(wrong.stdout + wrong.stderr + gone.stdout + gone.stderr).not.toMatch(/canary/)
  }, 60_000)

  it('goes on by itself after it and its borg were killed', async () => {
    expect(await space.run(['run', '--init'])).toMatchObject({ code: 0 })
    configure({ job: { compression: 'lzma,6' } })
    for (let block = 0; block < 8; block += 1) appendFileSync(`${space.source}/much`, randomBytes(4 * 1024 * 1024))
    const run = space.start(['run'])
    const lock = (): boolean => existsLock(space.repository)
    await until('a lock', lock)
    await using ledger = await space.ledger()
    let child = 0
    await until('the child to be noted', async () => {
      child = (await ledger.runs({ repository: 'local', most: 1 }))[0]?.child?.pid ?? 0
      return child > 0
    })
    run.kill('SIGKILL')
    process.kill(-child, 'SIGKILL')
    await ended(run)
    expect(lock()).toBe(true)
    rmSync(`${space.source}/much`)
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    expect(lock()).toBe(false)
    const runs = await ledger.runs({ repository: 'local', most: 9 })
    expect(runs.filter(({ outcome }) => outcome === undefined)).toEqual([])
  }, 60_000)

  it('does not touch the lock of somebody else who is at work', async () => {
    expect(await space.run(['run', '--init'])).toMatchObject({ code: 0 })
    const other = spawn(borg, ['with-lock', space.repository, 'sleep', '600'], {
      detached: true,
      stdio: 'ignore',
      env: { PATH: process.env.PATH, BORG_BASE_DIR: space.place.at('base'), BORG_PASSPHRASE: canary },
    })
    await until('a lock', () => existsLock(space.repository))
    try {
      const locked = await space.run(['run', '--json'])
      expect([locked.code, problemsIn(locked.stdout)]).toEqual([1, ['borg.locked']])
      expect(locked.stdout).toContain(`held by process ${other.pid} on `)
      expect(existsLock(space.repository)).toBe(true)
      expect(await space.run(['collect'])).toMatchObject({ code: 0 })
    } finally {
      process.kill(-(other.pid ?? 0), 'SIGKILL')
    }
  }, 60_000)

  it('backs up over ssh, to a server whose key is pinned', async () => {
    await using served = await serveBorg(space.place, borg)
    const at = (ssh: object): void =>
      configure({
        repository: {
          url: served.url(space.place.at('far')),
          remotePath: served.remotePath,
          ssh: { identity: space.place.at('ssh', 'client'), ...ssh },
        },
      })
    at({})
    const refused = await space.run(['run', '--init'])
    expect(refused.code).toBe(1)
    expect(refused.stdout).toContain(`muster hostkeys trust 127.0.0.1:${served.port}`)
    at({ knownHosts: [readFileSync(served.ssh.knownHosts, 'utf8').trim()] })
    expect(await space.run(['run', '--init'])).toMatchObject({ code: 0 })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    const listed = await space.run(['collect', '--format', 'json'])
    expect(JSON.parse(listed.stdout)).toMatchObject([{ sets: [{ set: { snapshots: 2, files: 12 } }] }])
    expect(readFileSync(served.ssh.knownHosts, 'utf8').split('\n').length).toBe(2)
  }, 60_000)
})

const existsLock = (repository: string): boolean => existsSync(`${repository}/lock.exclusive`)
