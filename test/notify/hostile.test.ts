/** Text that means harm arrives as text: through a real ntfy, and by a real SMTP server in a real browser. */
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../src/model/delivery.ts'
import { notifier as email, type Settings } from '../../src/outlets/notify/notifiers/email/index.ts'
import { notifier as ntfyNotifier } from '../../src/outlets/notify/notifiers/ntfy/index.ts'
import { textOf } from '../../src/outlets/notify/words.ts'
import { incidentMessage } from '../../src/verdict/telling/message.ts'
import { openBrowser } from '../http/browser.ts'
import { makeIncident, now } from '../http/standings.ts'
import { deep } from '../real/deep.ts'
import { makePlace } from '../real/place.ts'
import { nastyTexts } from './nasty.ts'
import { serveNtfy } from './ntfy.ts'
import { type Part, partsOf } from './parts-of-mail.ts'

const io = { signal: new AbortController().signal, timeLimitMs: 20_000, env: process.env }
const idOf = (at: number): string => `20261121T114237Z-${at.toString(16).padStart(8, '0')}`

/** Names, reasons and hosts as they come from others, made into a message as all are. */
function messageOf(texts: readonly string[]): Message {
  const items = texts.map((text, at) => ({
    incident: makeIncident({
      number: at + 1,
      key: `set/nas/${at}`,
      kind: 'backup set',
      name: text,
      within: text,
      reason: text,
      next: text,
    }),
    event: 'opened' as const,
  }))
  return incidentMessage(items, { host: `${texts[0]}.` }, now)
}

describe('ntfy', () => {
  const amount = deep ? 10_000 : 1_000

  it(`shows ${amount} titles and texts as they are, and makes no attachment of any`, { timeout: 600_000 }, async () => {
    using place = makePlace()
    await using ntfy = await serveNtfy(place.path)
    const settings = {
      url: ntfy.url,
      topic: 'nasty',
      priority: { critical: 4, warning: 3, good: 2 },
      tags: [],
      lamp: true,
    }
    const log = [
      ...['"', '\\', '\u0001', '\n', '\u001b[0m'].map((text) => text.repeat(5000)),
      ...nastyTexts(amount, 4, 4000),
    ]
    const messages = nastyTexts(amount, 3).map((text, at) => ({
      ...messageOf([text]),
      // What a program said last, in which anything stands as it was printed.
      ...(at % 3 === 0 && { log: log[at / 3] ?? '' }),
    }))
    const told = [...messages.entries()]
    const worker = async (): Promise<void> => {
      for (let next = told.pop(); next !== undefined; next = told.pop()) {
        const [at, message] = next
        const sent = await ntfyNotifier.send(settings, { id: idOf(at), message }, io)
        expect(sent, JSON.stringify(message)).toMatchObject({ ok: true })
      }
    }
    await Promise.all(Array.from({ length: 8 }, worker))
    const arrived = await ntfy.messages('nasty')
    expect(arrived.filter(({ attachment }) => attachment !== undefined)).toEqual([])
    const byId = Map.groupBy(arrived, ({ sequence_id = '' }) => sequence_id.slice(0, idOf(0).length))
    for (const [at, message] of messages.entries()) {
      const pages = byId.get(idOf(at)) ?? []
      const [only] = pages
      if (pages.length === 1) {
        expect(only?.title).toBe(message.title.toWellFormed())
        if (message.log === undefined) expect(only?.message).toBe(textOf(message).toWellFormed().trim())
      }
      expect(pages.length).toBeGreaterThan(0)
      for (const one of pages) {
        expect(one.title?.startsWith(message.title.toWellFormed())).toBe(true)
        expect(one).toMatchObject({ priority: 4, tags: ['x'] })
        expect(one.click).toBeUndefined()
      }
    }
    expect(byId.size).toBe(amount)
  })
})

describe('mail', () => {
  const pages = deep ? 200 : 20
  const each = 50
  let browser: Browser
  let server: SMTPServer
  const mails: { raw: string; to: readonly string[] }[] = []
  beforeAll(async () => {
    browser = await openBrowser()
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, { envelope }, done) {
        const chunks: Buffer[] = []
        stream.on('data', (data: Buffer) => void chunks.push(data))
        stream.on('end', () => {
          mails.push({
            raw: Buffer.concat(chunks).toString('latin1'),
            to: envelope.rcptTo.map(({ address }) => address),
          })
          done()
        })
      },
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    await browser.close()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })

  it(`runs nothing and fetches nothing in a browser, for ${pages * each} texts in each place`, {
    timeout: 600_000,
  }, async () => {
    const { port } = server.server.address() as AddressInfo
    const settings: Settings = {
      to: ['ops@example.com', 'second@example.com'],
      sendmail: [],
      smtp: { url: `smtp://localhost:${port}`, tls: 'none' },
    }
    const texts = nastyTexts(pages * each, 5, 80)
    const messages = Array.from({ length: pages }, (_, at): Message => {
      const own = texts.slice(at * each, (at + 1) * each)
      return {
        ...messageOf(own.slice(0, at % 2 === 0 ? 1 : each)),
        figures: own.map((text) => ({ name: text, value: text })),
        tables: own
          .slice(0, 3)
          .map((text) => ({ title: text, columns: [text, text], rows: own.map((row) => [row, text]) })),
        log: own.join('\n'),
      }
    })
    for (const [at, message] of messages.entries())
      expect(await email.send(settings, { id: idOf(at), message }, io)).toEqual({
        ok: true,
        answer: expect.any(String),
      })

    const page = await browser.newPage()
    const requests: string[] = []
    const dialogs: string[] = []
    page.on('request', (request) => void requests.push(request.url()))
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      void dialog.dismiss()
    })
    const names = new Set<string>()
    for (const [at, { raw, to }] of mails.entries()) {
      expect(to).toEqual(settings.to)
      const { headers, parts } = partsOf(raw)
      names.add(headers.map(([name]) => name.toLowerCase()).join(' '))
      expect(parts.map(({ type }) => type)).toEqual(['text/plain', 'text/html'])
      const [text, html] = parts as [Part, Part]
      const message = messages[at] as Message
      expect(text.body.replaceAll('\r\n', '\n').replace(/\n$/, '')).toBe(crossed(textOf(message)))
      // Not all that shows mail honours the policy inside: without it nothing may run either.
      for (const shown of [html.body, html.body.replace(/<meta http-equiv[^>]*>/, '')]) {
        await page.setContent(shown)
        const found = await page.evaluate(`({
          pwned: 'pwned' in window,
          foreign: document.querySelectorAll('script,iframe,object,embed,form,base,math,svg,noscript,link,img,[onerror],[onload],[onmouseover],[onfocus],[ontoggle],a[href]').length,
          heading: document.querySelector('h1').textContent,
        })`)
        expect(found).toEqual({ pwned: false, foreign: 0, heading: expect.any(String) })
      }
    }
    expect(mails).toHaveLength(pages)
    expect([...names]).toHaveLength(1)
    expect([requests, dialogs]).toEqual([[], []])
    await page.close()
  })
})

/** A mail has lines: whatever ends one in the text is the end of one there. */
const crossed = (text: string): string => text.toWellFormed().replaceAll('\r\n', '\n')
