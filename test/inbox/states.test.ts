/** What a real Alertmanager makes of twelve answers: what is so for a while is posted again, what is wrong is not. */
import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app/context.ts'
import { openIntake } from '../../src/app/inbox/intake.ts'
import { sortBodies } from '../../src/app/inbox/sort.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { Secret } from '../../src/model/secret.ts'
import type { HttpSettings } from '../../src/outlets/http/types.ts'
import { type Serving, serving, sourceOf } from '../http/serving.ts'
import { healthyStanding } from '../http/standings.ts'
import { makeApp, openedLedger } from '../notify/app.ts'
import { serveTls } from '../readers/servers.ts'
import { makePlace } from '../real/place.ts'
import { until } from '../real/wait.ts'
import { type Alertmanager, openAlertmanager } from './alertmanager.ts'

const place = makePlace()
const opened: AsyncDisposable[] = []
let mounted: string | undefined

/** One that takes alerts, as `muster serve` puts it together. */
interface Inbox {
  readonly server: Serving
  readonly ledger: Ledger
  isReady: boolean
  isEnding: boolean
  mostPerMinute: number
}

async function openInbox(name: string, settings: Partial<HttpSettings> = {}): Promise<Inbox> {
  const ledger = await openedLedger(place.at(name))
  const state = { isReady: true, isEnding: false, mostPerMinute: 1_000_000 }
  const app = (): App => {
    const made = makeApp(JSON.stringify({ inbox: { mostPerMinute: state.mostPerMinute } }), ledger)
    return made
  }
  const intake = openIntake(
    app,
    () => state.isEnding,
    () => {},
  )
  const source = sourceOf(healthyStanding, { takeAlerts: intake.take, isReady: () => state.isReady })
  const server = await serving(source, settings)
  opened.push(server, ledger)
  return Object.assign(state, { server, ledger })
}

/** Names of the alerts that were kept. */
async function kept(inbox: Inbox): Promise<readonly (string | undefined)[]> {
  await sortBodies(makeApp('{"inbox":{}}', inbox.ledger))
  return (await inbox.ledger.alerts({ most: 100 })).map(({ labels }) => labels.state)
}

/** Stands between, as a reverse proxy does, and remembers what was answered. */
async function openGate(): Promise<{
  readonly port: number
  readonly answers: Map<string, number[]>
  readonly to: Map<string, string>
}> {
  const answers = new Map<string, number[]>()
  const to = new Map<string, string>()
  const server: Server = createServer((asked, answer) => {
    const [, state = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(asked.url ?? '') ?? []
    const target = new URL(to.get(state) ?? 'http://127.0.0.1:9')
    const headers = { ...asked.headers, host: target.host, 'x-forwarded-for': '10.0.0.1', 'x-forwarded-proto': 'https' }
    const onward = request(new URL(rest, target), { method: asked.method, headers }, (told) => {
      answers.set(state, [...(answers.get(state) ?? []), told.statusCode ?? 0])
      answer.writeHead(told.statusCode ?? 0, told.headers)
      told.pipe(answer)
    })
    onward.on('error', () => answer.destroyed || answer.writeHead(502).end())
    asked.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push({
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  return { port: (server.address() as AddressInfo).port, answers, to }
}

const states = [
  'starting',
  'full',
  'overloaded',
  'draining',
  'token',
  'large',
  'path',
  'slash',
  'proxy',
  'tls',
  'host',
] as const
type State = (typeof states)[number]

describe('a real Alertmanager that posts to Muster', () => {
  let manager: Alertmanager
  let gate: Awaited<ReturnType<typeof openGate>>
  const inboxes = new Map<State, Inbox>()
  const of = (state: State): Inbox => inboxes.get(state) as Inbox
  const answers = (state: State): readonly number[] => gate.answers.get(state) ?? []
  const failures = async (): Promise<number> => {
    const text = await (await fetch(`${manager.url}/metrics`)).text()
    const lines = text.match(
      /^alertmanager_notifications_failed_total\{integration="webhook".*reason="clientError".* (\d+)$/gm,
    )
    return (lines ?? []).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }

  beforeAll(async () => {
    mkdirSync(place.at('full'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', place.at('full')])
    mounted = place.at('full')
    gate = await openGate()
    for (const state of states) {
      const locked = state === 'token' ? { inboxTokens: [new Secret('right')] } : {}
      const inbox = await openInbox(state, locked)
      inboxes.set(state, inbox)
      gate.to.set(state, inbox.server.url)
    }
    const fixture = (name: string) => join(import.meta.dirname, '../readers/fixtures', name)
    const [key, cert] = [readFileSync(fixture('server.key')), readFileSync(fixture('server.pem'))]
    const tls = await serveTls(gate.port, { key, cert, requestCert: false })
    opened.push(tls)
    const urls: Partial<Record<State, string>> = {
      path: `http://127.0.0.1:${gate.port}/path/alerts`,
      slash: `http://127.0.0.1:${gate.port}/slash/alert/`,
      tls: `https://localhost:${tls.port}/tls/alert`,
      // By a name that nobody told Muster of: past the gate.
      host: `http://localhost.localdomain:${new URL(of('host').server.url).port}/alert`,
    }
    const http: Partial<Record<State, object>> = {
      token: { authorization: { credentials: 'wrong' } },
      tls: { tls_config: { ca_file: fixture('authority.pem') } },
      host: { proxy_url: of('host').server.url },
    }
    const config = {
      route: {
        ...{
          receiver: 'nobody',
          group_by: ['state'],
          group_wait: '50ms',
          group_interval: '10s',
          repeat_interval: '1h',
        },
        routes: states.map((state) => ({ receiver: state, matchers: [`state="${state}"`] })),
      },
      receivers: [
        { name: 'nobody' },
        ...states.map((name) => ({
          name,
          webhook_configs: [
            { url: urls[name] ?? `http://127.0.0.1:${gate.port}/${name}/alert`, http_config: http[name] ?? {} },
          ],
        })),
      ],
    }
    manager = await openAlertmanager(place, config)
    opened.push(manager)
  })
  afterAll(async () => {
    for (const one of opened.reverse()) await one[Symbol.asyncDispose]()
    if (mounted !== undefined) execFileSync('umount', ['-l', mounted])
    place[Symbol.dispose]()
  })

  it('posts again what could not be taken now, and nothing of what is wrong', async () => {
    of('starting').isReady = false
    of('draining').isEnding = true
    of('overloaded').mostPerMinute = 1
    const post = (state: State) =>
      fetch(`${of(state).server.url}alert`, {
        method: 'POST',
        body: JSON.stringify({ alerts: [{ labels: { alertname: 'Before' } }] }),
      })
    assert.equal((await post('overloaded')).status, 200)
    fill(place.at('full'))
    await until('nothing fits any more', async () => (await post('full')).status === 503)

    const alert = (state: State, more: object = {}) => ({ labels: { alertname: 'BackupFailed', state }, ...more })
    const large = { annotations: { summary: 'x'.repeat(10 * 1024 * 1024) } }
    await manager.post(states.map((state) => alert(state, state === 'large' ? large : {})))

    const later = ['starting', 'full', 'overloaded', 'draining'] as const
    const never = { token: 401, large: 413, path: 404, slash: 404 } as const
    const fine = ['proxy', 'tls'] as const
    await until('all were answered', () =>
      [...later, ...fine, ...(Object.keys(never) as State[])].every((state) => answers(state).length > 0),
    )
    for (const state of fine) expect([state, answers(state), await kept(of(state))]).toEqual([state, [200], [state]])
    for (const state of later) expect([state, new Set(answers(state))]).toEqual([state, new Set([503])])

    const began = performance.now()
    of('starting').isReady = true
    of('draining').isEnding = false
    of('overloaded').mostPerMinute = 1_000_000
    rmSync(place.at('full', 'filler'))
    await until('they were posted again', () => later.every((state) => answers(state).at(-1) === 200), 15_000)
    assert.ok(performance.now() - began < 15_000)
    for (const state of later)
      expect([state, (await kept(of(state))).filter((one) => one !== undefined)]).toEqual([state, [state]])

    for (const [state, status] of Object.entries(never)) {
      expect([state, answers(state as State)]).toEqual([state, [status]])
      expect([state, await kept(of(state as State))]).toEqual([state, []])
    }
    // A name that it is not asked by: for good, too.
    expect(await kept(of('host'))).toEqual([])
    await until('it gave up the five that are wrong', async () => (await failures()) >= 5)
    const all = [...gate.answers.values()].flat()
    expect(all.filter((status) => status === 429 || status === 500 || (status >= 300 && status < 400))).toEqual([])
  })

  it('is told by hand what is wrong: no JSON, and another method', async () => {
    const url = `${of('proxy').server.url}alert`
    const bad = await fetch(url, { method: 'POST', body: '{"alerts":[' })
    expect([bad.status, await bad.text()]).toEqual([400, expect.stringMatching(/^the body is no JSON\.\nPost what/)])
    const got = await fetch(url, { redirect: 'manual' })
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

/** To the last byte. */
function fill(folder: string): void {
  for (const size of [64 * 1024, 4096, 512, 1])
    for (;;) {
      try {
        writeFileSync(`${folder}/filler`, Buffer.alloc(size), { flag: 'a' })
      } catch {
        break
      }
    }
}
