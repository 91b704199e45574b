/** What each notifier sends, and what it makes of the answers. The servers of the companies cannot be had: a server here stands in. */
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Message } from '../../src/model/delivery.ts'
import { Secret } from '../../src/model/secret.ts'
import type { Notifier, Sent } from '../../src/outlets/notify/notifier.ts'
import { notifiers } from '../../src/outlets/notify/notifiers/registry.generated.ts'
import { program } from '../real/programs.ts'

const at = new Date('2026-11-21T11:42:37Z')
const entry = (name: string) =>
  ({
    event: 'opened',
    kind: 'job',
    name,
    within: 'nas',
    state: 'failing',
    severity: 'critical',
    reason: 'the last run failed: <it> & "that"',
    next: 'Look at it.',
    openedAt: at,
    since: at,
    lastGood: at,
  }) as const
const message = (names: readonly string[], more: Partial<Message> = {}): Message => ({
  kind: 'incidents',
  title: 'job documents: failing 🛑 @everyone',
  severity: 'critical',
  entries: names.map(entry),
  host: 'alpha',
  at,
  link: 'https://muster.example.com/',
  ...more,
})

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Record<string, unknown>
  readonly raw: string
}

let asked: Asked[]
let answer: RequestListener
let url: string
let close: () => Promise<void>
beforeEach(async () => {
  asked = []
  answer = (_, response) => response.end('ok')
  const server = createServer((request, response) => {
    let raw = ''
    request.on('data', (data: Buffer) => {
      raw += data.toString()
    })
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      asked.push({ method, path, headers, raw, body: JSON.parse(raw) as Asked['body'] })
      answer(request, response)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
})
afterEach(() => close())

type Kind = keyof typeof notifiers
const settingsOf: Readonly<Record<Exclude<Kind, 'command' | 'email' | 'healthchecks'>, () => object>> = {
  ntfy: () => ({
    url,
    topic: 'backups',
    token: new Secret('canary-token'),
    priority: { critical: 5, warning: 3, good: 2 },
    tags: [],
  }),
  webhook: () => ({
    url: new Secret(`${url}/hook`),
    headers: { 'x-own': new Secret('canary-token') },
    secret: new Secret('sign'),
  }),
  slack: () => ({ url: new Secret(`${url}/services/canary-token`) }),
  discord: () => ({ url: new Secret(`${url}/api/webhooks/1/canary-token`), username: 'Muster' }),
  telegram: () => ({ token: new Secret('canary-token'), chat: '-1', server: url }),
  gotify: () => ({ url: `${url}/`, token: new Secret('canary-token') }),
  pushover: () => ({ token: new Secret('canary-token'), user: new Secret('canary-user'), server: url }),
  apprise: () => ({ api: new Secret(`${url}/notify/canary-token`), program: 'apprise', tag: 'backups' }),
  matrix: () => ({ url, room: '!room:example.com', token: new Secret('canary-token') }),
}
const kinds = Object.keys(settingsOf) as (keyof typeof settingsOf)[]

async function send(kind: keyof typeof settingsOf, told: Message, timeLimitMs = 5_000): Promise<Sent> {
  const notifier = (await notifiers[kind]()) as Notifier<never>
  const io = { signal: new AbortController().signal, timeLimitMs, env: process.env }
  return notifier.send(settingsOf[kind]() as never, { id: '20261121T114237Z-4f2a9c1b', message: told }, io)
}

it('has a test for every notifier', () => {
  expect([...kinds, 'command', 'email', 'healthchecks'].sort()).toEqual(Object.keys(notifiers).sort())
})

describe.each(kinds)('%s', (kind) => {
  it('sends what, since when, last good, what to do, and where to look', async () => {
    expect(await send(kind, message(['documents']))).toMatchObject({ ok: true, answer: 'HTTP 200 ok' })
    const [only, ...more] = asked
    expect(more).toEqual([])
    const text = JSON.stringify(only?.body)
    for (const part of [
      'documents',
      'nas',
      'failing',
      '2026-11-21 11:42 UTC',
      'Look at it.',
      'muster.example.com',
      '🛑',
    ])
      expect(text).toContain(part)
  })

  it('names each of 500 in at most as many posts as its limit takes', async () => {
    const names = Array.from({ length: 500 }, (_, index) => `module-${String(index).padStart(3, '0')}`)
    expect(await send(kind, message(names))).toMatchObject({ ok: true })
    const all = asked.map(({ raw }) => raw).join('\n')
    expect(names.filter((name) => !all.includes(name))).toEqual([])
    if (kind === 'ntfy') expect(asked.length).toBeLessThanOrEqual(10)
  })

  it('tries again what is refused for now, and not what is refused for good', async () => {
    const answered = async (status: number, headers = {}): Promise<Sent> => {
      answer = (_, response) => response.writeHead(status, headers).end('no')
      return send(kind, message(['documents']))
    }
    expect(await answered(503, { 'retry-after': '7' })).toMatchObject({
      ok: false,
      trouble: 'later',
      retryAfterMs: 7_000,
    })
    expect(await answered(429)).toMatchObject({ ok: false, trouble: 'later', problem: { code: 'notify.refused' } })
    for (const status of [400, 401, 403, 404, 413])
      expect(await answered(status)).toMatchObject({
        ok: false,
        trouble: 'never',
        problem: { next: expect.any(String) },
      })
    // Credentials go nowhere else.
    const before = asked.length
    expect(await answered(302, { location: `${url}/elsewhere` })).toMatchObject({ ok: false })
    expect(asked.length).toBe(before + 1)
  })

  it('says that nobody answers, and waits for nobody for ever', async () => {
    answer = () => {}
    expect(await send(kind, message(['documents']), 300)).toMatchObject({
      ok: false,
      trouble: 'unreachable',
      problem: { code: 'notify.unreachable', message: expect.stringContaining('no answer in time') },
    })
    answer = (request) => void request.socket.destroy()
    expect(await send(kind, message(['documents']))).toMatchObject({ ok: false, trouble: 'unreachable' })
  })

  it('shows no secret in what it says', async () => {
    answer = (_, response) => response.writeHead(401).end('no')
    expect(JSON.stringify(await send(kind, message(['documents'])))).not.toContain('canary')
  })
})

describe('what is each one’s own', () => {
  it('a repetition is the same to ntfy and Matrix', async () => {
    for (let times = 0; times < 2; times += 1) {
      await send('ntfy', message(['documents']))
      await send('matrix', message(['documents']))
    }
    expect(new Set(asked.flatMap(({ body }) => body.sequence_id ?? [])).size).toBe(1)
    expect(new Set(asked.filter(({ method }) => method === 'PUT').map(({ path }) => path)).size).toBe(1)
  })

  it('a webhook is signed', async () => {
    await send('webhook', message(['documents']))
    const signature = createHmac('sha256', 'sign')
      .update(asked[0]?.raw ?? '')
      .digest('hex')
    expect(asked[0]?.headers).toMatchObject({ 'x-muster-signature': `sha256=${signature}`, 'x-own': 'canary-token' })
    expect(asked[0]?.body).toMatchObject({
      id: '20261121T114237Z-4f2a9c1b',
      severity: 'critical',
      text: expect.any(String),
    })
  })

  it('names call nobody, and are no markup', async () => {
    await send('discord', message(['@everyone']))
    expect(asked[0]?.body).toMatchObject({ allowed_mentions: { parse: [] } })
    await send('slack', message(['<!channel>']))
    expect(String(asked[1]?.body.text)).toContain('&lt;!channel&gt;')
  })

  it('Slack says with 200 and other words that it took nothing', async () => {
    answer = (_, response) => response.end('invalid_blocks')
    expect(await send('slack', message(['documents']))).toMatchObject({ ok: false, trouble: 'never' })
  })

  it('tokens stand in headers where the server takes them there', async () => {
    for (const kind of ['gotify', 'matrix', 'ntfy'] as const) await send(kind, message(['documents']))
    for (const { path, headers } of asked) {
      expect(path).not.toContain('canary')
      expect(JSON.stringify(headers)).toContain('canary-token')
    }
  })

  it('apprise itself takes its addresses from a file that nobody else can read', async () => {
    const { notifier } = await import('../../src/outlets/notify/notifiers/apprise/index.ts')
    const settings = {
      urls: [new Secret(`json://user:canary-token@${new URL(url).host}/`)],
      program: program('apprise'),
    }
    const io = { signal: new AbortController().signal, timeLimitMs: 20_000, env: process.env }
    const sent = await notifier.send(settings, { id: 'x', message: message(['documents']) }, io)
    expect(sent).toMatchObject({ ok: true })
    expect(asked[0]?.body).toMatchObject({
      title: 'job documents: failing 🛑 @everyone',
      message: expect.stringContaining('Look at it.'),
      type: 'failure',
    })
    expect(asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:canary-token').toString('base64')}`)
    answer = (_, response) => response.writeHead(403).end('no')
    const refused = await notifier.send(settings, { id: 'x', message: message(['documents']) }, io)
    expect(refused).toMatchObject({ ok: false, trouble: 'later', problem: { code: 'notify.command' } })
    expect(JSON.stringify(refused)).not.toContain('canary')
  })
})
