import { strict as assert } from 'node:assert'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, it } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import { securityHeaders } from '../../src/outlets/http/headers.ts'
import { openHttp } from '../../src/outlets/http/server.ts'
import { openLog } from '../../src/system/log.ts'
import { get, openSocket, type RawAnswer, sendRaw } from './raw.ts'
import { openSettings, serving, sourceOf } from './serving.ts'
import { healthyStanding } from './standings.ts'

const source = sourceOf(healthyStanding)
const quiet = openLog('silent')

describe('opening', () => {
  for (const listen of ['0.0.0.0:0', ':0', '*:0', '[::]:0', '192.0.2.1:0'])
    it(`refuses ${listen} without a login`, async () => {
      const opened = await openHttp({ ...openSettings, listen }, source, quiet)
      assert.equal(!opened.ok && opened.problem.code, 'http.no-login')
    })

  it('opens a wider address with a login, and answers nobody without one', async () => {
    await using http = await serving(source, { listen: '0.0.0.0:0', tokens: [new Secret('token')] })
    const url = http.url
    assert.equal((await fetch(url)).status, 401)
    assert.equal((await fetch(url, { headers: { authorization: 'Bearer token' } })).status, 200)
    assert.equal((await fetch(`${url}healthz`)).status, 200)
  })

  it('opens a wider address for metrics alone, to whatever name it is asked by', async () => {
    await using http = await serving(source, { listen: ':0', metricsOnly: true, replaces: 'restic-reporter' })
    const asked = 'GET /metrics HTTP/1.1\r\nHost: reporter.example.com:9121\r\nConnection: close\r\n\r\n'
    const answer = await sendRaw(http.url, asked)
    assert.deepEqual(
      [answer.status, answer.headers.get('content-type')],
      [200, 'text/plain; version=0.0.4; charset=utf-8'],
    )
    assert.match(answer.body, /^backup_read_error_count\{url="/m)
    for (const path of ['/', '/api/v1/standing', '/jobs/documents'])
      assert.equal(
        (await get(http.url, path)).body,
        '<h1>Restic Exporter</h1><pre><a href="/metrics">/metrics</a></pre>',
      )
    assert.equal((await fetch(`${http.url}-/read`, { method: 'POST' })).status, 404)
  })

  it('answers everything with the metrics of one system, to whatever name and by whatever method it is asked', async () => {
    const { repositories, jobs, ...rest } = healthyStanding
    const ofBorg = { ...rest, jobs, repositories: repositories.map((one) => ({ ...one, tool: 'borg' })) }
    await using http = await serving(sourceOf(ofBorg), { listen: ':0', only: 'borg-exporter' })
    const lines = /^borg_last_backup_error_code 0\nborg_last_run_timestamp \d+\n$/
    for (const path of ['', 'metrics', 'api/v1/status', 'jobs/documents', 'healthz']) {
      const answer = await fetch(http.url + path)
      assert.deepEqual([answer.status, answer.headers.get('content-type')?.split(';')[0]], [200, 'text/plain'])
      assert.match(await answer.text(), lines)
      for (const [name, value] of Object.entries(securityHeaders)) assert.equal(answer.headers.get(name), value)
    }
    const asked = 'PUT /x HTTP/1.1\r\nHost: 1.2.3.4:9999\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx'
    assert.match((await sendRaw(http.url, asked)).body, lines)
  })

  it('says which address is taken, and how to choose another', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const listen = `127.0.0.1:${(other.address() as AddressInfo).port}`
    const opened = await openHttp({ ...openSettings, listen }, source, quiet)
    other.close()
    assert.ok(!opened.ok)
    assert.equal(opened.problem.code, 'http.port-taken')
    assert.ok(opened.problem.message.includes(listen) && opened.problem.next.includes('--listen'))
  })

  it('says when the address is not of this machine', async () => {
    const opened = await openHttp({ ...openSettings, listen: '192.0.2.1:0', tokens: [new Secret('x')] }, source, quiet)
    assert.equal(!opened.ok && opened.problem.code, 'http.address')
  })

  it('gives its address, also over IPv6', async () => {
    await using http = await serving(source, { listen: '[::1]:0' })
    assert.match(http.url, /^http:\/\/\[::1\]:\d+\/$/)
    assert.equal((await fetch(http.url)).status, 200)
  })
})

describe('closing', () => {
  it('ends within two seconds, with idle connections and one that never ends', async () => {
    const http = await serving(sourceOf(healthyStanding, { standing: () => new Promise(() => {}) }))
    const sockets = await Promise.all(Array.from({ length: 20 }, () => openSocket(http.url)))
    for (const socket of sockets) socket.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('data', resolve))))
    const stuck = await openSocket(http.url)
    stuck.on('error', () => {})
    stuck.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    const start = performance.now()
    await http.close()
    assert.ok(performance.now() - start < 2000, `${performance.now() - start} ms`)
    await assert.rejects(fetch(`${http.url}healthz`))
  })
})

describe('requests that are no good', () => {
  const host = 'Host: 127.0.0.1\r\n'
  const end = 'Connection: close\r\n\r\n'
  const rows: readonly (readonly [name: string, text: string, status: number])[] = [
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
    ['an unknown method', `BREW / HTTP/1.1\r\n${host}${end}`, 400],
    ['no Host', `GET / HTTP/1.1\r\n${end}`, 400],
    ['an empty Host', `GET / HTTP/1.1\r\nHost:\r\n${end}`, 400],
    ['a Host that is none', `GET / HTTP/1.1\r\nHost: a b\r\n${end}`, 400],
    ['another Host', `GET / HTTP/1.1\r\nHost: evil.example\r\n${end}`, 421],
    ['two Hosts, the first of them another', `GET / HTTP/1.1\r\nHost: evil.example\r\n${host}${end}`, 421],
    ['a whole address of another', `GET http://evil.example/ HTTP/1.1\r\n${host}${end}`, 400],
    ['a whole address of this server', `GET http://127.0.0.1/ HTTP/1.1\r\n${host}${end}`, 400],
    ['a star', `OPTIONS * HTTP/1.1\r\n${host}${end}`, 400],
    ['TRACE', `TRACE / HTTP/1.1\r\n${host}${end}`, 405],
    ['headers without end', `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n${end}`, 431],
    ['an address without end', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${host}${end}`, 431],
    ['two lengths', `POST /-/read HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n${end}`, 400],
    [
      'a length and chunks',
      `POST /-/read HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n${end}0\r\n\r\n`,
      400,
    ],
    ['a body that is too large', `POST /-/read HTTP/1.1\r\n${host}Content-Length: 99999999\r\n${end}`, 413],
    ['an expectation that nobody meets', `GET /healthz HTTP/1.1\r\n${host}Expect: wonders\r\n${end}`, 200],
    [
      'a wish for another protocol',
      `GET /healthz HTTP/1.1\r\n${host}Upgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n`,
      200,
    ],
  ]
  for (const [name, text, status] of rows)
    it(`${name}: ${status}, with the headers of every answer and nothing of the inside`, async () => {
      await using http = await serving(source)
      const answer = await sendRaw(http.url, text)
      assert.equal(answer.status, status)
      assertHeaders(answer)
      assert.doesNotMatch(answer.body, /node:|\.ts\b|\n +at |Error|0\.1\.0|HPE_/)
    })
  it('are counted, in one series', async () => {
    await using http = await serving(source)
    await sendRaw(http.url, 'hello\r\n\r\n')
    await sendRaw(http.url, 'BREW / HTTP/1.1\r\n\r\n')
    assert.match(
      await (await fetch(`${http.url}metrics`)).text(),
      /muster_http_requests_total\{route="other",method="other",code="400"\} 2\n/,
    )
  })
})

function assertHeaders({ headers }: RawAnswer): void {
  for (const [name, value] of Object.entries(securityHeaders)) assert.equal(headers.get(name), value, name)
}

/** Sends a little every 50 ms, until the server has enough of it. */
function dripping(socket: Socket, isHeaders: boolean): Promise<boolean> {
  const head = 'Host: 127.0.0.1\r\n'
  socket.write(
    isHeaders ? `GET / HTTP/1.1\r\n${head}` : `POST /-/read HTTP/1.1\r\n${head}Content-Length: 100000\r\n\r\n`,
  )
  const drip = setInterval(() => socket.write(isHeaders ? 'X: y\r\n' : 'x'), 50)
  socket.on('error', () => {})
  socket.resume()
  return new Promise((resolve) =>
    socket.once('close', () => {
      clearInterval(drip)
      resolve(isHeaders)
    }),
  )
}

describe('slow clients', () => {
  it('20 that drip headers and 20 that drip a body are closed, while others are answered', async () => {
    const limits = { headersMs: 800, requestMs: 1400, checkMs: 100 }
    await using http = await serving(source, { limits })
    const sockets = await Promise.all(Array.from({ length: 40 }, () => openSocket(http.url)))
    const start = performance.now()
    const closings = sockets.map((socket, at) =>
      dripping(socket, at % 2 === 0).then((isHeaders) => ({ isHeaders, ms: performance.now() - start })),
    )
    assert.equal((await fetch(`${http.url}healthz`)).status, 200)
    for (const { isHeaders, ms } of await Promise.all(closings))
      assert.ok(ms < (isHeaders ? 2000 : 2600), `${isHeaders ? 'headers' : 'body'}: ${ms} ms`)
  })

  it('one that sends nothing at all is closed', async () => {
    await using http = await serving(source, { limits: { headersMs: 500, requestMs: 700, checkMs: 100 } })
    const socket = await openSocket(http.url)
    const start = performance.now()
    socket.resume()
    socket.on('error', () => {})
    await new Promise((resolve) => socket.once('close', resolve))
    assert.ok(performance.now() - start < 2000)
  })

  it('good ones wait for nobody', async () => {
    await using http = await serving(source, { limits: { headersMs: 5000, requestMs: 6000 } })
    const drips = await Promise.all(Array.from({ length: 200 }, () => openSocket(http.url)))
    for (const socket of drips) {
      socket.on('error', () => {})
      socket.write('GET / HTTP/1.1\r\n')
    }
    const times = []
    for (let at = 0; at < 50; at++) {
      const start = performance.now()
      await (await fetch(`${http.url}healthz`)).text()
      times.push(performance.now() - start)
    }
    for (const socket of drips) socket.destroy()
    const p98 = times.sort((a, b) => a - b)[48] ?? Number.POSITIVE_INFINITY
    assert.ok(p98 < 250, `${p98} ms`)
  })
})

describe('paths that want out', () => {
  const targets = ['etc/passwd', 'package.json', 'muster.yaml', 'proc/self/environ']
  const ups = [
    '../',
    '..%2f',
    '..%252f',
    '%2e%2e/',
    '%2e%2e%2f',
    '%252e%252e%252f',
    '..\\',
    '..%5c',
    '....//',
    '..;/',
    '..%00/',
    '..%c0%af',
    '\u2025/',
    '/',
  ]
  const payloads = ups.flatMap((up) => targets.map((target) => up.repeat(8) + target))
  it(`${payloads.length} of them, on every route with a path, read nothing`, async () => {
    await using http = await serving(source)
    let asked = 0
    for (const base of ['/', '/jobs/', '/repositories/', '/assets/', '/api/v1/jobs/', '/api/v1/repositories/'])
      await Promise.all(
        payloads.map(async (payload) => {
          const answer = await get(http.url, encodeURI(base + payload).replaceAll('%25', '%'))
          asked++
          assert.doesNotMatch(answer.body, /root:|pass-muster|repositories:\n|PATH=/, payload)
          assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${base}${payload}`)
        }),
      )
    assert.equal(asked, payloads.length * 6)
  })
})
