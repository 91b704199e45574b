/** What goes wrong in real life, seen by the person who started `muster run`: exit code, outcome, problem, what to do. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Run } from '../../src/model/run.ts'
import { isAlive, killGroup } from '../../src/system/pids.ts'
import { deep } from '../real/deep.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { ended, makeWorkspace, type Workspace } from './workspace.ts'

/** How each version tells of a failure is asked by the contract of tools; here the oldest and the newest speak for all. */
const versions = deep
  ? (['restic-0.14', 'restic-0.18', 'restic-0.19'] as const)
  : (['restic-0.14', 'restic-0.19'] as const)

for (const version of versions) {
  describe(`a run that fails, with ${version}`, () => {
    let space: Workspace
    beforeEach(() => {
      space = makeWorkspace(program(version))
    })
    afterEach(() => space[Symbol.dispose]())

    const last = async (): Promise<Run> => {
      await using ledger = await space.ledger()
      const [run] = await ledger.runs({ job: 'files', operation: 'backup', most: 1 })
      if (run === undefined) throw new Error('no run in the ledger')
      return run
    }
    const made = async (more: { job?: object; repository?: object } = {}) => {
      space.configure({ ...more, repository: { create: true, ...more.repository } })
      expect(await space.run(['run'])).toMatchObject({ code: 0 })
    }
    /** The tool's process of the run that is open, once it is there. */
    const childOf = async (): Promise<number> => {
      let pid: number | undefined
      await until('the tool was started', async () => {
        await using ledger = await space.ledger()
        pid = (await ledger.openRuns())[0]?.run.child?.pid
        return pid !== undefined
      })
      return pid as number
    }
    /** Slow enough to be met at work. */
    const slowly = () => {
      writeFileSync(
        join(space.source, 'much'),
        execFileSync('head', ['-c', '20000000', '/dev/urandom'], { maxBuffer: 30_000_000 }),
      )
      return { limits: { uploadRate: '1M' } }
    }

    it('names a wrong password and what to check', async () => {
      await made()
      writeFileSync(space.place.at('password'), 'wrong')
      const { code, stdout } = await space.run(['run'])
      expect(code).toBe(1)
      expect(stdout).toContain('→')
      expect(await last()).toMatchObject({ outcome: 'failed', problem: { code: 'restic.password', retry: 'never' } })
    })

    it('names a repository that is not there, and makes none', async () => {
      space.configure()
      expect(await space.run(['run'])).toMatchObject({ code: 1 })
      expect(await last()).toMatchObject({ outcome: 'failed', problem: { code: 'repository.not-there' } })
      expect(() => readFileSync(join(space.repository, 'config'))).toThrow()
    })

    it('names who holds an exclusive lock, and leaves it alone', async () => {
      await made()
      const holder = spawn(
        program(version),
        ['-r', space.repository, '--password-file', space.place.at('password'), 'check'],
        { env: { PATH: process.env.PATH, HOME: space.place.path }, stdio: 'ignore' },
      )
      const gone = once(holder, 'close')
      // restic writes a lock under another name first.
      const locks = () =>
        readdirSync(join(space.repository, 'locks'))
          .filter((name) => /^[0-9a-f]{64}$/.test(name))
          .join()
      await until('the lock is there', () => locks() !== '')
      holder.kill('SIGSTOP')
      try {
        expect(await space.run(['run'])).toMatchObject({ code: 1 })
        expect(await last()).toMatchObject({ outcome: 'failed', problem: { code: 'restic.locked' } })
        expect(locks()).not.toBe('')
      } finally {
        holder.kill('SIGKILL')
        await gone
      }
    })

    it('warns of a source that is missing, and fails when all are', async () => {
      await made()
      const there = space.source
      space.configure({ job: { sources: [there, '/nowhere/at/all'], retention: { keepLast: 1 } } })
      const run = await space.run(['run'])
      expect(run.code, run.stdout + run.stderr).toBe(3)
      expect(await last()).toMatchObject({
        outcome: 'warning',
        snapshotId: expect.any(String),
        skippedCount: 1,
        problem: { code: 'guard.source-missing' },
      })
      // Nothing is forgotten after it, and nobody calls it fresh.
      await using ledger = await space.ledger()
      expect(await ledger.runs({ operation: 'forget', most: 9 })).toEqual([])
      expect(await space.run(['status'])).toMatchObject({
        code: 4,
        stdout: expect.stringMatching(/failing.*made a doubtful snapshot.*nowhere/s),
      })
      space.configure({ job: { sources: ['/nowhere/at/all'] } })
      expect(await space.run(['run'])).toMatchObject({ code: 1 })
      expect(await last()).toMatchObject({ outcome: 'failed', problem: { code: 'restic.source-missing' } })
    })

    it('lists the files it could not read as a warning', async () => {
      // Root may read everything, so restic runs as somebody else.
      const wrapper = space.place.at('restic-as-nobody')
      writeFileSync(
        wrapper,
        `#!/bin/sh\nexport HOME=/tmp\nexec setpriv --reuid=65534 --regid=65534 --clear-groups ${program(version)} "$@"\n`,
        { mode: 0o755 },
      )
      mkdirSync(space.repository)
      chownSync(space.repository, 65534, 65534)
      chmodSync(join(space.source, 'file-2'), 0o600)
      space.configure({ repository: { create: true, program: wrapper, cacheDir: space.place.at('cache') } })
      mkdirSync(space.place.at('cache'))
      chownSync(space.place.at('cache'), 65534, 65534)
      const run = await space.run(['run'])
      expect(run.code, run.stdout + run.stderr).toBe(3)
      expect(run.stdout).toContain('file-2')
      expect(await last()).toMatchObject({
        outcome: 'warning',
        skippedCount: 1,
        skipped: [{ path: join(space.source, 'file-2'), reason: expect.stringMatching(/denied|Err/) }],
      })
    })

    it('names a full disk', async () => {
      mkdirSync(space.repository)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', space.repository])
      try {
        await made()
        writeFileSync(
          join(space.source, 'large'),
          execFileSync('head', ['-c', '8000000', '/dev/urandom'], { maxBuffer: 10_000_000 }),
        )
        expect(await space.run(['run'])).toMatchObject({ code: 1 })
        expect(await last()).toMatchObject({ outcome: 'failed', problem: { code: 'restic.store-full' } })
        // With room again the next backup works: no lock of ours is in its way.
        rmSync(join(space.source, 'large'))
        execFileSync('mount', ['-o', 'remount,size=60m', space.repository])
        expect(await space.run(['run'])).toMatchObject({ code: 0 })
      } finally {
        execFileSync('umount', ['-l', space.repository])
      }
    })

    it('fails when restic is killed, and the next run works', async () => {
      await made()
      space.configure({ job: slowly() })
      const muster = space.start(['run'])
      const end = ended(muster)
      const pid = await childOf()
      killGroup(pid, 'SIGKILL')
      expect(await end).toMatchObject({ code: 1 })
      expect(await last()).toMatchObject({ outcome: 'failed', problem: { code: 'restic.killed' } })
      space.configure({ job: { retention: { keepLast: 9 } } })
      expect(await space.run(['run'])).toMatchObject({ code: 0 })
      expect((await space.restic(['list', 'locks', '--no-lock'])).stdout.trim()).toBe('')
    })

    it('ends a frozen restic after the stall limit, with its whole group', async () => {
      await made()
      space.configure({ job: { ...slowly(), stallLimit: '3s' } })
      const muster: ChildProcess = space.start(['run'])
      const end = ended(muster)
      const pid = await childOf()
      process.kill(pid, 'SIGSTOP')
      expect(await end).toMatchObject({ code: 1 })
      expect(isAlive(pid)).toBe(false)
      expect(await last()).toMatchObject({ outcome: 'timed-out', problem: { code: 'restic.stalled' } })
      expect((await space.restic(['list', 'locks', '--no-lock'])).stdout.trim()).toBe('')
    })

    it('ends at the time limit', async () => {
      await made()
      space.configure({ job: { ...slowly(), timeLimit: '3s' } })
      expect(await space.run(['run'])).toMatchObject({ code: 1 })
      expect(await last()).toMatchObject({ outcome: 'timed-out', problem: { code: 'restic.timed-out' } })
    })

    it('is cancelled by Ctrl-C within seconds, leaving neither process nor lock', async () => {
      await made()
      space.configure({ job: slowly() })
      const muster = space.start(['run'])
      const end = ended(muster)
      const pid = await childOf()
      muster.kill('SIGINT')
      expect(await end).toMatchObject({ code: 130 })
      expect(isAlive(pid)).toBe(false)
      expect(await last()).toMatchObject({ outcome: 'cancelled' })
      expect((await space.restic(['list', 'locks', '--no-lock'])).stdout.trim()).toBe('')
    })
  })
}

describe('a run that cannot start', () => {
  it('says that restic is missing, and how to get it', async () => {
    using space = makeWorkspace()
    space.configure({ repository: { program: '/nowhere/restic' } })
    const { code, stdout } = await space.run(['run'])
    expect(code).toBe(1)
    expect(stdout).toContain('/nowhere/restic')
    expect(stdout).toContain('→')
  })

  it('records that another Muster is at it', async () => {
    using space = makeWorkspace()
    writeFileSync(
      join(space.source, 'much'),
      execFileSync('head', ['-c', '20000000', '/dev/urandom'], { maxBuffer: 30_000_000 }),
    )
    space.configure({ repository: { create: true }, job: { limits: { uploadRate: '1M' } } })
    const first = space.start(['run'])
    const end = ended(first)
    await until('the first is at work', async () => {
      await using ledger = await space.ledger()
      return (await ledger.openRuns()).some(({ phase, run }) => phase === 'running' && run.operation === 'backup')
    })
    const second = await space.run(['run'])
    expect(second).toMatchObject({ code: 1 })
    expect(second.stdout).toContain('skipped')
    first.kill('SIGTERM')
    expect(await end).toMatchObject({ code: 130 })
  })
})
