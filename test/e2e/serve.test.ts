/** The daemon as an operator meets it: schedules, reloads, signals, and starts that fail. */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { isAlive } from '../../src/system/pids.ts'
import { until } from '../real/wait.ts'
import { type Daemon, startServe } from './daemon.ts'
import { far, makeServeSpace, type ServeSpace, sourceOf } from './serve-space.ts'
import { ended } from './workspace.ts'

const succeeded = 'muster_config_reload_successful'
let space: ServeSpace
beforeEach(() => {
  space = makeServeSpace()
})
afterEach(() => {
  space.release()
  space[Symbol.dispose]()
})

const runs = async () => {
  await using ledger = await space.ledger()
  return await ledger.runs({ most: 9_999 })
}
const openRun = async () => {
  await using ledger = await space.ledger()
  return (await ledger.openRuns()).find(({ run }) => run.child !== undefined)
}
/** A job that takes about 20 s. */
const slow = () => {
  const random = execFileSync('head', ['-c', '20000000', '/dev/urandom'], { maxBuffer: 30_000_000 })
  writeFileSync(join(sourceOf(space, 'one'), 'much'), random)
  return { repository: 'one', sources: [sourceOf(space, 'one')], limits: { uploadRate: '1M' } }
}
/** Of every process of this machine. */
const commandLines = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(join('/proc', pid, 'cmdline'), 'utf8')
      } catch {
        // It ended meanwhile.
        return ''
      }
    })
const read = (daemon: Daemon, name: string): Promise<number | undefined> =>
  daemon
    .metrics()
    .then((metrics) => metrics.get(`muster_repository_last_reading_timestamp_seconds{repository="${name}"}`))

describe('muster serve', () => {
  it('lives on when nobody reads its log any more', async () => {
    space.configureTwo({ schedule: '@every 1s' })
    await using daemon = await startServe(space)
    daemon.child.stdout?.destroy()
    daemon.child.stderr?.destroy()
    const before = (await runs()).length
    await until('more runs, each with lines of log', async () => (await runs()).length > before + 4, 60_000)
    expect((await fetch(`${daemon.url}healthz`)).status).toBe(200)
  })

  it('runs what is scheduled, each instant at most once, and the snapshots are there', async () => {
    space.configureTwo({ schedule: '@every 2s' })
    await using daemon = await startServe(space)
    const done = async () => (await runs()).filter((run) => run.operation === 'backup' && run.outcome === 'ok')
    await until(
      'four backups of each job',
      async () => {
        const all = await done()
        return ['first', 'second'].every((job) => all.filter((run) => run.job === job).length >= 4)
      },
      60_000,
    )
    expect(await daemon.stop('SIGTERM')).toMatchObject({ code: 0 })
    const all = (await runs()).filter((run) => run.operation === 'backup')
    const instants = all.map((run) => `${run.job} ${run.scheduledFor?.toISOString()}`)
    expect(new Set(instants).size).toBe(instants.length)
    for (const run of all) expect((run.scheduledFor?.getTime() ?? 1) % 2000).toBe(0)
    for (const name of ['one', 'two'] as const) {
      const listed = await space.run(['snapshots', name, '--json'])
      const ids = (JSON.parse(listed.stdout) as { id: string }[]).map(({ id }) => id)
      const good = all.filter((run) => run.repository === name && run.outcome === 'ok')
      expect(ids).toEqual(expect.arrayContaining(good.map((run) => run.snapshotId)))
    }
  })

  it('records an instant that comes while the job still runs as skipped', async () => {
    space.configureTwo(far, { slow: { ...slow(), schedule: '@every 2s' } })
    await using daemon = await startServe(space)
    const skipped = async () => (await runs()).filter((run) => run.job === 'slow' && run.outcome === 'skipped')
    await until('two instants are skipped', async () => (await skipped()).length >= 2, 30_000)
    expect((await skipped())[0]).toMatchObject({ problem: { code: 'job.overlap' } })
    const total = 'muster_job_runs_total{job="slow",repository="one",operation="backup",outcome="skipped"}'
    expect((await daemon.metrics()).get(total)).toBeGreaterThanOrEqual(2)
  })

  it('keeps the old configuration when the new one is bad, says why, and takes a good one', async () => {
    space.configureTwo(far)
    await using daemon = await startServe(space)
    await until('it is ready', async () => (await fetch(`${daemon.url}readyz`)).status === 200)
    expect((await daemon.metrics()).get(succeeded)).toBe(1)
    writeFileSync(space.place.at('muster.yaml'), 'repositories: { one: { tool: restic, urll: /nowhere } }\n')
    daemon.child.kill('SIGHUP')
    await until('the reload failed', async () => (await daemon.metrics()).get(succeeded) === 0)
    expect(await (await fetch(daemon.url)).text()).toMatch(/not reloaded.*urll/s)
    const refused = await fetch(`${daemon.url}-/reload`, { method: 'POST' })
    expect(refused.status).toBeGreaterThanOrEqual(400)
    expect(await refused.text()).toContain('urll')
    const jobs = async () =>
      [...(await daemon.metrics()).keys()].filter((name) => name.startsWith('muster_job_running'))
    expect(await jobs()).toHaveLength(2)

    space.configureTwo(far, { third: { repository: 'two', sources: [sourceOf(space, 'two')], schedule: '@every 1s' } })
    daemon.child.kill('SIGHUP')
    await until('the new file is in force', async () => (await daemon.metrics()).get(succeeded) === 1)
    expect(await jobs()).toHaveLength(3)
    await until('the new job runs', async () =>
      (await runs()).some((run) => run.job === 'third' && run.outcome === 'ok'),
    )
  })

  it('takes logins and names from a reload, and says that another address needs a restart', async () => {
    const server = (more: object) => {
      const text = readFileSync(space.place.at('muster.yaml'), 'utf8')
      writeFileSync(space.place.at('muster.yaml'), stringify({ ...parse(text), server: more }))
    }
    space.configureTwo(far)
    await using daemon = await startServe(space)
    await until('it is ready', async () => (await fetch(`${daemon.url}readyz`)).status === 200)
    server({ auth: { tokens: ['first-token'] } })
    const asked = (token: string) => fetch(daemon.url, { headers: { authorization: `Bearer ${token}` } })
    const reload = (token: string) =>
      fetch(`${daemon.url}-/reload`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    expect((await reload('none yet')).status).toBe(200)
    expect([(await asked('first-token')).status, (await asked('other')).status]).toEqual([200, 401])
    // A token that cannot be loaded changes nothing: the old one still opens the page, and nobody else comes in.
    server({ auth: { tokens: [{ file: space.place.at('nowhere') }] } })
    const refused = await reload('first-token')
    expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining('does not exist')])
    expect([(await asked('first-token')).status, (await fetch(daemon.url)).status]).toEqual([200, 401])
    server({ auth: { tokens: ['second-token'] } })
    daemon.child.kill('SIGHUP')
    await until('the new token opens it', async () => (await asked('second-token')).status === 200)
    expect((await asked('first-token')).status).toBe(401)
  })

  it('says that another address needs a restart', async () => {
    space.configureTwo(far)
    const text = readFileSync(space.place.at('muster.yaml'), 'utf8')
    writeFileSync(space.place.at('muster.yaml'), stringify({ ...parse(text), server: { listen: '127.0.0.1:0' } }))
    await using daemon = await startServe(space, ['serve'])
    writeFileSync(space.place.at('muster.yaml'), stringify({ ...parse(text), server: { listen: '127.0.0.1:9' } }))
    const refused = await fetch(`${daemon.url}-/reload`, { method: 'POST' })
    expect([refused.status, await refused.text()]).toEqual([409, expect.stringMatching(/still listens on.*restart/is)])
    expect((await daemon.metrics()).get(succeeded)).toBe(0)
  })

  it('closes the run of a `muster run` that was killed beside it, and runs that job again', async () => {
    space.configureTwo(far, { slow: { ...slow(), ...far } })
    await using daemon = await startServe(space)
    await until('it is ready', async () => (await fetch(`${daemon.url}readyz`)).status === 200)
    const run = space.start(['run', 'slow'])
    const end = ended(run)
    await until('restic runs', async () => {
      await using ledger = await space.ledger()
      return (await ledger.openRuns()).some((open) => open.run.child !== undefined)
    })
    run.kill('SIGKILL')
    await end
    const shown = await space.run(['status', 'slow'])
    expect(shown).toMatchObject({ code: 4, stdout: expect.stringContaining('✗ failing') })
    await until('its run is closed', async () =>
      (await runs()).some((one) => one.job === 'slow' && one.outcome === 'interrupted'),
    )
    // Nobody has to restart the daemon or wait: the overlap is gone.
    const again = space.start(['run', 'slow', '--json'])
    const second = ended(again)
    await until('it runs again', async () => {
      await using ledger = await space.ledger()
      return (await ledger.openRuns()).some((open) => open.run.job === 'slow' && open.run.child !== undefined)
    })
    again.kill('SIGINT')
    expect(await second).toMatchObject({ code: 130 })
  })

  it('reads all repositories at once on USR1', async () => {
    space.configureTwo(far)
    for (const job of ['first', 'second']) expect(await space.run(['run', job])).toMatchObject({ code: 0 })
    await using daemon = await startServe(space)
    await until('both are up', async () => {
      const metrics = await daemon.metrics()
      return ['one', 'two'].every((name) => metrics.get(`muster_repository_locks{repository="${name}"}`) === 0)
    })
    const before = { one: await read(daemon, 'one'), two: await read(daemon, 'two') }
    daemon.child.kill('SIGUSR1')
    for (const name of ['one', 'two'] as const)
      await until(`${name} was read again`, async () => ((await read(daemon, name)) ?? 0) > (before[name] ?? 0))
  })

  it('reads once more when USR1 comes while a reading is under way', async () => {
    space.configureTwo(far)
    // A reading begins with its password.
    const asked = space.place.at('asked')
    const script = space.place.at('ask-password')
    writeFileSync(
      script,
      readFileSync(script, 'utf8').replace('\n', `\n[ "$1" = ${space.passwordOf('one')} ] && echo asked >> ${asked}\n`),
    )
    const times = (): number => (existsSync(asked) ? readFileSync(asked, 'utf8').trim().split('\n').length : 0)
    space.holdPasswords()
    await using daemon = await startServe(space)
    await until('the first reading waits', () => times() === 1)
    daemon.child.kill('SIGUSR1')
    await fetch(`${daemon.url}readyz`)
    space.release()
    await until('it was read once more', () => times() === 2)
  })

  it('ends within 5 s on TERM: running work is cancelled and recorded, no process is left', async () => {
    space.configureTwo(far, { slow: { ...slow(), schedule: '@every 1s' } })
    expect(await space.run(['run', 'first'])).toMatchObject({ code: 0 })
    await using daemon = await startServe(space)
    await until('restic works', async () => (await openRun())?.run.operation === 'backup', 30_000)
    const child = (await openRun())?.run.child?.pid ?? 0
    const begun = performance.now()
    expect(await daemon.stop('SIGTERM')).toMatchObject({ code: 0, signal: null })
    expect(performance.now() - begun).toBeLessThan(5_000)
    expect(isAlive(child)).toBe(false)
    const all = await runs()
    expect(all.every((run) => run.outcome !== undefined)).toBe(true)
    expect(all.filter((run) => run.outcome === 'cancelled').map((run) => run.job)).toContain('slow')
    // What it starts has a path of this workspace among its arguments.
    expect(commandLines().filter((line) => line.includes(space.place.path))).toEqual([])
  })
})

describe('a backup that TERM meets beside its main work', () => {
  for (const [step, what] of [
    ['init', 'its repository is made'],
    ['version', 'the version is asked'],
  ] as const) {
    it(`is cancelled, not failed, while ${what}`, async () => {
      space.configureTwo(far)
      space.hold(step)
      const muster = space.start(['run', 'first'])
      const end = ended(muster)
      await until(`${step} waits`, () => space.isHeldUp())
      muster.kill('SIGTERM')
      expect(await end).toMatchObject({ code: 130 })
      const backups = (await runs()).filter((run) => run.operation === 'backup')
      expect(backups.map((run) => run.outcome)).toEqual(['cancelled'])
    })
  }
})

describe('a daemon that cannot start', () => {
  const refused = (code: number | null, stderr: string, says: RegExp) => {
    expect(code).toBe(1)
    expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
  }

  it('says that the port is taken', async () => {
    space.configureTwo(far)
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = other.address() as { port: number }
      const { code, stderr } = await space.run(['serve', '--listen', `127.0.0.1:${port}`])
      refused(code, stderr, new RegExp(`${port}.*→`, 's'))
    } finally {
      other.close()
    }
  })

  it('says that the state folder cannot be written', () => {
    space.configureTwo(far)
    const state = space.place.at('read-only')
    mkdirSync(state)
    chmodSync(state, 0o555)
    const main = new URL('../../src/main.ts', import.meta.url).pathname
    const command = [process.execPath, main, 'serve', '--listen', '127.0.0.1:0']
    // Root may write anywhere, so somebody else starts it.
    const asOther = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []
    const [file = '', ...args] = [...asOther, ...command]
    const env = { PATH: process.env.PATH, HOME: space.place.path, MUSTER_STATE: state }
    const { status, stderr } = spawnSync(file, args, { cwd: space.place.path, env, encoding: 'utf8', timeout: 30_000 })
    refused(status, stderr, /read-only.*→/s)
  })
})
