/** What `muster run` hands on: to a real Pushgateway, to files that a real node_exporter reads, to a real receiver of OTLP. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeWorkspace, type Workspace } from '../e2e/workspace.ts'
import { freePort } from '../readers/servers.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import {
  type Gateway,
  serveGateway,
  serveGuardedGateway,
  serveNodeExporter,
  serveVictoria,
  valuesOf,
} from './servers.ts'

let space: Workspace
let gateway: Gateway
beforeAll(async () => {
  space = makeWorkspace()
  gateway = await serveGateway()
  mkdirSync(space.place.at('textfiles'))
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  space[Symbol.dispose]()
})

/** A job whose source is missing fails at once: who is told of it does not matter here. */
const failing = (tag: string): object => ({ repository: 'local', sources: ['/nonexistent'], tags: [tag] })
const working = (tag: string): object => ({ repository: 'local', sources: [space.source], tags: [tag], host: 'nas' })
const configure = (metrics: object, jobs: Readonly<Record<string, object>> = { files: failing('a') }): void =>
  space.configure({ repository: { create: true }, root: { jobs, metrics } })
const push = (more: object = {}): object => ({ pushgateway: { url: gateway.url, ...more } })
const pushes = async (): Promise<Record<string, unknown>[]> =>
  JSON.parse((await space.run(['pushes', '--json'])).stdout) as Record<string, unknown>[]

const nine = [
  'time',
  'processed_files',
  'processed_bytes',
  ...['files', 'dirs'].flatMap((what) => ['new', 'changed', 'unchanged'].map((how) => `${what}_${how}`)),
].map((name) => `restic_backup_${name}`)
const group = 'instance="daily/a",job="nfs_backup"'

describe('a Pushgateway', () => {
  it('has each name set in its group after a run, and only what is known after one that failed', async () => {
    configure(push({ names: ['muster', 'nfs-backup', 'sidecar'] }), { files: working('daily/a') })
    expect(await space.run(['run'])).toMatchObject({ code: 0 })
    for (const name of nine) expect(await gateway.values(name)).toHaveProperty([group])
    const [text] = [await gateway.text()]
    expect([...text.matchAll(/^# TYPE (restic_backup_\w+) gauge$/gm)].map(([, name]) => name).sort()).toEqual(
      [...nine].sort(),
    )
    expect(valuesOf(text, 'restic_backup_processed_files')).toEqual({ [group]: 12 })
    const sidecar = 'instance="nas",job="backup"'
    expect(valuesOf(text, 'backup_status')).toEqual({ [`${sidecar},status="success"`]: 0 })
    expect(valuesOf(text, 'backup_start_timestamp')[sidecar]).toBeGreaterThan(1.7e9)
    expect(valuesOf(text, 'backup_duration_seconds')).toHaveProperty([sidecar])
    expect(Object.keys(valuesOf(text, 'muster_job_last_success_timestamp_seconds'))).toEqual([
      expect.stringMatching(/^instance="[^"]+",job="files",operation="backup",repository="local"$/),
    ])
    renameSync(space.source, `${space.source}-hidden`)
    expect(await space.run(['run'])).toMatchObject({ code: 1 })
    renameSync(`${space.source}-hidden`, space.source)
    const after = await gateway.text()
    expect(valuesOf(after, 'backup_status')).toEqual({ [`${sidecar},status="failure"`]: 1 })
    expect(valuesOf(after, 'restic_backup_time')).toHaveProperty([group])
    expect(valuesOf(after, 'restic_backup_processed_files')).toEqual({})
    expect(Object.values(valuesOf(after, 'push_failure_time_seconds'))).toEqual([0, 0, 0])
    expect(Object.entries(valuesOf(after, 'muster_job_last_outcome')).filter(([, value]) => value === 1)).toMatchObject(
      [[expect.stringContaining('outcome="failed"'), 1]],
    )
  })

  it('that was away gets what it missed with the next run, and what is gone is deleted once', async () => {
    configure(push(), { files: failing('a'), other: failing('b') })
    await space.run(['run', '--all'])
    expect(Object.keys(await gateway.values('push_time_seconds'))).toHaveLength(2)
    await gateway.kill()
    // The groups of other name sets went with it; `other` is not in the configuration any more, and nobody can be told.
    configure(push())
    expect((await space.run(['run'])).stderr).toContain('was not told yet')
    expect(await pushes()).toMatchObject([
      { job: 'files', state: 'pending', method: 'put', problem: { code: 'push.unreachable' } },
      { job: 'other', state: 'pending', method: 'delete' },
    ])
    await gateway.start()
    const put = await fetch(`${gateway.url}/metrics/job/other/instance/${(await hostOf()) ?? ''}`, {
      method: 'PUT',
      body: 'stale 1\n',
    })
    expect(put.status).toBe(200)
    await space.run(['run'])
    expect(await gateway.values('stale')).toEqual({})
    expect(Object.keys(await gateway.values('push_time_seconds'))).toEqual([expect.stringContaining('job="files"')])
    expect(await pushes()).toMatchObject([{ job: 'files', state: 'kept', attempts: 1 }])
  })

  it('that restarted empty gets all back with a run of another job', async () => {
    configure(push({ resend: '1s' }), { files: failing('a'), other: failing('b') })
    await space.run(['run', '--all'])
    await gateway.kill()
    await gateway.start()
    await until('both are there again', async () => {
      await space.run(['run', 'files'])
      return Object.keys(await gateway.values('push_time_seconds')).length === 2
    })
  })

  it('that refuses is quoted, with what to do, and red until it is mended', async () => {
    await gateway.kill()
    await gateway.start()
    const foreign = await fetch(`${gateway.url}/metrics/job/script`, {
      method: 'POST',
      body: '# TYPE muster_job_last_duration_seconds counter\nmuster_job_last_duration_seconds 1\n',
    })
    expect(foreign.status).toBe(200)
    configure(push())
    const run = await space.run(['run'])
    expect(run.stderr).toMatch(
      /was refused: .* answered HTTP 400 .*muster_job_last_duration_seconds.*one type for each name.*/,
    )
    const listed = await space.run(['pushes'])
    expect(listed.code).toBe(4)
    expect(listed.stdout).toMatch(/refused +pushgateway +metrics\/job\/files\/instance\//)
    expect((await space.run(['status'])).stdout).toMatch(
      /✗ failing +metrics pushgateway .*metrics do not arrive \(refused: 1\)/,
    )
    const metrics = (await space.run(['collect', '--format', 'prometheus'])).stdout
    expect(metrics).toMatch(/^muster_push_up\{target="pushgateway"\} 0$/m)
    expect(metrics).toMatch(/^muster_push_refused\{target="pushgateway"\} 1$/m)
    await fetch(`${gateway.url}/metrics/job/script`, { method: 'DELETE' })
    await space.run(['run'])
    expect(await pushes()).toMatchObject([{ state: 'kept' }])
  })

  it('that says nothing holds a run up no longer than its time limit', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    const port = await freePort()
    configure({ pushgateway: { url: `http://127.0.0.1:${port}`, timeout: '1s' } })
    const plain = await timed(() => space.run(['run']))
    silent.close()
    const hanging = createServer(() => undefined)
    hanging.listen(port, '127.0.0.1')
    const held = await timed(() => space.run(['run']))
    hanging.close()
    expect(held.value.stderr).toContain('no answer in time')
    expect(held.ms - plain.ms).toBeLessThan(4000)
  })

  it('with a certificate of its own and a login is told, and no word of the login', async () => {
    const fixture = (name: string): string => new URL(`../readers/fixtures/${name}`, import.meta.url).pathname
    const config = space.place.at('web.yml')
    writeFileSync(
      config,
      `tls_server_config: { cert_file: ${fixture('server.pem')}, key_file: ${fixture('server.key')} }\nbasic_auth_users: { muster: "$2b$04$Q.6QMIi37.D9NzvOIan69.sM1gGDcsP2zMrSNTlDlF1JjJeUirWje" }\n`,
    )
    await using guarded = await serveGuardedGateway(config)
    const url = `https://localhost:${guarded.port}`
    const login = { username: 'muster', password: { env: 'PUSH_PASSWORD' }, caCert: fixture('authority.pem') }
    const env = { PUSH_PASSWORD: 'canary-9f31-push' }
    configure({ pushgateway: { url, ...login } })
    const wrong = await space.run(['run', '--log-level', 'debug'], { PUSH_PASSWORD: 'canary-9f31-wrong' })
    expect(wrong.stderr).toMatch(/was refused: localhost:\d+ answered HTTP 401.*Correct username and password/)
    const right = await space.run(['run', '--log-level', 'debug'], env)
    const [kept] = await pushes()
    expect(kept).toMatchObject({ state: 'kept', answer: 'HTTP 200' })
    configure({ pushgateway: { url, ...login, caCert: undefined } })
    const unknown = await space.run(['run'], env)
    expect(unknown.stderr).toMatch(/cannot be reached: \w*(?:CERT|ISSUER|VERIFY)\w*/)
    configure({ pushgateway: { url, ...login, caCert: undefined, insecure: true } })
    await space.run(['run'], env)
    expect(await pushes()).toMatchObject([{ state: 'kept', answer: 'HTTP 200' }])
    for (const { stdout, stderr } of [wrong, right, unknown]) expect(stdout + stderr).not.toContain('canary-9f31')
    expect(JSON.stringify(kept)).not.toContain('canary-9f31')
    expect(readFileSync(space.place.at('state', 'muster.db')).includes('canary-9f31')).toBe(false)
  })
})

describe('files', () => {
  it('are whole, readable, one a job, and read by node_exporter beside others; those of jobs that are gone go', async () => {
    const folder = space.place.at('textfiles')
    writeFileSync(`${folder}/muster_foreign.prom`, 'foreign 1\n')
    configure(
      { textfile: { directory: folder, names: ['muster', 'runrestic', 'resticprofile'] } },
      { files: working('a'), other: working('b') },
    )
    await space.run(['run', '--all'])
    expect(readdirSync(folder).sort()).toEqual(['muster_files.prom', 'muster_foreign.prom', 'muster_other.prom'])
    expect(statSync(`${folder}/muster_files.prom`).mode & 0o777).toBe(0o644)
    const text = readFileSync(`${folder}/muster_files.prom`, 'utf8')
    const checked = spawnSync(program('promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' })
    expect(checked).toMatchObject({ status: 0, stdout: '', stderr: '' })
    await using exporter = await serveNodeExporter(folder)
    const read = await (await fetch(`${exporter.url}/metrics`)).text()
    expect(valuesOf(read, 'node_textfile_scrape_error')).toEqual({ '': 0 })
    expect(valuesOf(read, 'foreign')).toEqual({ '': 1 })
    for (const [name, label] of [
      ['muster_job_processed_files', 'job'],
      ['restic_backup_rc', 'config'],
      ['resticprofile_backup_status', 'profile'],
    ] as const)
      expect(
        Object.keys(valuesOf(read, name)).map((labels) => /(\w+)="(files|other)"/.exec(labels)?.slice(1, 3)),
      ).toEqual([
        [label, 'files'],
        [label, 'other'],
      ])
    rmSync(`${folder}/muster_files.prom`)
    configure({ textfile: { directory: folder } })
    await space.run(['run'])
    expect(readdirSync(folder).sort()).toEqual(['muster_files.prom', 'muster_foreign.prom'])
    configure({ textfile: { directory: space.place.at('nowhere') } })
    expect((await space.run(['run'])).stderr).toMatch(/muster_files\.prom cannot be written: ENOENT/)
    expect(readdirSync(folder)).toEqual(['muster_foreign.prom'])
  })
})

describe('a receiver of OTLP', () => {
  it('has what /metrics tells, by the same names and labels', async () => {
    await using victoria = await serveVictoria(space.place.at('victoria'))
    configure({ otlp: { url: `${victoria.url}/opentelemetry/v1/metrics` } }, { files: working('a') })
    expect(await space.run(['run'])).toMatchObject({ code: 0, stderr: expect.not.stringContaining('otlp') })
    await fetch(`${victoria.url}/internal/force_flush`)
    const ask = async (
      query: string,
    ): Promise<readonly { metric: Record<string, string>; value: [number, string] }[]> => {
      const answer = await fetch(`${victoria.url}/api/v1/query?query=${encodeURIComponent(query)}`)
      return ((await answer.json()) as { data: { result: [] } }).data.result
    }
    await until('it arrives', async () => (await ask('muster_build_info')).length === 1)
    const scraped = (await space.run(['collect', '--format', 'prometheus'])).stdout
    // What was collected since is newer: only what a run tells is compared by value.
    const told = valuesOf(scraped, 'muster_job_runs_total')
    const got = await ask('muster_job_runs_total')
    expect(got).toHaveLength(Object.keys(told).length)
    for (const { metric, value } of got) {
      const { job = '', repository, operation, outcome } = metric
      expect(Number(value[1])).toBe(
        told[`job="${job}",repository="${repository}",operation="${operation}",outcome="${outcome}"`],
      )
    }
    const names = await ask('count({__name__=~"muster_.*"}) by (__name__)')
    const families = [...scraped.matchAll(/^# TYPE (muster_\S+) /gm)].map(([, name]) => name)
    // Read by a collection alone, or about itself.
    const others = /^muster_(?:push_|repository_(?:locks|size_bytes))/
    expect(
      names
        .map(({ metric }) => metric.__name__)
        .filter((name = '') => !others.test(name))
        .sort(),
    ).toEqual(families.filter((name = '') => !others.test(name)).sort())
  })
})

async function hostOf(): Promise<string | undefined> {
  const [one] = await pushes()
  return /instance\/([^/]+)/.exec(String(one?.key))?.[1]
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const begun = performance.now()
  return { value: await work(), ms: performance.now() - begun }
}
