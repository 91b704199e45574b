/** Mail through a real SMTP server, with everything that goes wrong there. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Message } from '../../src/model/delivery.ts'
import { Secret } from '../../src/model/secret.ts'
import type { Sent } from '../../src/outlets/notify/notifier.ts'
import { notifier, type Settings } from '../../src/outlets/notify/notifiers/email/index.ts'
import { makePlace, type Place } from '../real/place.ts'

const fixture = (name: string): string => join(import.meta.dirname, '..', 'readers', 'fixtures', name)
const tls = { key: readFileSync(fixture('server.key')), cert: readFileSync(fixture('server.pem')) }

interface Mail {
  readonly to: readonly string[]
  readonly from: string
  readonly raw: string
  readonly secure: boolean
}
let mails: Mail[]
let servers: SMTPServer[]
let place: Place
beforeEach(() => {
  mails = []
  servers = []
  place = makePlace()
})
afterEach(async () => {
  for (const server of servers) await new Promise<void>((resolve) => server.close(() => resolve()))
  place[Symbol.dispose]()
})

/** @returns The port. */
async function serve(options: SMTPServerOptions = {}): Promise<number> {
  const server = new SMTPServer({
    ...tls,
    authOptional: true,
    logger: false,
    onData(stream, session, done) {
      let raw = ''
      stream.on('data', (data: Buffer) => {
        raw += data.toString()
      })
      stream.on('end', () => {
        const { envelope, secure } = session
        mails.push({
          to: envelope.rcptTo.map(({ address }) => address),
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          raw,
          secure,
        })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.server.address() as AddressInfo).port
}

const at = new Date('2026-11-21T11:42:37Z')
const message = (more: Partial<Message> = {}, name = 'documents'): Message => ({
  kind: 'incidents',
  title: `job ${name}: failing`,
  severity: 'critical',
  entries: [
    {
      event: 'opened',
      kind: 'job',
      name,
      state: 'failing',
      severity: 'critical',
      reason: 'the last run failed: <script>alert(1)</script>',
      next: 'Look at it.',
      openedAt: at,
    },
  ],
  host: 'alpha',
  at,
  ...more,
})
const io = { signal: new AbortController().signal, timeLimitMs: 2_000, env: process.env }
const send = (settings: Settings, told = message(), id = '20261121T114237Z-4f2a9c1b'): Promise<Sent> =>
  notifier.send(settings, { id, message: told }, io)
const smtp = (port: number, more: Partial<NonNullable<Settings['smtp']>> = {}): Settings => ({
  to: ['ops@example.com', 'second@example.com'],
  sendmail: [],
  smtp: { url: `smtp://localhost:${port}`, tls: 'required', ca: fixture('authority.pem'), ...more },
})
const failing = (code: number, text = 'no') => Object.assign(new Error(text), { responseCode: code })

describe('mail by SMTP', () => {
  it('arrives with text and HTML, over TLS, at everybody', async () => {
    const port = await serve()
    expect(await send(smtp(port))).toMatchObject({ ok: true, answer: expect.stringMatching(/^250 /) })
    const [mail] = mails
    expect(mail).toMatchObject({ to: ['ops@example.com', 'second@example.com'], from: 'muster@alpha', secure: true })
    expect(mail?.raw).toContain('Message-ID: <20261121T114237Z-4f2a9c1b@alpha>')
    expect(mail?.raw).toMatch(/Content-Type: text\/plain[\s\S]+Content-Type: text\/html/)
    expect(mail?.raw).toContain('Auto-Submitted: auto-generated')
    expect(mail?.raw.split('Content-Type: text/html')[1]).not.toMatch(/<script/)
  })

  it('logs in, and tells a wrong password from a server that is away', async () => {
    const port = await serve({
      authOptional: false,
      onAuth: (auth, _, done) =>
        auth.password === 'canary-right' ? done(null, { user: auth.username }) : done(failing(535, 'bad credentials')),
    })
    const login = { user: 'muster', password: new Secret('canary-right') }
    expect(await send(smtp(port, login))).toMatchObject({ ok: true })
    const wrong = await send(smtp(port, { ...login, password: new Secret('canary-wrong') }))
    expect(wrong).toMatchObject({ ok: false, trouble: 'never', problem: { next: expect.stringContaining('password') } })
    expect(JSON.stringify(wrong)).not.toContain('canary')
  })

  it('is tried again where the server says so, and not where it is refused for good', async () => {
    for (const [code, trouble] of [
      [421, 'later'],
      [450, 'later'],
      [550, 'never'],
      [554, 'never'],
    ] as const) {
      const port = await serve({ onRcptTo: (_, __, done) => done(failing(code)) })
      expect(await send(smtp(port)), String(code)).toMatchObject({ ok: false, trouble })
    }
    expect(mails).toEqual([])
  })

  it('says who was refused where others got it', async () => {
    const port = await serve({
      onRcptTo: ({ address }, _, done) => (address.startsWith('second') ? done(failing(550)) : done()),
    })
    expect(await send(smtp(port))).toMatchObject({
      ok: false,
      trouble: 'never',
      problem: { message: expect.stringContaining('second@example.com') },
    })
    expect(mails).toMatchObject([{ to: ['ops@example.com'] }])
  })

  it('does not go in clear where TLS is gone, nor to a server with another certificate', async () => {
    const port = await serve({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] })
    expect(await send(smtp(port))).toMatchObject({
      ok: false,
      trouble: 'unreachable',
      problem: { code: 'notify.no-tls' },
    })
    const { ca: _, ...withoutCa } = smtp(await serve()).smtp ?? { url: '', tls: 'required' }
    expect(await send({ to: ['ops@example.com'], sendmail: [], smtp: withoutCa })).toMatchObject({
      ok: false,
      problem: { code: 'notify.no-tls' },
    })
    expect(mails).toEqual([])
    expect(await send(smtp(port, { tls: 'if-offered' }))).toMatchObject({ ok: true })
    expect(mails).toMatchObject([{ secure: false }])
  })

  it('that was lost before the answer comes again under the same id', async () => {
    let times = 0
    const port = await serve({
      onData(stream, _, done) {
        let raw = ''
        stream.on('data', (data: Buffer) => {
          raw += data.toString()
        })
        stream.on('end', () => {
          mails.push({ to: [], from: '', raw, secure: true })
          times += 1
          if (times === 1) for (const connection of servers[0]?.connections ?? []) connection.close()
          else done()
        })
      },
    })
    expect(await send(smtp(port))).toMatchObject({ ok: false, trouble: 'unreachable' })
    expect(await send(smtp(port))).toMatchObject({ ok: true })
    expect(new Set(mails.map(({ raw }) => /^Message-ID: (.*)$/m.exec(raw)?.[1])).size).toBe(1)
  })

  it('waits for no server for ever', async () => {
    const port = await serve({ onConnect: () => {} })
    const begun = performance.now()
    expect(await send(smtp(port))).toMatchObject({ ok: false, trouble: 'unreachable' })
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(await send(smtp(9))).toMatchObject({ ok: false, problem: { code: 'notify.unreachable' } })
  })

  it('has no header and no recipient more, whatever a job is called', { timeout: 120_000 }, async () => {
    const port = await serve()
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom(
        'a\r\nBcc: evil@example.com',
        'x, evil@example.com',
        '"a" <evil@example.com>',
        '=?utf-8?q?x?=',
        '\u202E\0',
      ),
    )
    const headersOf = (raw: string): string[] =>
      (raw.split(/\r?\n\r?\n/)[0] ?? '')
        .split(/\r?\n(?![ \t])/)
        .map((line) => (line.split(':')[0] ?? '').toLowerCase())
        .sort()
    await send(smtp(port))
    const usual = headersOf(mails[0]?.raw ?? '')
    await fc.assert(
      fc.asyncProperty(nasty, nasty, async (title, host) => {
        mails = []
        expect(await send(smtp(port), message({ title, host }, title))).toMatchObject({ ok: true })
        expect(mails[0]?.to).toEqual(['ops@example.com', 'second@example.com'])
        expect(headersOf(mails[0]?.raw ?? '')).toEqual(usual)
      }),
      { numRuns: 150 },
    )
  })
})

describe('mail by a program', () => {
  const script = (name: string, text: string): string => {
    writeFileSync(place.at(name), `#!/bin/sh\n${text}\n`)
    chmodSync(place.at(name), 0o755)
    return place.at(name)
  }

  it('like sendmail, which gets the whole of it', async () => {
    const program = script('sendmail', `printf '%s\\n' "$@" > '${place.at('args')}'; cat > '${place.at('mail')}'`)
    expect(await send({ to: ['ops@example.com'], sendmail: [program, '-i', '-t'] })).toMatchObject({ ok: true })
    expect(readFileSync(place.at('args'), 'utf8')).toBe('-i\n-t\n')
    expect(readFileSync(place.at('mail'), 'utf8')).toMatch(
      /^From: Muster <muster@alpha>\nTo: ops@example\.com\nSubject: /m,
    )
    const broken = script('broken', 'echo no queue; exit 75')
    expect(await send({ to: ['ops@example.com'], sendmail: [broken] })).toMatchObject({
      ok: false,
      trouble: 'later',
      problem: { message: expect.stringContaining('ended with 75: no queue') },
    })
  })

  it('of NethServer, once for each recipient', async () => {
    script('runagent', `echo "$*" >> '${place.at('calls')}'; cat > '${place.at('body')}'`)
    const sent = await notifier.send(
      { to: ['one@example.com', 'two@example.com'], from: 'nas@example.com', sendmail: [], ns8: true },
      { id: 'x', message: message() },
      { ...io, env: { PATH: `${place.path}:${process.env.PATH}` } },
    )
    expect(sent).toMatchObject({ ok: true })
    expect(readFileSync(place.at('calls'), 'utf8')).toBe(
      ['one', 'two']
        .map((name) => `ns8-sendmail -s ❌ job documents: failing -f nas@example.com ${name}@example.com\n`)
        .join(''),
    )
    expect(readFileSync(place.at('body'), 'utf8')).toMatch(/^<!doctype html>/)
    expect(existsSync(place.at('mail'))).toBe(false)
  })
})
