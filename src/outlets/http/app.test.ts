import { strict as assert } from 'node:assert'
import { gunzipSync } from 'node:zlib'
import { describe, it } from 'vitest'
import { sourceOf } from '../../../test/http/serving.ts'
import { failingStanding, healthyStanding, makeStanding } from '../../../test/http/standings.ts'
import type { PingRequest } from '../../model/ping.ts'
import { fail, ok } from '../../model/problem.ts'
import { Secret } from '../../model/secret.ts'
import type { Log } from '../../system/log.ts'
import { createApp } from './app.ts'
import { securityHeaders } from './headers.ts'
import { hostCheck } from './hosts.ts'
import { loginOf } from './login.ts'
import type { HttpSource } from './types.ts'

const host = 'localhost:9121'
const basic = `Basic ${Buffer.from('admin:secret').toString('base64')}`
const users = new Map([['admin', new Secret('secret')]])

function asked(source: HttpSource, { isLocked = false, maxSeries = 2000 } = {}) {
  const logged: object[] = []
  const note = (facts: object): void => void logged.push(facts)
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const login = isLocked ? loginOf(users, [new Secret('token')]) : undefined
  const app = createApp(
    { login: () => login, maxSeries, isHost: hostCheck({ listenName: '127.0.0.1', port: 9121, hosts: [] }) },
    source,
    log,
  )
  const ask = (path: string, init: RequestInit = {}) =>
    app.request(`http://${host}${path}`, { ...init, headers: { host, ...init.headers } })
  return { app, ask, logged }
}

/** Every route as the code has it: a new one is tested without being named here. */
const routes = [
  ...new Map(
    asked(sourceOf(healthyStanding))
      .app.routes.filter(({ method }) => method !== 'ALL')
      .map(({ path, method }) => [`${method} ${path}`, { path, method }]),
  ).values(),
]
const pathOf = (path: string): string =>
  path
    .replace('/jobs/:name', '/jobs/documents')
    .replace('/repositories/:name', '/repositories/nas')
    .replace('/:repository/', '/nas/')
    .replace(':key', 'some-key')
    .replace(':signal', 'start')
const methodsOf = (path: string): string[] => routes.flatMap((route) => (route.path === path ? [route.method] : []))

describe('every route', () => {
  const { ask } = asked(sourceOf(healthyStanding))
  it('there are as many as are known', () => assert.ok(routes.length >= 15, `${routes.length}`))
  for (const { path, method } of routes) {
    it(`${method} ${path} answers, with the headers of every answer`, async () => {
      const response = await ask(pathOf(path), { method })
      assert.ok(response.status === 200 || response.status === 202, `${response.status}`)
      assertHeaders(response)
    })
    it(`${path} says which methods it takes`, async () => {
      const others = ['DELETE', 'PUT', 'PATCH', 'OPTIONS', 'GET', 'POST']
      for (const other of others.filter((one) => !methodsOf(path).includes(one))) {
        const response = await ask(pathOf(path), { method: other })
        assert.equal(response.status, 405, other)
        assert.ok(response.headers.get('allow')?.includes(method))
        assertHeaders(response)
      }
    })
    it(`${method} ${path} asks for a login, but for health checks and where the key is one`, async () => {
      const { ask: locked } = asked(sourceOf(healthyStanding), { isLocked: true })
      const isOpen = path === '/healthz' || path === '/readyz' || path.includes('/:key')
      const cells: readonly (readonly [Record<string, string>, boolean])[] = [
        [{}, isOpen],
        [{ authorization: basic }, true],
        [{ authorization: 'Bearer token' }, true],
        [{ authorization: 'Bearer wrong' }, isOpen],
        [{ authorization: basic.replace('Basic', 'Bearer') }, isOpen],
        [{ authorization: `Basic ${Buffer.from('admin:wrong').toString('base64')}` }, isOpen],
        [{ authorization: `Basic ${Buffer.from('nobody:secret').toString('base64')}` }, isOpen],
      ]
      for (const [headers, admitted] of cells) {
        const response = await locked(pathOf(path), { method, headers })
        assert.equal(response.status < 300, admitted, `${JSON.stringify(headers)}: ${response.status}`)
        if (!admitted)
          assert.deepEqual([response.status, response.headers.get('www-authenticate')?.slice(0, 5)], [401, 'Basic'])
        assertHeaders(response)
      }
    })
    it(`${method} ${path} does not answer another Host`, async () => {
      for (const other of ['evil.example', 'localhost:80']) {
        const response = await ask(pathOf(path), { method, headers: { host: other } })
        assert.equal(response.status, 421)
        assertHeaders(response)
      }
    })
  }
  for (const path of ['/nothing', '/api/v1/nothing', '/jobs/nobody', '/jobs/nobody/more', '/-/nothing', '/%00', '/%'])
    it(`${path} is not found, with the headers of every answer`, async () => {
      const response = await ask(path)
      assert.equal(response.status, 404)
      assertHeaders(response)
    })
  it('a path without a route asks for a login too', async () => {
    assert.equal((await asked(sourceOf(healthyStanding), { isLocked: true }).ask('/nothing')).status, 401)
  })
})

function assertHeaders(response: Response): void {
  assert.equal(Object.keys(securityHeaders).length, 8)
  for (const [name, value] of Object.entries(securityHeaders)) assert.equal(response.headers.get(name), value, name)
}

describe('what other programs tell', () => {
  const told: PingRequest[] = []
  const { ask } = asked(
    sourceOf(healthyStanding, {
      knowsPing: (key) => key !== 'stranger',
      ping: async (request) => {
        told.push(request)
        return request.key === 'busy'
          ? { state: 'busy', againInSeconds: 6 }
          : request.key === 'nobody'
            ? { state: 'unknown' }
            : request.signal === '256'
              ? { state: 'refused', message: 'no.' }
              : { state: 'taken' }
      },
    }),
  )
  const rows: { name: string; path: string; init?: RequestInit; want: [number, string]; told?: object }[] = [
    { name: 'a success', path: '/ping/key', want: [200, 'OK'], told: { form: 'healthchecks', key: 'key' } },
    {
      name: 'a start with its id and body',
      path: '/ping/key/start?rid=1',
      init: { method: 'POST', body: 'hello' },
      want: [200, 'OK'],
      told: { signal: 'start', query: { rid: '1' }, body: Buffer.from('hello') },
    },
    { name: 'HEAD', path: '/ping/key/0', init: { method: 'HEAD' }, want: [200, ''], told: { signal: '0' } },
    { name: 'a final slash', path: '/ping/key/', want: [200, 'OK'], told: { key: 'key', body: Buffer.from('') } },
    { name: 'an unknown key', path: '/ping/nobody', want: [404, 'not found'] },
    { name: 'a bad status', path: '/ping/key/256', want: [400, 'no.'] },
    { name: 'too many', path: '/ping/busy', want: [503, 'try again later'] },
    {
      name: 'a push',
      path: '/api/push/key?status=down&msg=no%20space&ping=',
      want: [200, '{"ok":true}'],
      told: { form: 'uptime-kuma', query: { status: 'down', msg: 'no space', ping: '' } },
    },
    { name: 'a push with an unknown key', path: '/api/push/nobody', want: [404, '{"ok":false,"msg":"not found"}'] },
    { name: 'a key in percents', path: '/ping/k%65y', want: [200, 'OK'], told: { key: 'key' } },
    { name: 'half a percent', path: '/ping/k%', want: [200, 'OK'], told: { key: 'k%' } },
    { name: 'a slash in percents', path: '/ping/a%2F..%2Fb', want: [200, 'OK'], told: { key: 'a/../b' } },
  ]
  for (const { name, path, init, want, told: wanted } of rows)
    it(name, async () => {
      told.length = 0
      const response = await ask(path, init)
      assert.deepEqual([response.status, await response.text()], want)
      assert.equal(response.headers.get('retry-after'), want[0] === 503 ? '6' : null)
      assertHeaders(response)
      if (wanted !== undefined) assert.partialDeepStrictEqual(told[0], wanted)
    })

  it('never reaches the ledger with more than 1 MiB, or from another site', async () => {
    told.length = 0
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    })
    const endless = { method: 'POST', body: stream, duplex: 'half' } as RequestInit
    assert.equal((await ask('/ping/key', endless)).status, 413)
    const headers = { origin: 'https://evil.example' }
    assert.equal((await ask('/ping/key', { method: 'POST', headers })).status, 403)
    assert.deepEqual(told, [])
    assert.equal((await ask('/ping/key', { method: 'POST', body: 'x'.repeat(1024 * 1024) })).status, 200)
  })

  for (const path of ['/ping/stranger', '/ping/stranger/fail', '/api/push/stranger'])
    it(`reads nothing of what comes to ${path}`, async () => {
      told.length = 0
      let pulls = 0
      const pull = (controller: ReadableStreamDefaultController): void => {
        pulls++
        controller.enqueue(new Uint8Array(1024))
      }
      const body = new ReadableStream({ pull }, { highWaterMark: 0 })
      const answer = await ask(path, { method: 'POST', body, duplex: 'half' } as RequestInit)
      assert.deepEqual([answer.status, answer.headers.get('connection'), pulls, told], [404, 'close', 0, []])
    })

  for (const path of ['/ping', '/ping/', '/ping/a/b/c', '/api/push', '/api/push/key/more', '/ping/../metrics/x'])
    it(`${path} is nothing`, async () => {
      told.length = 0
      assert.equal((await ask(path)).status, 404)
      assert.deepEqual(told, [])
    })
})

describe('changing something', () => {
  const foreign = [
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'null' },
  ]
  for (const path of ['/-/reload', '/-/read'])
    it(`${path} is refused to another site, whatever the content type`, async () => {
      let changes = 0
      const { ask } = asked(
        sourceOf(healthyStanding, {
          readNow: () => void changes++,
          reload: async () => {
            changes++
            return ok(undefined)
          },
        }),
      )
      for (const headers of foreign)
        for (const type of [
          'application/x-www-form-urlencoded',
          'text/plain',
          'multipart/form-data; boundary=x',
          'application/json',
          '',
        ])
          assert.equal((await ask(path, { method: 'POST', headers: { ...headers, 'content-type': type } })).status, 403)
      assert.equal(changes, 0)
      assert.ok(
        (await ask(path, { method: 'POST', headers: { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' } }))
          .status < 300,
      )
      assert.equal(changes, 1)
    })

  it('a reload of a bad file says what is wrong with it', async () => {
    const problem = { code: 'config.bad', message: 'Line 3 is wrong.', next: 'Correct it.', retry: 'never' } as const
    const response = await asked(sourceOf(healthyStanding, { reload: async () => fail(problem) })).ask('/-/reload', {
      method: 'POST',
    })
    assert.equal(response.status, 409)
    assert.deepEqual(await response.json(), {
      problem: { code: problem.code, message: problem.message, next: problem.next },
    })
  })

  it('a body over 1 MiB is refused, told or not', async () => {
    const { ask } = asked(sourceOf(healthyStanding))
    assert.equal((await ask('/-/read', { method: 'POST', headers: { 'content-length': '1048577' } })).status, 413)
    assert.equal((await ask('/-/read', { method: 'POST', body: 'x'.repeat(1_048_577) })).status, 413)
    assert.equal((await ask('/-/read', { method: 'POST', body: 'x'.repeat(1_048_576) })).status, 202)
  })
})

describe('health', () => {
  it('is alive but not ready while it starts', async () => {
    const { ask } = asked(
      sourceOf(healthyStanding, { isReady: () => false, standing: () => Promise.reject(new Error('not started')) }),
    )
    assert.equal((await ask('/healthz')).status, 200)
    for (const path of ['/readyz', '/', '/metrics', '/api/v1/status']) {
      const response = await ask(path)
      assert.deepEqual([path, response.status, response.headers.get('retry-after')], [path, 503, '5'])
    }
  })

  it('an unexpected error is logged, and tells nothing of the inside', async () => {
    const { ask, logged } = asked(
      sourceOf(healthyStanding, { standing: () => Promise.reject(new Error('SELECT secret FROM inside')) }),
    )
    for (const path of ['/', '/metrics', '/api/v1/status']) {
      const response = await ask(path, { headers: { accept: 'text/html' } })
      assert.equal(response.status, 500)
      assertHeaders(response)
      assert.doesNotMatch(await response.text(), /SELECT|\.ts\b|\n +at |node:|0\.1\.0/)
    }
    assert.equal(logged.length, 3)
  })

  it('asks for the standing once, however many ask', async () => {
    const loads = { standing: 0, figures: 0 }
    const load = (of: keyof typeof loads) => async () => {
      loads[of]++
      return healthyStanding
    }
    const { ask } = asked(sourceOf(healthyStanding, { standing: load('standing'), figures: load('figures') }))
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => ask(['/', '/metrics', '/api/v1/status', '/jobs/documents'][at % 4] ?? '/')),
    )
    assert.deepEqual(loads, { standing: 1, figures: 1 })
  })
})

describe('the metrics', () => {
  const { ask } = asked(sourceOf(healthyStanding))
  const openmetrics = 'application/openmetrics-text;version=1.0.0'
  const rows: readonly (readonly [accept: string | undefined, type: string])[] = [
    [undefined, 'text/plain; version=0.0.4'],
    ['*/*', 'text/plain; version=0.0.4'],
    [openmetrics, 'application/openmetrics-text; version=1.0.0'],
    [
      `${openmetrics};escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1`,
      'application/openmetrics-text; version=1.0.0',
    ],
    [`${openmetrics};q=0.2,text/plain;version=0.0.4;q=0.3`, 'text/plain; version=0.0.4'],
    [`${openmetrics};q=0,*/*;q=0.1`, 'text/plain; version=0.0.4'],
    ['application/openmetrics-text;version=9.0.0', 'text/plain; version=0.0.4'],
    [
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;q=0.4',
      'text/plain; version=0.0.4',
    ],
  ]
  for (const [accept, type] of rows)
    it(`come as ${type} for ${accept}`, async () => {
      const response = await ask('/metrics', accept === undefined ? {} : { headers: { accept } })
      assert.ok(response.headers.get('content-type')?.startsWith(type), response.headers.get('content-type') ?? '')
      assert.equal((await response.text()).endsWith('# EOF\n'), type.startsWith('application'))
    })

  it('are the same in gzip as plain', async () => {
    const { ask: fresh } = asked(sourceOf(failingStanding))
    const plain = await (await fresh('/metrics')).text()
    const zipped = await fresh('/metrics', { headers: { 'accept-encoding': 'gzip' } })
    assert.equal(zipped.headers.get('content-encoding'), 'gzip')
    assert.equal(gunzipSync(Buffer.from(await zipped.arrayBuffer())).toString(), plain)
    for (const encoding of ['identity', 'br', 'gzip;q=0'])
      assert.equal(
        (await fresh('/metrics', { headers: { 'accept-encoding': encoding } })).headers.get('content-encoding'),
        null,
        encoding,
      )
  })

  it('count requests in a closed set, whatever is asked', async () => {
    const { ask: fresh } = asked(sourceOf(makeStanding()))
    const methods = ['GET', 'POST', 'BREW', 'PROPFIND', 'X']
    await Promise.all(
      Array.from({ length: 2000 }, (_, at) =>
        fresh(`/odd/${at}?q=${at}`, { method: methods[at % methods.length] ?? 'GET' }),
      ),
    )
    const text = await (await fresh('/metrics')).text()
    const lines = text.split('\n').filter((line) => line.startsWith('muster_http_requests_total'))
    assert.deepEqual(lines.sort(), [
      'muster_http_requests_total{route="other",method="GET",code="404"} 400',
      'muster_http_requests_total{route="other",method="POST",code="404"} 400',
      'muster_http_requests_total{route="other",method="other",code="404"} 1200',
    ])
  })

  it('tell about the process, by the names everybody knows', async () => {
    const text = await (await ask('/metrics')).text()
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'process_start_time_seconds',
      'process_open_fds',
      'nodejs_eventloop_lag_seconds',
      'nodejs_heap_size_used_bytes',
    ])
      assert.match(text, new RegExp(`^${name} [\\d.e+-]+$`, 'm'))
  })
})
