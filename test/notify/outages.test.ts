/** Whoever is told something is away, in each way and for so long: nothing is lost, and all arrives soon after the return. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app/context.ts'
import { push } from '../../src/app/pushing/push.ts'
import { want } from '../../src/app/pushing/want.ts'
import { deliver, deliverAll } from '../../src/app/telling/deliver.ts'
import { beat, heartbeatOf } from '../../src/app/telling/heartbeat.ts'
import { tell } from '../../src/app/telling/tell.ts'
import { failingStanding, makeJob, makeRun, makeStanding } from '../http/standings.ts'
import { type Gateway, serveGateway } from '../pushing/servers.ts'
import { deep } from '../real/deep.ts'
import { makePlace, type Place } from '../real/place.ts'
import { configText, makeApp, openedLedger } from './app.ts'
import { type Form, forms, type Gate, shutGate } from './gate.ts'
import { type Ntfy, serveNtfy } from './ntfy.ts'

const second = 1000
const outages = { '10 s': 10 * second, '10 min': 600 * second, '24 h': 86_400 * second } as const
/** Within a minute, of which the try that goes on while the other side comes back may take a third. */
const soon = 40 * second

let place: Place
let ntfy: Ntfy
let gateway: Gateway
let smtp: SMTPServer
let web: Server
const mails: string[] = []
const asked: string[] = []
beforeAll(async () => {
  place = makePlace()
  ntfy = await serveNtfy(place.path)
  gateway = await serveGateway()
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, { envelope }, done) {
      stream.resume()
      stream.on('end', () => {
        mails.push(...envelope.rcptTo.map(({ address }) => address))
        done()
      })
    },
  })
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
  web = createServer((request, response) => {
    asked.push(new URL(request.url ?? '', 'http://x').pathname)
    request.resume()
    response.end('OK')
  }).listen(0, '127.0.0.1')
  await once(web, 'listening')
})
afterAll(async () => {
  await ntfy?.[Symbol.asyncDispose]()
  await gateway?.[Symbol.asyncDispose]()
  await new Promise<void>((resolve) => smtp.close(() => resolve()))
  web.closeAllConnections()
  web.close()
  place[Symbol.dispose]()
})

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port
const halfHttp = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nhalf of'
const io = (signal: AbortSignal) => ({ signal, otlp: async () => new Uint8Array() })

interface World extends AsyncDisposable {
  readonly app: App
  readonly name: string
  /** From then on time passes by `skip` alone. */
  open(): Promise<void>
  /** Lets time pass. */
  skip(ms: number): void
}

/** Everybody that can be told something, behind gates of this form. */
async function makeWorld(name: string, form: Form): Promise<World> {
  const gate = (target: number, half = halfHttp): Promise<Gate> => shutGate(form, target, half)
  const gates = await Promise.all([
    gate(ntfy.port),
    gate(portOf(smtp.server), '220-half of a gree'),
    gate(portOf(web)),
    gate(portOf(web)),
    gate(portOf(web)),
    gate(gateway.port),
  ])
  const url = (at: number): string => `http://127.0.0.1:${gates[at]?.port}`
  const common = { timeout: '1s', groupWait: '0s' }
  const config = configText(['documents'], {
    notify: {
      phone: { kind: 'ntfy', url: url(0), topic: name, ...common },
      mail: {
        kind: 'email',
        to: [`${name}@example.com`],
        smtp: { url: `smtp://127.0.0.1:${gates[1]?.port}`, tls: 'none' },
        ...common,
      },
      hook: { kind: 'webhook', url: `${url(2)}/${name}/hook`, ...common },
      checks: { kind: 'healthchecks', url: `${url(3)}/${name}/check`, timeout: '1s' },
    },
    heartbeat: { url: `${url(4)}/${name}/alive`, every: '1m', timeout: '1s' },
    metrics: { pushgateway: { url: url(5), timeout: '1s', instance: name } },
  })
  const begun = performance.now()
  let skipped = 0
  let frozen: number | undefined
  const now = (): Date => new Date(Date.UTC(2026, 10, 21) + skipped + ((frozen ?? performance.now()) - begun))
  const ledger = await openedLedger(place.at(name), now())
  return {
    name,
    app: makeApp(config, ledger, now),
    async open() {
      frozen = performance.now()
      for (const one of gates) await one.open()
    },
    skip(ms) {
      skipped += ms
    },
    async [Symbol.asyncDispose]() {
      await ledger[Symbol.asyncDispose]()
      for (const one of gates) await one[Symbol.asyncDispose]()
    },
  }
}

/** What a daemon does when something is due. */
async function turn({ app }: World): Promise<void> {
  const { signal } = new AbortController()
  await Promise.all([deliver(app, signal), push(app, 'pushgateway', io(signal))])
}

/** When what waits is due next; undefined where nothing waits. */
async function nextOf({ app: { ledger } }: World): Promise<number | undefined> {
  const waiting = [
    ...(await ledger.deliveries({ states: ['pending'], most: 1000 })),
    ...(await ledger.pushes()).filter(({ state }) => state === 'pending'),
  ]
  return waiting.length === 0 ? undefined : Math.min(...waiting.map(({ nextAt }) => nextAt.getTime()))
}

describe.each(forms)('while the connection is %s', (form) => {
  it.concurrent.each(Object.entries(outages))(
    'for %s nothing is lost, and all arrives within a minute of the return',
    async (span, outageMs) => {
      const name = `${form}-${span.replaceAll(' ', '')}`
      await using world = await makeWorld(name, form)
      const { app, skip } = world
      const { ledger, now } = app
      const failed = makeRun({
        id: 'r1',
        job: 'documents',
        repository: 'nas',
        outcome: 'failed',
        startedAt: now(),
        endedAt: now(),
      })
      const job = { ...(failingStanding.jobs[0] ?? makeJob()), name: 'documents', repository: 'nas' }
      const standing = makeStanding({ now: now(), jobs: [job], repositories: [] })
      // Since when there is this notifier is known before anything runs.
      await tell(app, makeStanding({ now: now(), jobs: [], repositories: [] }))
      await ledger.beginRun({
        ...failed,
        roundId: 'r1',
        trigger: 'manual',
        startedAt: now(),
        owner: app.self,
        exclusive: true,
      })
      await ledger.closeRun('r1', { endedAt: now(), outcome: 'failed' })

      const outageBegan = now().getTime()
      await tell(app, standing)
      await want(app, standing)
      expect((await ledger.deliveries({ most: 100 })).map(({ notifier }) => notifier).sort()).toEqual([
        'checks',
        'checks',
        'hook',
        'mail',
        'phone',
      ])
      const { signal } = new AbortController()
      const vain = beat(app, { now: now(), notifiers: [] }, signal)
      // A few tries at their times, then many at once, as of a machine that slept; all of them where that costs no time.
      const tries = form === 'refused' ? (deep ? 3000 : 60) : 3
      for (let tried = 0; tried < tries; tried += 1) {
        await turn(world)
        const left = outageBegan + outageMs - now().getTime()
        if (left <= 0) break
        const next = (await nextOf(world)) ?? Number.NaN
        skip(Math.min(left, Math.max(0, next - now().getTime())))
      }
      skip(Math.max(0, outageBegan + outageMs - now().getTime()))
      const last = turn(world)
      expect(await vain).toBe(false)
      expect(await heartbeatOf(app)).toMatchObject({ problem: { code: 'heartbeat.failed' } })
      await last
      expect((await ledger.deliveries({ states: ['dead'], most: 10 })).map(({ problem }) => problem)).toEqual([])
      await world.open()
      const healedAt = now().getTime()

      for (;;) {
        const next = await nextOf(world)
        if (next === undefined) break
        skip(Math.max(0, next - now().getTime()))
        await turn(world)
      }
      const ended = await ledger.deliveries({ most: 100 })
      expect(ended.map(({ notifier, state }) => [notifier, state]).sort()).toEqual(
        ['checks', 'checks', 'hook', 'mail', 'phone'].map((one) => [one, 'delivered']),
      )
      for (const { doneAt } of ended) expect((doneAt?.getTime() ?? Number.NaN) - healedAt).toBeLessThanOrEqual(soon)
      expect(await ledger.pushes()).toMatchObject([{ state: 'kept' }])
      for (const { keptAt } of await ledger.pushes())
        expect((keptAt?.getTime() ?? Number.NaN) - healedAt).toBeLessThanOrEqual(soon)
      expect(await beat(app, { now: now(), notifiers: [] }, signal)).toBe(true)
      // Each had it once.
      expect((await ntfy.messages(name)).map(({ title }) => title)).toEqual(['job documents: failing'])
      expect(mails.filter((address) => address.startsWith(`${name}@`))).toHaveLength(1)
      expect(asked.filter((path) => path.startsWith(`/${name}/`)).sort()).toEqual(
        ['alive', 'check/fail', 'check/start', 'hook'].map((path) => `/${name}/${path}`),
      )
      expect(
        Object.keys(await gateway.values('push_time_seconds')).filter((labels) =>
          labels.includes(`instance="${name}"`),
        ),
      ).toHaveLength(1)
    },
  )

  it.concurrent('the end of a run is put off by one try, however much waits', async () => {
    await using world = await makeWorld(`${form}-many`, form)
    const { app } = world
    const [message] = [
      { kind: 'test', title: 'x', severity: 'good', entries: [], host: 'here', at: app.now() } as const,
    ]
    for (const notifier of Object.keys(app.config.notify))
      for (let at = 0; at < 30; at += 1)
        await app.ledger.enqueue(
          {
            id: `${notifier}-${at}`,
            notifier,
            message,
            madeAt: app.now(),
            state: 'pending',
            attempts: 0,
            nextAt: app.now(),
          },
          [],
        )
    const begun = performance.now()
    await deliverAll(app, new AbortController().signal, 30_000)
    expect(performance.now() - begun).toBeLessThan(10 * second)
    expect(await app.ledger.deliveries({ states: ['pending'], most: 1000 })).toHaveLength(120)
  })
})
