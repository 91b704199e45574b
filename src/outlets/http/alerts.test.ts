import { strict as assert } from 'node:assert'
import { describe, expect, it } from 'vitest'
import { get, openSocket, sendRaw } from '../../../test/http/raw.ts'
import { type Serving, serving, sourceOf } from '../../../test/http/serving.ts'
import { healthyStanding } from '../../../test/http/standings.ts'
import { Secret } from '../../model/secret.ts'
import { alertPaths } from './alerts.ts'
import type { HttpSettings, HttpSource, TakenAlerts } from './types.ts'

const body = '{"alerts":[{"status":"firing","labels":{"alertname":"NsBackupFailed","backup_id":"1"}}]}'
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const users = new Map([['admin', new Secret('secret')]])
const locked = { users, tokens: [new Secret('page')], inboxTokens: [new Secret('hook'), new Secret('hook2')] }
const problem = { code: 'inbox.some', message: 'Some.', next: 'Do.', retry: 'soon' } as const

interface Asked {
  readonly server: Serving
  /** Bodies that were taken. */
  readonly taken: Uint8Array[]
  post(headers?: Record<string, string>, init?: RequestInit & { path?: string }): Promise<Response>
}

async function asked(
  answer: TakenAlerts = { state: 'kept', alerts: 1 },
  { settings = {}, source = {} }: { settings?: Partial<HttpSettings>; source?: Partial<HttpSource> } = {},
): Promise<Asked & AsyncDisposable> {
  const taken: Uint8Array[] = []
  const takeAlerts = async (bytes: Uint8Array): Promise<TakenAlerts> => {
    taken.push(bytes)
    return answer
  }
  const server = await serving(sourceOf(healthyStanding, { takeAlerts, ...source }), settings)
  return {
    server,
    taken,
    post: (headers = {}, { path = 'alert', ...init } = {}) =>
      fetch(`${server.url}${path}`, { method: 'POST', body, headers, redirect: 'manual', ...init }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

describe('alerts that are posted', () => {
  it('are answered when they are kept, at both paths, with every length and none', async () => {
    await using at = await asked()
    for (const path of alertPaths) {
      const answer = await at.post({}, { path: path.slice(1) })
      assert.equal(answer.status, 200)
      expect(await answer.json()).toEqual({ status: 'success', alerts: 1 })
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    }
    const chunks = new Blob([body.slice(0, 10), body.slice(10)]).stream()
    await at.post({}, { body: chunks, duplex: 'half' } as RequestInit)
    expect(at.taken.map((bytes) => Buffer.from(bytes).toString())).toEqual([body, body, body])
  })

  const answers: readonly (readonly [TakenAlerts, number, string | null])[] = [
    [{ state: 'bad', problem }, 400, null],
    [{ state: 'later', problem, afterSeconds: 10 }, 503, '10'],
  ]
  for (const [answer, status, after] of answers)
    it(`that are ${answer.state}: ${status}`, async () => {
      await using at = await asked(answer)
      const response = await at.post()
      expect([response.status, response.headers.get('retry-after')]).toEqual([status, after])
      assert.equal(await response.text(), 'Some.\nDo.\n')
    })

  it('while Muster starts come again', async () => {
    await using at = await asked(undefined, { source: { isReady: () => false } })
    const response = await at.post()
    expect([response.status, response.headers.get('retry-after'), at.taken.length]).toEqual([503, '5', 0])
  })

  it('are not taken without an inbox', async () => {
    await using at = await asked(undefined, { source: { takeAlerts: undefined } })
    const response = await at.post()
    assert.equal(response.status, 404)
    assert.match(await response.text(), /inbox: \{\}/)
  })

  it('with any other method are refused, and told which', async () => {
    await using at = await asked()
    for (const path of alertPaths)
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        const response = await at.post({}, { path: path.slice(1), method, body: null })
        expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'POST'])
      }
    assert.equal(at.taken.length, 0)
  })

  it('of 10 MiB are taken, and one byte more is not', async () => {
    await using at = await asked()
    const most = 10 * 1024 * 1024
    assert.equal((await at.post({}, { body: Buffer.alloc(most, 32) })).status, 200)
    const { host } = new URL(at.server.url)
    const large = `POST /alert HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${most + 1}\r\n\r\n`
    const answer = await sendRaw(at.server.url, large)
    expect([answer.status, answer.headers.get('connection')]).toEqual([413, 'close'])
    const chunk = `${(most + 1).toString(16)}\r\n${' '.repeat(most + 1)}\r\n`
    const head = `POST /alert HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`
    assert.equal((await sendRaw(at.server.url, head + chunk)).status, 413)
    assert.equal(at.taken.length, 1)
  })

  it('take no memory without end, and none while nothing came of what was announced', async () => {
    await using at = await asked(undefined, {
      source: { takeAlerts: () => new Promise((resolve) => waiting.push(() => resolve({ state: 'kept', alerts: 1 }))) },
    })
    const waiting: (() => void)[] = []
    const { host } = new URL(at.server.url)
    const sockets = await Promise.all(Array.from({ length: 8 }, () => openSocket(at.server.url)))
    for (const socket of sockets)
      socket.write(`POST /alert HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 10000000\r\n\r\n`)
    const large = Buffer.alloc(10_000_000, 32)
    const first = Array.from({ length: 3 }, () => at.post({}, { body: large }).catch(() => undefined))
    for (let turn = 0; turn < 500 && waiting.length < 3; turn++) await new Promise((go) => setTimeout(go, 10))
    assert.equal(waiting.length, 3)
    const response = await at.post({}, { body: large }).catch(() => undefined)
    // The connection may be closed before the whole body was sent.
    if (response !== undefined) expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
    assert.equal(waiting.length, 3)
    for (const go of waiting) go()
    expect((await Promise.all(first)).map((one) => one?.status)).toEqual(Array(3).fill(200))
    const last = at.post({}, { body: large })
    for (let turn = 0; turn < 500 && waiting.length < 4; turn++) await new Promise((go) => setTimeout(go, 10))
    waiting[3]?.()
    assert.equal((await last).status, 200)
    for (const socket of sockets) socket.destroy()
  })
})

describe('who may post alerts', () => {
  const rows: readonly (readonly [string, Partial<HttpSettings>, Record<string, string>, number])[] = [
    ['nobody is asked', {}, {}, 200],
    ['no token', locked, {}, 401],
    ['a wrong token', locked, { authorization: 'Bearer no' }, 401],
    ['an empty one', locked, { authorization: 'Bearer ' }, 401],
    ['a token', locked, { authorization: 'Bearer hook' }, 200],
    ['another token', locked, { authorization: 'bearer hook2' }, 200],
    ['a token as password', locked, { authorization: basic('anybody', 'hook') }, 200],
    ['a token as user', locked, { authorization: basic('hook', '') }, 401],
    ['the user of the page', locked, { authorization: basic('admin', 'secret') }, 200],
    ['the token of the page', locked, { authorization: 'Bearer page' }, 200],
    ['tokens for alerts alone, none given', { inboxTokens: [new Secret('hook')] }, {}, 401],
    ['tokens for alerts alone', { inboxTokens: [new Secret('hook')] }, { authorization: 'Bearer hook' }, 200],
    ['no tokens for alerts, but a login', { users }, {}, 401],
    ['no tokens for alerts, and the login', { users }, { authorization: basic('admin', 'secret') }, 200],
  ]
  for (const [name, settings, headers, status] of rows)
    it(`${name}: ${status}`, async () => {
      await using at = await asked(undefined, { settings })
      for (const path of alertPaths) {
        const response = await at.post(headers, { path: path.slice(1) })
        assert.equal(response.status, status)
        if (status !== 401) continue
        assert.match(response.headers.get('www-authenticate') ?? '', /^(?:Basic|Bearer) realm="Muster/)
        const named = settings.inboxTokens === undefined ? /server\.auth names/ : /inbox\.tokens names/
        assert.match(await response.text(), named)
      }
      assert.equal(at.taken.length, status === 200 ? 2 : 0)
    })

  it('is asked before a byte of the body is read', async () => {
    await using at = await asked(undefined, { settings: locked })
    const { host } = new URL(at.server.url)
    const head = `POST /alert HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer no\r\nContent-Length: 10000000\r\n\r\n`
    const began = performance.now()
    const answer = await sendRaw(at.server.url, head, 5_000)
    expect([answer.status, answer.headers.get('connection')]).toEqual([401, 'close'])
    assert.ok(performance.now() - began < 2_000)
  })

  it('opens nothing else with it', async () => {
    await using at = await asked(undefined, { settings: locked })
    const others = [
      '',
      'metrics',
      'api/v1/status',
      'api/v1/runs',
      'api/v1/openapi.json',
      'compat/restic-reporter/metrics',
    ]
    for (const authorization of ['Bearer hook', basic('admin', 'hook')]) {
      for (const path of others) {
        const response = await fetch(`${at.server.url}${path}`, { headers: { authorization } })
        expect([path, response.status]).toEqual([path, 401])
      }
      for (const path of ['-/reload', '-/read'])
        expect([path, (await at.post({ authorization }, { path, body: null })).status]).toEqual([path, 401])
      const head = await get(at.server.url, '/', `Authorization: ${authorization}\r\n`)
      assert.equal(head.status, 401)
    }
  })
})
