/** What Prometheus gets from a daemon at work, and what a restart and an unreadable repository leave of it. */

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPrometheus } from '../http/prometheus.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { type Daemon, familiesOf, startServe } from './daemon.ts'
import { far, makeServeSpace, type ServeSpace } from './serve-space.ts'

const families = [
  'build_info',
  ...['info', 'up', 'last_reading_timestamp_seconds', 'last_successful_reading_timestamp_seconds'].map(
    of('repository'),
  ),
  ...['reading_duration_seconds', 'snapshots', 'locks', 'size_bytes'].map(of('repository')),
  ...['newest_snapshot_timestamp_seconds', 'expected_before_timestamp_seconds', 'snapshots'].map(of('set')),
  ...['size_bytes', 'files', 'verdict'].map(of('set')),
  ...['last_run', 'last_success', 'next_run'].map((name) => `job_${name}_timestamp_seconds`),
  ...['last_duration_seconds', 'last_outcome', 'last_exit_code', 'runs_total', 'running'].map(of('job')),
  ...['files_new', 'files_changed', 'files_unmodified', 'dirs_new', 'dirs_changed', 'dirs_unmodified'].map(of('job')),
  ...['processed_files', 'processed_bytes', 'added_bytes'].map(of('job')),
].map((name) => `muster_${name}`)

function of(what: string) {
  return (name: string): string => `${what}_${name}`
}

/** Told by the daemon alone: they speak of its own process. */
const daemonsOwn = /^(?:process_|nodejs_|muster_http_|muster_config_)/

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
/** At least `count` good backups of each job, and nothing under way. */
const backedUp = (count: number) =>
  until(
    `${count} backups of each job`,
    async () => {
      const done = (await runs()).filter((run) => run.operation === 'backup' && run.outcome === 'ok')
      return ['first', 'second'].every((job) => done.filter((run) => run.job === job).length >= count)
    },
    60_000,
  )
const reload = async (daemon: Daemon) =>
  expect((await fetch(`${daemon.url}-/reload`, { method: 'POST' })).status).toBeLessThan(300)
/** From here on no schedule comes due and nothing runs. */
const atRest = async (daemon: Daemon) => {
  space.configureTwo(far)
  await reload(daemon)
  await until('nothing runs any more', async () => (await runs()).every((run) => run.outcome !== undefined), 60_000)
  const readAt = new Date()
  daemon.child.kill('SIGUSR1')
  await until('both were read', async () => {
    const metrics = await daemon.metrics()
    return ['one', 'two'].every(
      (name) =>
        (metrics.get(`muster_repository_last_reading_timestamp_seconds{repository="${name}"}`) ?? 0) * 1000 >
        readAt.getTime() - 1000,
    )
  })
}

describe('the metrics of a daemon', () => {
  it('hold every family, for Prometheus, promtool and collect alike', async () => {
    space.configureTwo({ schedule: '@every 2s', retention: { keepLast: 3 } })
    await using daemon = await startServe(space)
    await backedUp(1)
    const page = await fetch(daemon.url)
    expect(page.status).toBe(200)
    const html = await page.text()
    for (const name of ['first', 'second', 'one', 'two']) expect(html).toContain(name)

    await using prometheus = await openPrometheus(daemon.url)
    for (const name of families)
      await until(`Prometheus has ${name}`, async () => (await prometheus.query(name)).length > 0, 30_000)
    expect((await prometheus.query('muster_repository_up == 1')).map(({ labels }) => labels.repository).sort()).toEqual(
      ['one', 'two'],
    )
    const counted = await prometheus.query('muster_job_runs_total{operation="backup", outcome="ok"} >= 1')
    expect(counted.map(({ labels }) => labels.job).sort()).toEqual(['first', 'second'])

    await atRest(daemon)
    const text = await daemon.text()
    const checked = spawnSync(program('promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' })
    expect([checked.status, checked.stdout, checked.stderr]).toEqual([0, '', ''])
    await daemon.stop('SIGTERM')
    const collected = await space.run(['collect', '--format', 'prometheus'])
    expect(collected.code, collected.stderr).toBe(0)
    const shared = (body: string) => familiesOf(body).filter((name) => !daemonsOwn.test(name))
    expect(shared(collected.stdout)).toEqual(shared(text))
  })

  it('are the same after a kill and a restart, before anything was read again', async () => {
    space.configureTwo({ schedule: '@every 1s' })
    const first = await startServe(space)
    await backedUp(2)
    await atRest(first)
    const known = (metrics: ReadonlyMap<string, number>) =>
      [...metrics].filter(([name]) => /^muster_(?:repository|set|job)_/.test(name)).sort()
    // What is served may be a second old; it is settled when it stays for longer.
    let [before, since] = [known(await first.metrics()), performance.now()]
    await until('the metrics are settled', async () => {
      const now = known(await first.metrics())
      if (!isDeepStrictEqual(now, before)) [before, since] = [now, performance.now()]
      return performance.now() - since > 2_000
    })
    expect(before.length).toBeGreaterThan(60)
    await first.stop('SIGKILL')
    space.holdPasswords()
    await using second = await startServe(space)
    expect(known(await second.metrics())).toEqual(before)
    const total = 'muster_job_runs_total{job="first",repository="one",operation="backup",outcome="ok"}'
    const ok = (await runs()).filter((run) => run.job === 'first' && run.operation === 'backup' && run.outcome === 'ok')
    expect((await second.metrics()).get(total)).toBe(ok.length)
    space.release()
  })

  it('tell of a repository that cannot be read any more, and keep what was last known of its sets', async () => {
    space.configureTwo({ schedule: '@every 1s' })
    await using daemon = await startServe(space)
    await backedUp(1)
    await atRest(daemon)
    const sets = (metrics: ReadonlyMap<string, number>) =>
      [...metrics].filter(([name]) => /^muster_set_(?!verdict)/.test(name) && name.includes('repository="two"'))
    const before = await daemon.metrics()
    expect(before.get('muster_repository_up{repository="two"}')).toBe(1)
    expect(sets(before).length).toBeGreaterThanOrEqual(3)
    writeFileSync(space.passwordOf('two'), 'wrong\n')
    daemon.child.kill('SIGUSR1')
    const up = 'muster_repository_up{repository="two"}'
    await until('it is down', async () => (await daemon.metrics()).get(up) === 0)
    const after = await daemon.metrics()
    expect(sets(after)).toEqual(sets(before))
    expect(after.get('muster_repository_up{repository="one"}')).toBe(1)
    expect(after.get('muster_repository_problem{repository="two",code="restic.password"}')).toBe(1)
    const readAt = (which: string) => after.get(`muster_repository_last_${which}_timestamp_seconds{repository="two"}`)
    expect(readAt('successful_reading')).toBeLessThan(readAt('reading') ?? 0)
  })
})
