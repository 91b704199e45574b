/** In the place of restic-reporter: its file, its flags, its signals, its metrics, without what was broken there. */
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openPrometheus } from '../http/prometheus.ts'
import { sendRaw } from '../http/raw.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { makeStandIn, serveStandIn } from '../vault/stand-in.ts'
import { type Daemon, startServe } from './daemon.ts'
import { makeReporterSpace, password, type ReporterSpace } from './reporter-space.ts'
import { jsonLines } from './workspace.ts'

let world: ReporterSpace
beforeAll(async () => {
  world = await makeReporterSpace()
  for (const name of ['good', 'secret', 'locked']) await world.init(name)
  await world.backup('good', 'web')
  await world.backup('good', 'web')
  await world.backup('good', 'db')
  await world.backup('secret', 'mail')
  await world.backup('locked', 'nas')
  return () => world[Symbol.asyncDispose]()
})
beforeEach(() => rmSync(world.space.place.at('state'), { recursive: true, force: true }))

const dead = 'rest:http://127.0.0.1:9/dead'
const entry = (name: string, more: object = {}) => ({ repo: world.urlOf(name), password, ...more })
const serve = (
  args: readonly string[] = ['-bind=127.0.0.1:0', '-cron', '@every 1s'],
  env: NodeJS.ProcessEnv = {},
): Promise<Daemon> => startServe(world.space, ['serve', '--from', 'restic-reporter:', ...args], env)
/** All series of a family with these words in them. */
const linesOf = (text: string, name: string, ...words: string[]): string[] =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) && words.every((word) => line.includes(word)))
const at = async (daemon: Daemon, path: string): Promise<string> => (await fetch(daemon.url + path)).text()
const collected = (daemon: Daemon) =>
  until('the first collection', async () => (await fetch(`${daemon.url}metrics`)).status === 200, 60_000)
const lastRun = async (daemon: Daemon) => (await daemon.metrics()).get('backup_job_last_success_unixtime') ?? 0
const logged = (stderr: string): string[] =>
  jsonLines(stderr.replaceAll(/^(?!\{).*\n/gm, '')).map(({ msg }) => String(msg))

describe('in the place of restic-reporter', () => {
  it('serves its six metrics of all that can be read, and says of the rest that it cannot', async () => {
    await using _lock = await world.lock('locked')
    world.write(
      `[${[
        JSON.stringify(entry('good')),
        JSON.stringify({ REPO: world.urlOf('secret'), password: 'wrong' }),
        JSON.stringify(entry('locked')),
        JSON.stringify({ repo: dead, password }),
        JSON.stringify(entry('absent', { disabled: true })),
      ].join(',\n')},\n]`,
    )
    await using daemon = await serve(['-config', 'config.json', '-bind=127.0.0.1:0', '--cron', '0 0 1 1 *'])
    const first = await fetch(`${daemon.url}metrics`)
    expect([200, 503]).toContain(first.status)
    if (first.status === 503) expect(first.headers.get('retry-after')).toBe('5')
    await collected(daemon)
    const text = await daemon.text()
    expect([...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name)).toEqual([
      'backup_days_age',
      'backup_job_error_count',
      'backup_job_last_success_unixtime',
      'backup_newest_timestamp',
      'backup_read_error_count',
      'backup_snapshot_count',
    ])
    const metrics = await daemon.metrics()
    const errors = (url: string) => metrics.get(`backup_read_error_count{url="${url}"}`)
    expect(['good', 'secret', 'locked'].map((name) => errors(world.urlOf(name)))).toEqual([0, 1, 0])
    expect([errors(dead), errors(world.urlOf('absent'))]).toEqual([1, undefined])
    expect(metrics.get('backup_job_error_count')).toBe(2)
    const counts = linesOf(text, 'backup_snapshot_count', 'isLegacy="false"', 'user="')
    expect(counts.map((line) => [/host="(\w+)"/.exec(line)?.[1], line.split(' ').at(-1)])).toEqual([
      ['db', '1'],
      ['nas', '1'],
      ['web', '2'],
    ])
    expect(linesOf(text, 'backup_days_age').every((line) => line.endsWith(' 0'))).toBe(true)
    const promtool = spawnSync(program('promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' })
    // It reads well; what promtool thinks of these names nobody can change any more.
    expect([0, 3], promtool.stderr).toContain(promtool.status)
    await using prometheus = await openPrometheus(daemon.url)
    await until('Prometheus has it', async () => (await prometheus.query('backup_days_age < 1')).length === 3, 30_000)

    expect(await at(daemon, 'compat/restic-reporter/metrics')).toBe(await daemon.text())
    const end = await daemon.stop('SIGTERM')
    expect(end).toMatchObject({ code: 0, signal: null })
    expect(end.stderr + end.stdout).not.toContain(password)
    expect(end.stderr).toMatch(/warning: .*a comma behind the last entry/)
  })

  it('answers nothing but metrics and health at --bind, to whatever name it is asked by', async () => {
    world.write([entry('good')])
    await using daemon = await serve()
    await collected(daemon)
    for (const path of ['', 'unknown/path', 'api/v1/standing', 'repositories/x'])
      expect(await at(daemon, path)).toBe('<h1>Restic Exporter</h1><pre><a href="/metrics">/metrics</a></pre>')
    expect((await fetch(`${daemon.url}-/reload`, { method: 'POST' })).status).toBe(404)
    expect([(await fetch(`${daemon.url}healthz`)).status, (await fetch(`${daemon.url}readyz`)).status]).toEqual([
      200, 200,
    ])
    const named = await sendRaw(
      daemon.url,
      'GET /metrics HTTP/1.1\r\nHost: restic-backup-reporter-host:9121\r\nConnection: close\r\n\r\n',
    )
    expect([named.status, named.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  })

  it('has the page as ever without --bind', async () => {
    world.write([entry('good')])
    await using daemon = await serve(['--listen', '127.0.0.1:0'])
    await collected(daemon)
    expect(await at(daemon, '')).toMatch(/<title>/)
    expect((await daemon.metrics()).get('backup_job_error_count')).toBe(0)
    expect(await at(daemon, `compat/restic-exporter/${nameOf('good')}/metrics`)).toMatch(/^restic_snapshots_total 3$/m)
  })

  it('has no credentials in its labels, unless they are asked for', async () => {
    const repo = world.urlOf('good').replace('//', '//user:canary-in-url@')
    world.write([{ repo, password }])
    const shown = async (args: readonly string[]): Promise<string> => {
      await using daemon = await serve(['-bind=127.0.0.1:0', ...args])
      await collected(daemon)
      const text = await daemon.text()
      const { stderr, stdout } = await daemon.stop('SIGINT')
      expect(stderr + stdout).not.toContain('canary-in-url')
      return text
    }
    expect(await shown([])).toContain('user:***@')
    expect(await shown(['--compat-exact'])).toContain(`url="${repo}"`)
  })

  it('collects by its cron, keeps what was known of what fails, and takes a new file for the next collection', async () => {
    await world.init('third')
    await world.backup('third', 'extra')
    world.write([entry('good'), entry('secret')])
    await using daemon = await serve()
    await collected(daemon)
    const before = await lastRun(daemon)
    await until('the next one by cron', async () => (await lastRun(daemon)) > before)
    // A new password that is wrong, and one more repository.
    world.write([entry('good'), entry('third'), { ...entry('secret'), password: 'wrong' }])
    daemon.child.kill('SIGHUP')
    await until(
      'the new repository',
      async () => linesOf(await daemon.text(), 'backup_snapshot_count', 'host="extra"').length === 1,
    )
    await until('the failure', async () => (await daemon.metrics()).get('backup_job_error_count') === 1)
    expect(linesOf(await daemon.text(), 'backup_snapshot_count', 'host="mail"')).toHaveLength(1)
    const exact = await at(daemon, 'compat/restic-reporter/metrics')
    expect(linesOf(exact, 'backup_snapshot_count', 'host="mail"')).toEqual([])
    expect(linesOf(exact, 'backup_read_error_count', '/secret"')[0]).toMatch(/ 1$/)
    // A bad file changes nothing.
    world.write([entry('good'), null])
    daemon.child.kill('SIGHUP')
    const now = await lastRun(daemon)
    await until('two more collections', async () => (await lastRun(daemon)) > now + 2)
    expect(linesOf(await daemon.text(), 'backup_snapshot_count', 'host="extra"')).toHaveLength(1)
    const end = await daemon.stop('SIGINT')
    expect(end.code).toBe(0)
    const messages = logged(end.stderr)
    expect(
      messages.some((text) => /^Error reloading configuration: .*config\.json:1:\d+: \[1\]: is null/.test(text)),
    ).toBe(true)
    expect(messages).toContain('configuration reloaded')
  })

  it('collects on USR1, says when one is running, and tells what it knew at once after a restart', async () => {
    world.write([entry('good')])
    const args = ['-bind=127.0.0.1:0', '-cron', '0 0 1 1 *']
    const first = await serve(args)
    await collected(first)
    const before = await lastRun(first)
    first.child.kill('SIGUSR1')
    await until('a collection now', async () => (await lastRun(first)) > before)
    const known = (await first.text()).replaceAll(/^backup_days_age.*\n/gm, '')
    await first.stop('SIGKILL')
    // One that hangs keeps the next collection from ending.
    world.write([entry('good'), { repo: dead, password }])
    await using second = await serve(args)
    const text = await second.text()
    expect(linesOf(text, 'backup_snapshot_count')).toEqual(linesOf(known, 'backup_snapshot_count'))
    await until('it is ready', async () => (await fetch(`${second.url}readyz`)).status === 200)
    const running = 'GatherMetrics already running, can not start another instance'
    let told = ''
    second.child.stderr?.on('data', (data: Buffer) => {
      told += data.toString()
    })
    await until('one is running', () => told.includes(running) || !second.child.kill('SIGUSR1'), 30_000)
    const end = await second.stop('SIGTERM')
    expect(end.code).toBe(0)
    expect(logged(end.stderr)).toContain(running)
  })

  it('does not hang with no repository that is enabled', async () => {
    world.write([entry('good', { disabled: true })])
    await using daemon = await serve()
    await collected(daemon)
    expect((await daemon.text()).replaceAll(/^#.*\n/gm, '')).toMatch(
      /^backup_job_error_count 0\nbackup_job_last_success_unixtime 1\.\d+e\+09\n$/,
    )
    expect((await daemon.stop('SIGTERM')).code).toBe(0)
  })
})

/** Against the stand-in of `test/vault/stand-in.ts`, for Vault itself cannot be had here. */
describe('with passwords in Vault', () => {
  it('takes a rotated one when the repository refuses the old, and at a reload', async () => {
    await world.init('rotating')
    await world.backup('rotating', 'web')
    const vault = makeStandIn()
    const kept: Record<string, string> = { password: 'wrong-at-first' }
    vault.mounts.kv = { version: 2, secrets: { 'backups/one': kept } }
    await using served = await serveStandIn(vault)
    world.write([{ repo: world.urlOf('rotating'), vault_material: 'backups/one' }])
    const env = { VAULT_ADDR: served.address, VAULT_ROLE_ID: 'role-1', VAULT_SECRET_ID: 'secret-1' }
    await using daemon = await serve(['-bind=127.0.0.1:0', '-cron', '@every 1s'], env)
    await collected(daemon)
    const errors = async () => (await daemon.metrics()).get('backup_job_error_count')
    expect(await errors()).toBe(1)
    kept.password = password
    await until('the new password', async () => (await errors()) === 0)
    // Known now: no reading asks again, until it is told to.
    const reads = () => vault.asked.filter((asked) => asked === 'GET kv/data/backups/one').length
    const [before, ran] = [reads(), await lastRun(daemon)]
    await until('two more', async () => (await lastRun(daemon)) > ran + 1)
    expect(reads()).toBe(before)
    daemon.child.kill('SIGHUP')
    await until('it is asked for again', () => reads() > before)
    vault.sealed = true
    daemon.child.kill('SIGHUP')
    await until('it is told', async () => (await errors()) === 1)
    const end = await daemon.stop('SIGTERM')
    expect(end.stderr).toContain('Credential unavailable: Vault at')
    expect(end.stderr + end.stdout).not.toMatch(new RegExp(`${password}|secret-1`))
  })
})

const nameOf = (name: string): string =>
  world
    .urlOf(name)
    .replace(/^rest:http:\/\//, '')
    .replaceAll(/[:/]/g, '-')

describe('its configuration', () => {
  it('is refused with 2 where it cannot be meant', async () => {
    world.write([entry('good'), entry('good')])
    const twice = await world.space.run(['serve', '--from', 'restic-reporter:config.json'])
    expect(twice.code).toBe(2)
    expect(twice.stderr).toMatch(/\[1\]\.repo: is the same repository as \[0\]/)
    world.write('{')
    expect((await world.space.run(['collect', '--from', 'restic-reporter:config.json'])).code).toBe(2)
    expect((await world.space.run(['serve', '--from', 'restic-reporter:', '--cron', 'never'])).code).toBe(2)
    expect((await world.space.run(['serve', '--bind', ':0'])).code).toBe(2)
  })

  it('is run by collect, status and config show, and becomes a muster.yaml that says the same', async () => {
    world.write([entry('good')])
    const from = ['--from', 'restic-reporter:config.json']
    const collected = await world.space.run(['collect', ...from, '--json'])
    expect(collected.code, collected.stderr).toBe(0)
    expect(JSON.parse(collected.stdout)).toMatchObject([{ lastReading: { snapshots: 3 } }])
    expect((await world.space.run(['status', ...from])).stdout).toContain('web')
    const shown = await world.space.run(['config', 'show', ...from, '--json'])
    const imported = await world.space.run(['import', 'restic-reporter', 'config.json'])
    expect(imported.code).toBe(0)
    const path = world.space.place.at('imported.yaml')
    writeFileSync(path, imported.stdout)
    const again = await world.space.run(['config', 'show', '--config', path, '--json'])
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(shown.stdout))
  })
})
