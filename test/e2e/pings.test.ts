/** `muster serve` told by other programs of the backups they run: every form, a restart in between, and nothing of a key anywhere. */
import { strict as assert } from 'node:assert'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, it } from 'vitest'
import { stringify } from 'yaml'
import type { JobStanding } from '../../src/model/standing.ts'
import { freePort } from '../readers/servers.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { filesIn } from './canaries.ts'
import { type Daemon, startServe } from './daemon.ts'
import { makeWorkspace, type Workspace } from './workspace.ts'

const names = ['laptop', 'nas', 'kuma', 'mirror', 'crash0', 'crash1', 'crash2', 'flood'] as const
type Name = (typeof names)[number]

let space: Workspace
let keys: Record<Name, string>
let port: number
const said: string[] = []
beforeEach(async () => {
  space = makeWorkspace()
  port = await freePort()
  keys = Object.fromEntries(names.map((name) => [name, randomBytes(16).toString('hex')])) as typeof keys
  for (const name of names) writeFileSync(space.place.at(`${name}.key`), `${keys[name]}\n`, { mode: 0o600 })
  const config = {
    pings: Object.fromEntries(
      names.map((name) => [name, { key: { file: `${name}.key` }, schedule: '15 2 * * *', tags: [name] }]),
    ),
    notify: {
      checks: {
        kind: 'healthchecks',
        url: { command: ['sh', '-c', `printf http://127.0.0.1:${port}/ping/; cat mirror.key`] },
        of: ['laptop'],
      },
    },
    page: `http://127.0.0.1:${port}/`,
    server: { auth: { tokens: ['the-token-of-the-page'] } },
  }
  writeFileSync(space.place.at('muster.yaml'), stringify(config))
})
afterEach(() => space[Symbol.dispose]())

const withCurl = { PATH: `${dirname(program('curl'))}:${process.env.PATH}` }
const bearer = { headers: { authorization: 'Bearer the-token-of-the-page' } }
const serve = (): Promise<Daemon> => startServe(space, ['serve', '--listen', `127.0.0.1:${port}`])
const at = (path: string): string => `http://127.0.0.1:${port}${path}`
/** As programs ask: without a login. @returns `200 OK`. */
async function tell(path: string, init?: RequestInit): Promise<string> {
  const response = await fetch(at(path), init)
  return `${response.status} ${await response.text()}`
}
const jobOf = async (name: Name): Promise<JobStanding> => {
  const { jobs } = (await (await fetch(at('/api/v1/jobs'), bearer)).json()) as { jobs: JobStanding[] }
  return jobs.find((job) => job.name === name) as JobStanding
}
/** What was asked a moment ago is answered as it was then. */
const stands = (name: Name, state: string): Promise<void> =>
  until(`${name} is ${state}`, async () => (await jobOf(name)).verdict.state === state)
const outcomeOf = async (name: Name) => (await jobOf(name)).operations[0]?.last

it('is told in every form, keeps what it answered through a kill, and says no key', { timeout: 60_000 }, async () => {
  const rid = randomUUID()
  const acknowledged: string[] = []
  {
    await using daemon = await serve()
    daemon.child.stdout?.on('data', (data: Buffer) => said.push(data.toString()))
    daemon.child.stderr?.on('data', (data: Buffer) => said.push(data.toString()))

    // As Healthchecks has it.
    const { laptop, nas, kuma } = keys
    await stands('laptop', 'absent')
    assert.equal(await tell(`/ping/${laptop}/start`, { method: 'POST', body: 'begins' }), '200 OK')
    await stands('laptop', 'running')
    assert.equal(
      await tell(`/ping/${laptop}/log`, { method: 'POST', body: `+ curl ${at(`/ping/${laptop}`)}` }),
      '200 OK',
    )
    await stands('laptop', 'running')
    assert.equal(
      await tell(`/ping/${laptop}/3`, { method: 'POST', body: 'no \u001b[31mspace\u001b[0m left' }),
      '200 OK',
    )
    await stands('laptop', 'failing')
    const failed = await outcomeOf('laptop')
    assert.partialDeepStrictEqual(failed, {
      outcome: 'failed',
      exitCode: 3,
      trigger: 'ping',
      log: `begins\n+ curl ${at('/ping/***')}\nno space left`,
      problem: {
        code: 'ping.failed',
        message: 'The program that runs laptop ended with exit status 3: no space left.',
      },
    })
    const failing = await jobOf('laptop')
    assert.equal(failing.verdict.state, 'failing')
    assert.equal(failing.repository, undefined)
    assert.match(await (await fetch(at('/jobs/laptop'), bearer)).text(), /no space left/)
    assert.equal(await tell(`/ping/${laptop}`, { method: 'HEAD' }), '200 ')
    await stands('laptop', 'fresh')
    for (const [path, status] of [
      ['/fail', 'failed'],
      ['/0', 'ok'],
      ['/255', 'failed'],
      ['', 'ok'],
    ]) {
      assert.equal(await tell(`/ping/${laptop}${path}`), '200 OK')
      await until(`${path} is ${status}`, async () => (await outcomeOf('laptop'))?.outcome === status)
    }
    assert.match(await tell(`/ping/${laptop}/256`), /^400 /)
    assert.match(await tell(`/ping/${laptop}?rid=no`), /^400 /)
    for (const wrong of ['x', laptop.toUpperCase(), `${laptop}0`, laptop.slice(1), 'x'.repeat(8_000)])
      assert.equal(await tell(`/ping/${wrong}`), '404 not found')

    // As Uptime Kuma has it.
    assert.equal(await tell(`/api/push/${kuma}?status=down&msg=full&ping=`), '200 {"ok":true}')
    await stands('kuma', 'failing')
    assert.partialDeepStrictEqual(await outcomeOf('kuma'), { outcome: 'failed', log: 'full' })
    assert.equal(await tell(`/api/push/${kuma}?status=up&msg=OK`), '200 {"ok":true}')
    await stands('kuma', 'fresh')
    assert.equal(await tell('/api/push/nobody'), '404 {"ok":false,"msg":"not found"}')

    // What Muster itself tells a server of that kind: one job of it is told of at another one's address.
    await until('the notifier told', async () => (await outcomeOf('mirror'))?.outcome === 'ok')

    // The page itself still wants its login.
    assert.equal((await fetch(at('/api/v1/jobs'))).status, 401)

    // A program that never stops.
    const flood = await Promise.all(Array.from({ length: 60 }, () => fetch(at(`/ping/${keys.flood}`))))
    const refused = flood.filter(({ status }) => status === 503)
    assert.ok(refused.length >= 35 && refused.length <= 40, `${refused.length} of 60`)
    assert.match(refused[0]?.headers.get('retry-after') ?? '', /^[1-6]$/)

    // Killed in the middle of many: what was answered has to be there.
    assert.equal(await tell(`/ping/${nas}/start?rid=${rid}`), '200 OK')
    const pings = [keys.crash0, keys.crash1, keys.crash2].flatMap((key) =>
      Array.from({ length: 18 }, async () => {
        const id = randomUUID()
        if ((await tell(`/ping/${key}?rid=${id}`).catch(() => '')) === '200 OK') acknowledged.push(id)
        if (acknowledged.length === 12) daemon.child.kill('SIGKILL')
      }),
    )
    await Promise.all(pings)
    assert.equal((await daemon.end).signal, 'SIGKILL')
    assert.ok(acknowledged.length >= 12, `${acknowledged.length}`)
  }
  // Told while nobody listens, with the lines that are printed.
  const [, kumaKey, kumaTell] = (await space.run(['pings', 'kuma'])).stdout.split('\n')
  const early = spawn('sh', ['-c', `${kumaKey}\n${kumaTell}\ntell /9`], { env: withCurl, stdio: 'ignore' })
  const earlyEnd = once(early, 'exit')
  await using daemon = await serve()
  assert.deepEqual(await earlyEnd, [0, null])
  await until('the end was told late', async () => (await outcomeOf('kuma'))?.exitCode === 9)
  daemon.child.stderr?.on('data', (data: Buffer) => said.push(data.toString()))
  await using ledger = await space.ledger()
  const runs = await ledger.runs({ most: 1000 })
  const kept = new Set(runs.map(({ roundId }) => roundId))
  assert.deepEqual(
    acknowledged.filter((id) => !kept.has(id)),
    [],
  )
  assert.equal(runs.length, new Set(runs.map(({ id }) => id)).size)
  // Its owner is another program, which did not die.
  await stands('nas', 'running')
  assert.equal(await tell(`/ping/${keys.nas}?rid=${rid.toUpperCase()}`), '200 OK')
  await stands('nas', 'fresh')
  const last = await outcomeOf('nas')
  assert.equal(last?.outcome, 'ok')
  assert.ok(last !== undefined && last.startedAt !== last.endedAt)

  const metrics = await (await fetch(at('/metrics'), bearer)).text()
  assert.match(metrics, /^muster_job_verdict\{job="nas",verdict="fresh"\} 1$/m)
  assert.match(metrics, /^muster_job_expected_before_timestamp_seconds\{job="nas"\} \d+$/m)
  assert.match(metrics, /route="\/ping\/:key",/)
  const status = await space.run(['status'])
  assert.match(status.stdout, /✓ fresh +job nas +- /)
  const show = await space.run(['config', 'show'])
  const pings = await space.run(['pings', 'nas', '--json'])
  assert.match(pings.stdout, /"key": "\$\(cat .*nas\.key\)"/)
  // The lines that it prints do what they say.
  const [, key, tellIt] = (await space.run(['pings', 'nas'])).stdout.split('\n')
  const shell = spawnSync('sh', ['-c', `${key}\n${tellIt}\ntell /start; (exit 7); tell "/$?"`], {
    env: withCurl,
    encoding: 'utf8',
  })
  assert.deepEqual([shell.status, shell.stdout, shell.stderr], [0, '', ''])
  await stands('nas', 'failing')
  assert.partialDeepStrictEqual(await outcomeOf('nas'), { exitCode: 7, outcome: 'failed' })
  const none = await space.run(['run', 'nas'])
  assert.deepEqual([none.code, /muster pings nas/.test(none.stderr)], [2, true])
  const everything = [metrics, ...said, ...filesIn(space.place.at('state')).map(([, text]) => text)]
  for (const { stdout, stderr } of [status, show, pings, none]) everything.push(stdout, stderr)
  for (const name of names) assert.ok(!everything.some((text) => text.includes(keys[name])), `the key of ${name}`)
})

it('serves all others where keys cannot be used, and says whose', { timeout: 30_000 }, async () => {
  rmSync(space.place.at('nas.key'))
  writeFileSync(space.place.at('kuma.key'), 'short')
  await using daemon = await serve()
  let log = ''
  daemon.child.stderr?.on('data', (data: Buffer) => {
    log += data.toString()
  })
  const problem = async (): Promise<string | undefined> => {
    const standing = (await (await fetch(at('/api/v1/status'), bearer)).json()) as {
      configProblem?: { message: string }
    }
    return standing.configProblem?.message
  }
  const reload = async () => (await fetch(at('/-/reload'), { method: 'POST', ...bearer })).status
  assert.equal(await tell(`/ping/${keys.laptop}/`), '200 OK')
  for (const key of [keys.nas, keys.kuma, 'short']) assert.equal(await tell(`/ping/${key}`), '404 not found')
  await until('it is said', async () => (await problem())?.includes('pings.nas') === true)
  assert.match((await problem()) ?? '', /does not exist.*pings\.kuma/)
  const doctor = await space.run(['doctor'])
  assert.match(doctor.stdout, /job nas.*nobody can tell of it: .*does not exist/)
  assert.match(doctor.stdout, /job kuma.*nobody can tell of it/)

  // They hold up no other change; mended, they are taken.
  writeFileSync(space.place.at('nas.key'), keys.nas)
  assert.equal(await reload(), 200)
  assert.equal(await tell(`/ping/${keys.nas}`), '200 OK')
  await until('one is left', async () => (await problem())?.includes('pings.nas') === false)
  await until('the log says it', async () => /pings\.kuma: its address answers 404/.test(log))
  writeFileSync(space.place.at('kuma.key'), keys.kuma)
  assert.equal(await reload(), 200)
  await until('nothing is left', async () => (await problem()) === undefined)
  assert.equal(await tell(`/ping/${keys.kuma}`), '200 OK')
})

it('takes another key with a reload, and keeps the old one where the new one cannot be used', {
  timeout: 30_000,
}, async () => {
  await using daemon = await serve()
  const change = async (key: string): Promise<number> => {
    writeFileSync(space.place.at('laptop.key'), key)
    return (await fetch(at('/-/reload'), { method: 'POST', ...bearer })).status
  }
  assert.equal(await change('too-short'), 409)
  assert.equal(await tell(`/ping/${keys.laptop}`), '200 OK')
  const other = randomUUID()
  assert.equal(await change(other), 200)
  assert.equal(await tell(`/ping/${keys.laptop}`), '404 not found')
  assert.equal(await tell(`/ping/${other}`), '200 OK')
  assert.equal((await daemon.stop('SIGTERM')).code, 0)
  assert.equal(readFileSync(space.place.at('laptop.key'), 'utf8'), other)
})
