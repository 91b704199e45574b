/** What ntfy and a mail server answer, through the outbox: bounded tries, nothing lost, no repetition that nobody can recognise. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../../src/app/context.ts'
import { deliver } from '../../src/app/telling/deliver.ts'
import { tell } from '../../src/app/telling/tell.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { Delivery } from '../../src/model/delivery.ts'
import { failingStanding, makeStanding } from '../http/standings.ts'
import { makePlace, type Place } from '../real/place.ts'
import { configText, makeApp, openedLedger } from './app.ts'
import { type Ntfy, serveNtfy } from './ntfy.ts'

let place: Place
let ledger: Ledger
let now: number
const closers: (() => Promise<void>)[] = []
beforeEach(async () => {
  place = makePlace()
  now = Date.UTC(2026, 10, 21)
  ledger = await openedLedger(place.path, new Date(now))
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
  await ledger[Symbol.asyncDispose]()
  place[Symbol.dispose]()
})

const { signal } = new AbortController()

const appOf = (notify: object): App => makeApp(configText([], { notify }), ledger, () => new Date(now))

/** Tells that a job fails, and tries until all came to an end. @returns Every delivery, oldest first. */
async function toTheEnd(app: App): Promise<readonly Delivery[]> {
  await tell(app, makeStanding({ now: app.now(), jobs: [], repositories: [] }))
  await tell(app, makeStanding({ now: app.now(), jobs: failingStanding.jobs.slice(0, 1), repositories: [] }))
  for (let turns = 0; turns < 40; turns += 1) {
    await deliver(app, signal)
    const waiting = await ledger.deliveries({ states: ['pending'], most: 10 })
    if (waiting.length === 0) break
    now = Math.min(...waiting.map(({ nextAt }) => nextAt.getTime()))
  }
  return (await ledger.deliveries({ most: 100 })).toReversed()
}

describe('ntfy', () => {
  let ntfy: Ntfy
  let answers: (number | 'pass' | 'lost')[]
  let posts: number
  let url: string
  beforeEach(async () => {
    ntfy = await serveNtfy(place.path)
    ;[answers, posts] = [[], 0]
    // In front of it, as a proxy is.
    const proxy = createServer((asked, response) => {
      posts += 1
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      if (typeof answer === 'number') {
        asked.resume()
        response.writeHead(answer, { location: 'http://127.0.0.1:9/' }).end('{"error":"no"}')
        return
      }
      const passed = request(
        { port: ntfy.port, method: asked.method, path: asked.url, headers: asked.headers },
        (got) => {
          if (answer === 'lost') return void asked.socket.destroy()
          response.writeHead(got.statusCode ?? 500, got.headers)
          got.pipe(response)
        },
      )
      passed.on('error', () => asked.socket.destroy())
      asked.pipe(passed)
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    closers.push(
      async () => ntfy[Symbol.asyncDispose](),
      async () => {
        proxy.closeAllConnections()
        proxy.close()
      },
    )
  })
  const both = () =>
    appOf({
      phone: { kind: 'ntfy', url, topic: 'first', groupWait: '0s', fallback: 'other' },
      other: { kind: 'ntfy', url: ntfy.url, topic: 'second', of: ['nothing'] },
    })
  const titles = async (topic: string): Promise<unknown[]> => (await ntfy.messages(topic)).map(({ title }) => title)

  it.each([
    [429, 10],
    [500, 10],
    [507, 10],
    [503, 10],
    [401, 1],
    [403, 1],
    [301, 1],
    [404, 1],
  ] as const)('answers %i for good: the second channel has it after %i tries at most', async (status, most) => {
    answers = [status]
    const ended = await toTheEnd(both())
    const [first, instead] = [
      ended.find(({ notifier }) => notifier === 'phone'),
      ended.find(({ insteadOf }) => insteadOf !== undefined),
    ]
    expect(first).toMatchObject({
      state: 'dead',
      attempts: most,
      problem: { code: 'notify.refused', next: expect.any(String) },
    })
    expect(posts).toBe(most)
    expect(instead).toMatchObject({ notifier: 'other', insteadOf: 'phone', state: 'delivered' })
    expect([await titles('first'), await titles('second')]).toEqual([[], ['job documents: failing']])
  })

  it('is away, busy, and loses its answers: it has the message, and shows it once', async () => {
    answers = [429, 507, 500, 'lost', 'lost', 503, 'pass']
    await ntfy.stop()
    const before = now
    const app = both()
    await tell(app, makeStanding({ now: app.now(), jobs: [], repositories: [] }))
    await ntfy.start()
    const [first, ...more] = await toTheEnd(app)
    expect([first?.state, more]).toEqual(['delivered', []])
    const arrived = await ntfy.messages('first')
    // Whoever shows them takes the last of those with one id.
    expect(new Set(arrived.map(({ sequence_id }) => sequence_id))).toEqual(new Set([first?.id]))
    expect(now - before).toBeLessThan(10 * 60_000)
  })
})

describe('a mail server', () => {
  const fixture = (name: string): string => join(import.meta.dirname, '..', 'readers', 'fixtures', name)
  const tls = { key: readFileSync(fixture('server.key')), cert: readFileSync(fixture('server.pem')) }
  interface Mail {
    readonly to: readonly string[]
    readonly id: string
    readonly secure: boolean
  }
  let mails: Mail[]
  async function serve(options: SMTPServerOptions, port = 0, loses = 0): Promise<number> {
    let left = loses
    const server = new SMTPServer({
      ...tls,
      authOptional: true,
      onData(stream, session, done) {
        let raw = ''
        stream.on('data', (data: Buffer) => {
          raw += data.toString()
        })
        stream.on('end', () => {
          const to = session.envelope.rcptTo.map(({ address }) => address)
          mails.push({ to, id: /^Message-ID: (.*)$/im.exec(raw)?.[1]?.trim() ?? '', secure: session.secure })
          left -= 1
          if (left >= 0) for (const connection of server.connections) connection.close()
          else done()
        })
      },
      ...options,
    })
    server.on('error', () => {})
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    closers.push(() => new Promise<void>((resolve) => server.close(() => resolve())))
    return (server.server.address() as AddressInfo).port
  }
  const mailTo = (port: number, to: readonly string[] = ['one@example.com'], more: object = {}) =>
    appOf({
      mail: {
        kind: 'email',
        to,
        smtp: { url: `smtp://localhost:${port}`, ca: fixture('authority.pem'), ...more },
        timeout: '1s',
        groupWait: '0s',
      },
    })
  const answered = (code: number) => Object.assign(new Error('not now'), { responseCode: code })
  beforeEach(() => {
    mails = []
  })

  it('that is busy at first has it in the end, once', async () => {
    let [connections, times] = [0, 0]
    const port = await serve({
      onConnect: (_, done) => (++connections <= 2 ? done(answered(421)) : done()),
      onMailFrom: (_, __, done) => (++times <= 3 ? done(answered(450)) : done()),
    })
    expect(await toTheEnd(mailTo(port))).toMatchObject([{ state: 'delivered', refusals: 5 }])
    expect(mails).toMatchObject([{ to: ['one@example.com'], secure: true }])
  })

  it('that puts one recipient off sends it to each of them once', async () => {
    let times = 0
    const port = await serve({
      onRcptTo: ({ address }, _, done) => (address.startsWith('slow') && ++times <= 4 ? done(answered(450)) : done()),
    })
    const [delivery] = await toTheEnd(mailTo(port, ['slow@example.com', 'quick@example.com']))
    expect(delivery).toMatchObject({ state: 'delivered', attempts: 5 })
    expect(mails.map(({ to }) => to)).toEqual([['quick@example.com'], ['slow@example.com']])
    expect(new Set(mails.map(({ id }) => id)).size).toBe(1)
  })

  it('that loses its answer has it twice at most, under one id', async () => {
    const port = await serve({}, 0, 1)
    expect(await toTheEnd(mailTo(port))).toMatchObject([{ state: 'delivered', attempts: 2 }])
    expect(mails).toHaveLength(2)
    expect(new Set(mails.map(({ id }) => id)).size).toBe(1)
  })

  it('that refuses for good is asked once', async () => {
    const port = await serve({ onRcptTo: (_, __, done) => done(answered(550)) })
    expect(await toTheEnd(mailTo(port))).toMatchObject([{ state: 'dead', attempts: 1 }])
  })

  it('without TLS, or with the certificate of somebody else, gets nothing in clear, and all when it is mended', async () => {
    const [first] = [await serve({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] })]
    const app = mailTo(first)
    await tell(app, makeStanding({ now: app.now(), jobs: [], repositories: [] }))
    await tell(app, makeStanding({ now: app.now(), jobs: failingStanding.jobs.slice(0, 1), repositories: [] }))
    await deliver(app, signal)
    await closers.pop()?.()
    const [waiting] = await ledger.deliveries({ states: ['pending'], most: 1 })
    expect(waiting).toMatchObject({ problem: { code: 'notify.no-tls' } })
    // Its own certificate, which the usual authorities do not know.
    await serve({}, first)
    const { ca: _, ...known } = { ca: undefined, url: `smtp://localhost:${first}` }
    now = waiting?.nextAt.getTime() ?? now
    await deliver(
      appOf({ mail: { kind: 'email', to: ['one@example.com'], smtp: known, timeout: '1s', groupWait: '0s' } }),
      signal,
    )
    expect(await ledger.deliveries({ states: ['pending'], most: 1 })).toMatchObject([
      { problem: { code: 'notify.no-tls' } },
    ])
    expect(mails).toEqual([])
    now += 60_000
    await deliver(app, signal)
    expect(mails).toMatchObject([{ secure: true }])
  })

  it('that answers a little now and then ends a try in time', async () => {
    const sockets: Socket[] = []
    const slow = createTcp((socket) => {
      sockets.push(socket)
      socket.write('220 here\r\n')
      socket.on('error', () => {})
      const timer = setInterval(() => socket.write('250-still here\r\n'), 300)
      socket.on('close', () => clearInterval(timer))
    }).listen(0, '127.0.0.1')
    await once(slow, 'listening')
    closers.push(async () => {
      for (const socket of sockets) socket.destroy()
      slow.close()
    })
    const app = mailTo((slow.address() as AddressInfo).port)
    await tell(app, makeStanding({ now: app.now(), jobs: [], repositories: [] }))
    await tell(app, makeStanding({ now: app.now(), jobs: failingStanding.jobs.slice(0, 1), repositories: [] }))
    const begun = performance.now()
    await deliver(app, signal)
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(await ledger.deliveries({ most: 1 })).toMatchObject([
      {
        state: 'pending',
        problem: { code: 'notify.unreachable', message: expect.stringContaining('no answer in time') },
      },
    ])
  })
})
