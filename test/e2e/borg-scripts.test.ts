/**
 * The page for those who come from scripts around borg, as it stands, at a box with a restricted set of commands: port 22 has files alone and
 * an RSA key, port 23 has borg and df. And the four lines as a real Prometheus takes them.
 */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadPages } from '../docs/markdown.ts'
import { openPrometheus } from '../http/prometheus.ts'
import { freePort } from '../readers/servers.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { account, type Box, df, host, openBox } from '../ssh/box.ts'
import { startServe } from './daemon.ts'
import { type Ended, main, makeWorkspace } from './workspace.ts'

const page = (await loadPages()).find(({ path }) => path === 'docs/coming-from/borg-scripts.md')
const blocks = (...info: readonly string[]): readonly string[] =>
  page?.blocks.filter((block) => info.every((word, at) => block.info[at] === word)).map(({ text }) => text) ?? []
const lines = (text: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    text
      .trimEnd()
      .split('\n')
      .map((line) => /^(borg_\w+) (\d+)$/.exec(line) ?? [line, line, 'no number'])
      .map(([, name = '', value]) => [name, Number(value)]),
  )

describe('the page for scripts around borg', () => {
  let box: Box
  /** A block of the page, with folders of its own in place of those of the system. */
  const here = (text: string): string =>
    text
      .replaceAll('/etc/muster', box.place.at('etc'))
      .replaceAll('[/target]', `[${box.place.at('target')}]`)
      .replaceAll('/usr/local/bin', box.place.at('bin'))
  const env = (): NodeJS.ProcessEnv => ({ BORG_BASE_DIR: box.place.at('base') })
  const sh = (script: string): Promise<Ended> => box.run(['sh', '-eu', '-c', here(script)], env())
  const ask = async (path = '', method = 'GET'): Promise<string> => {
    const script = `const answer = await fetch('http://127.0.0.1:9999/${path}', { method: '${method}' })
      console.log(answer.status, answer.headers.get('content-type')); process.stdout.write(await answer.text())`
    const { stdout, stderr } = await box.run([process.execPath, '--input-type=module', '-e', script])
    const [head = '', ...rest] = stdout.split('\n')
    expect([head, stderr]).toEqual([expect.stringMatching(/^200 text\/plain\b/), ''])
    return rest.join('\n')
  }

  beforeAll(async () => {
    box = await openBox('', program('borg-1.4'))
    await box.serve(22, ['rsa'], 'sftp')
    await box.serve(23, ['rsa', 'ed25519'])
    for (const name of ['borg', 'promtool'])
      symlinkSync(program(name === 'borg' ? 'borg-1.4' : name), box.place.at('bin', name))
    writeFileSync(box.place.at('bin', 'muster'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, {
      mode: 0o755,
    })
    await box.run(['mkdir', box.place.at('etc'), box.place.at('target')])
    writeFileSync(box.place.at('etc', 'box.pass'), 'canary-passphrase\n', { mode: 0o600 })
    writeFileSync(box.place.at('target', 'file'), 'content')
    // As the script had it: two lines by the bare name.
    box.know([host, 'rsa'], [host, 'ed25519'])
    writeFileSync(box.place.at('muster.yaml'), here(blocks('yaml')[0] ?? ''))
  }, 60_000)
  afterAll(() => box?.[Symbol.asyncDispose]())

  it('leads to a box as the scripts know it', async () => {
    expect(blocks('yaml')[0]).toContain(`ssh://${account}@${host}:23/`)
    const at = (port: number, ...command: string[]) =>
      box.run(['ssh', '-o', 'UpdateHostKeys=no', '-p', String(port), `${account}@${host}`, ...command])
    expect((await at(23, 'df')).stdout).toMatch(/^Filesystem .*\n.+\n$/)
    expect((await at(23, 'id')).code).not.toBe(0)
    // No command at 22: what comes back, if anything, is the end of the file server.
    expect((await at(22, 'df')).stdout).not.toMatch(/Filesystem/)
  })

  it('makes one job of the two scripts, which goes on when ssh takes its own key away', async () => {
    const [pin = '', run = '', rules = ''] = blocks('sh', 'box')
    expect(await sh(pin)).toMatchObject({ code: 0 })
    const first = await sh(run)
    expect(first, first.stdout + first.stderr).toMatchObject({ code: 0 })
    expect(first.stdout).toMatch(/✓ fresh +job target/)
    // The story of the script: a look at port 22 with the user's own ssh removes the key that port 23 is reached by.
    await box.run(['ssh', `${account}@${host}`, '-s', 'sftp'])
    expect(readFileSync(box.ssh(), 'utf8')).not.toContain('ssh-ed25519')
    const own = await box.run(['ssh', '-o', 'BatchMode=yes', '-p', '23', `${account}@${host}`, 'df'])
    expect(own).toMatchObject({ code: 255, stderr: expect.stringContaining('Host key verification failed') })
    const before = readFileSync(box.ssh(), 'utf8')
    expect(await sh('muster run')).toMatchObject({ code: 0 })
    expect(readFileSync(box.ssh(), 'utf8')).toBe(before)
    expect(JSON.parse((await sh('muster snapshots box --json')).stdout)).toHaveLength(2)
    const printed = await sh(rules)
    expect(printed, printed.stdout + printed.stderr).toMatchObject({ code: 0 })
  }, 120_000)

  it('serves the four lines at the old port, whatever is asked, and leaves out what is not known', async () => {
    const [, command = ''] = /^ExecStart=(.+)$/m.exec(blocks('ini')[0] ?? '') ?? []
    df(box, 'Filesystem 512-blocks Used Avail Capacity Mounted on\nu1 555555555 111111111 444444444 20% /home')
    expect(await sh('muster run')).toMatchObject({ code: 0 })
    const serving = box.start(['sh', '-eu', '-c', `exec ${here(command)}`], env())
    let said = ''
    serving.stdout?.on('data', (text: Buffer) => {
      said += text.toString()
    })
    await until('the old port', () => said.includes('borg-exporter http://'), 60_000)
    const text = await ask()
    expect(lines(text)).toEqual({
      borg_last_backup_error_code: 0,
      borg_last_run_timestamp: expect.closeTo(Date.now() / 1000, -2),
      borg_storage_free_space: 444444444,
      borg_storage_disk_space: 555555555,
    })
    expect(Object.keys(lines(text))).toEqual(
      Object.keys(lines(blocks('text').find((one) => one.startsWith('borg_')) ?? '')),
    )
    for (const [path, method] of [
      ['metrics', 'GET'],
      ['any/path', 'GET'],
      ['api/v1/status', 'GET'],
      ['', 'OPTIONS'],
    ] as const)
      expect(await ask(path, method)).toBe(text)

    // A box that answers nonsense, then one that is gone: the backup goes on, then fails, and every answer is valid.
    df(box, 'df: cannot read table of mounted file systems')
    expect(await sh('muster run')).toMatchObject({ code: 0 })
    await until('no room told', async () => !(await ask()).includes('storage'))
    expect(Object.keys(lines(await ask()))).toEqual(['borg_last_backup_error_code', 'borg_last_run_timestamp'])
    const { borg_last_run_timestamp: earlier = 0 } = lines(await ask())
    await box.serve(23, ['other-rsa', 'other-ed25519'])
    expect(await sh('muster run')).toMatchObject({ code: 1 })
    await until('the failure', async () => lines(await ask()).borg_last_backup_error_code === 2)
    expect(lines(await ask()).borg_last_run_timestamp).toBeGreaterThan(earlier)
    serving.kill('SIGTERM')
    await until('the end', () => serving.exitCode !== null || serving.signalCode !== null)
    expect(serving.exitCode).toBe(0)
  }, 180_000)
})

describe('the four lines', () => {
  it('are taken by a real Prometheus, whose rules fire when the backup fails', async () => {
    using space = makeWorkspace()
    const settings = {
      tool: 'borg',
      program: program('borg-1.4'),
      baseDir: space.place.at('base'),
      space: { by: 'local' },
    }
    space.configure({ repository: settings, job: { schedule: '@yearly' } })
    for (const args of [['run', '--init'], ['collect']]) expect(await space.run(args)).toMatchObject({ code: 0 })
    const port = await freePort()
    const old = `127.0.0.1:${port}`
    const rules = await space.run(['rules', '--compat', 'borg-exporter', '--for', '0s'])
    const listen = ['--listen', '127.0.0.1:0', '--compat-listen', `${old}=borg-exporter`]
    await using daemon = await startServe(space, ['serve', ...listen])
    const jobs = [
      `{ job_name: borg, metrics_path: /whatever, static_configs: [{ targets: ['${old}'] }] }`,
      `{ job_name: db, metrics_path: /compat/borg-db/metrics, static_configs: [{ targets: ['${new URL(daemon.url).host}'] }] }`,
    ]
    await using prometheus = await openPrometheus(daemon.url, [], { rules: rules.stdout, jobs })
    const used = '(borg_storage_disk_space - borg_storage_free_space) / borg_storage_disk_space * 100'
    await until('the old names', async () => (await prometheus.query(`${used} >= 0`)).length === 1, 30_000)
    expect(await prometheus.query('borg_last_backup_error_code')).toMatchObject([{ value: 0, labels: { job: 'borg' } }])
    expect(await prometheus.query('up{job="borg"}')).toMatchObject([{ value: 1 }])
    await until(
      'those of another exporter',
      async () => (await prometheus.query('borg_backups_total == 1')).length === 1,
      30_000,
    )
    const firing = async (name: string) =>
      (await prometheus.query(`ALERTS{alertname="${name}",alertstate="firing"}`)).length
    // Before its first scrape nothing is told, and that is told.
    await until('quiet', async () => (await firing('BorgMetricsMissing')) === 0, 30_000)
    expect([await firing('BorgBackupFailed'), await firing('BorgExporterDown')]).toEqual([0, 0])
    writeFileSync(space.place.at('password'), 'wrong\n')
    expect(await space.run(['run'])).toMatchObject({ code: 1 })
    await until('the alert', async () => (await firing('BorgBackupFailed')) === 1, 30_000)
    expect(await prometheus.query('borg_last_backup_error_code')).toMatchObject([{ value: 2 }])
    const end = await daemon.stop('SIGTERM')
    expect(end.code).toBe(0)
  }, 120_000)

  it('are refused an address that cannot be, and a system that has no single text', async () => {
    using space = makeWorkspace()
    space.configure()
    const serve = (text: string) => space.run(['serve', '--listen', '127.0.0.1:0', '--compat-listen', text])
    expect(await serve('127.0.0.1:9999=restic-exporter')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('→ Write address:port=system, such as 127.0.0.1:9999=borg-exporter'),
    })
    expect(await serve('9999')).toMatchObject({ code: 2 })
    expect(await serve('192.0.2.1:9999=borg-exporter')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/192\.0\.2\.1:9999/),
    })
  }, 60_000)
})
