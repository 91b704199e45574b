/** What a REST server may do to a reader: real ones with logins and certificates, and one that misbehaves. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePlace, type Place } from '../real/place.ts'
import { accessTo, causeOf, goodReading } from './reading.ts'
import { type Served, serveRclone, serveRest } from './servers.ts'
import { WrittenRepository } from './write-repository.ts'

const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name)

let place: Place
let repository: WrittenRepository
let ids: string[]
beforeAll(() => {
  place = makePlace()
  repository = new WrittenRepository(place.at('repository'))
  repository.key('pw')
  ids = [repository.snapshot(), repository.snapshot({ hostname: 'beta' })]
})
afterAll(() => place?.[Symbol.dispose]())

describe('rest-server', () => {
  let server: Served
  beforeAll(async () => {
    const hash = createHash('sha1').update('p@ss/wörd').digest('base64')
    writeFileSync(place.at('.htpasswd'), `user:{SHA}${hash}\n`)
    server = await serveRest(place.path, ['--htpasswd-file', place.at('.htpasswd')])
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  const at = (login: string): string => `rest:http://${login}127.0.0.1:${server.port}/repository`
  const variables = { RESTIC_REST_USERNAME: 'user', RESTIC_REST_PASSWORD: 'p@ss/wörd' }

  it('lets in who names himself in the address or by variables', async () => {
    const inUrl = accessTo(at(`user:${encodeURIComponent('p@ss/wörd')}@`))
    expect((await goodReading(inUrl)).fresh.length).toBe(2)
    expect((await goodReading(accessTo(at(''), 'pw', variables))).fresh.length).toBe(2)
  })

  it('keeps others out, and nothing tells the password', async () => {
    expect(await causeOf(accessTo(at('')))).toBe('restic.denied')
    expect(await causeOf(accessTo(at('user:canary-wrong@')))).toBe('restic.denied')
    // The address wins over the variables.
    expect(await causeOf(accessTo(at('user:canary-wrong@'), 'pw', variables))).toBe('restic.denied')
  })

  it('costs one request where nothing is new, and few where all is', async () => {
    const access = accessTo(at(''), 'pw', variables)
    expect(await goodReading(access, { known: ids, locks: false })).toMatchObject({ requests: 1 })
    expect(await goodReading(access, { known: ids })).toMatchObject({ requests: 2, locks: [] })
    expect(await goodReading(access)).toMatchObject({ requests: 7 })
  })

  it('has no such repository', async () => {
    const access = accessTo(`rest:http://127.0.0.1:${server.port}/elsewhere/`, 'pw', variables)
    expect(await causeOf(access)).toBe('restic.no-repository')
    expect(await causeOf(access, { known: ids })).toBe('restic.no-repository')
  })

  it('is away', async () => {
    const startedAt = performance.now()
    expect(await causeOf(accessTo('rest:http://127.0.0.1:1/'))).toBe('restic.network')
    expect(await causeOf(accessTo('rest:http://name.invalid/'))).toBe('restic.network')
    expect(await causeOf(accessTo(`rest:http+unix://${place.at('no.sock')}:/`))).toBe('restic.network')
    expect(performance.now() - startedAt).toBeLessThan(30_000)
  })
})

/** The repository as files, unless `before` answers first. */
const serving =
  (before: RequestListener = () => {}): RequestListener =>
  (request, response) => {
    before(request, response)
    if (response.writableEnded || response.headersSent) return
    const path = (request.url ?? '').slice(1)
    if (path.endsWith('/')) {
      response.end(JSON.stringify(path === 'snapshots/' ? ids : path === 'keys/' ? [keyId()] : []))
      return
    }
    try {
      response.end(readFileSync(place.at('repository', path)))
    } catch {
      response.writeHead(404).end()
    }
  }
const keyId = (): string => readdirSync(place.at('repository', 'keys'))[0] ?? ''

describe('a server that misbehaves', () => {
  const withServer = async <T>(before: RequestListener, work: (url: string) => Promise<T>): Promise<T> => {
    const server = createServer(serving(before))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      return await work(`rest:http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }
  const status =
    (code: number, headers: Record<string, string> = {}): RequestListener =>
    (_, response) =>
      void response.writeHead(code, headers).end('{"secret":"<body>"}')

  const rows: { name: string; before: RequestListener; want: string; asked?: number }[] = [
    { name: 'is well', before: () => {}, want: 'ok' },
    { name: '401', before: status(401), want: 'restic.denied', asked: 2 },
    { name: '403', before: status(403), want: 'restic.denied', asked: 2 },
    { name: '404 for all', before: status(404), want: 'restic.no-repository' },
    {
      name: '404 of rclone, which means trouble',
      before: status(404, { server: 'rclone/1.75' }),
      want: 'restic.network',
    },
    { name: '500', before: status(500), want: 'restic.network', asked: 8 },
    { name: '507', before: status(507), want: 'restic.store-full', asked: 2 },
    {
      name: 'redirects',
      before: status(301, { location: 'http://127.0.0.1:1/' }),
      want: 'reader.unsupported',
      asked: 2,
    },
    {
      name: 'a listing that is none',
      before: (_, response) => void response.end('<html>'),
      want: 'reader.unsupported',
    },
    { name: 'hangs up', before: (request) => void request.socket.destroy(), want: 'restic.network', asked: 8 },
    {
      name: 'is no HTTP server',
      before: (request) => void request.socket.end('SSH-2.0-OpenSSH\r\n'),
      want: 'restic.network',
    },
    {
      name: 'promises more than it sends',
      before: (request, response) => {
        if (request.url !== '/config') return
        response.writeHead(200, { 'content-length': 155 })
        response.write('half')
        setImmediate(() => request.socket.destroy())
      },
      want: 'restic.network',
    },
    {
      name: 'sends a config without end',
      before: (request, response) => {
        if (request.url !== '/config') return
        response.writeHead(200)
        const more = setInterval(() => response.write(Buffer.alloc(65_536)), 1)
        request.socket.on('close', () => clearInterval(more))
      },
      want: 'reader.too-large',
    },
    {
      name: 'announces a config of 10 GB',
      before: (request, response) => {
        if (request.url === '/config') response.writeHead(200, { 'content-length': 10_000_000_000 }).write('x')
      },
      want: 'reader.too-large',
    },
  ]
  for (const { name, before, want, asked } of rows)
    it(`${name}: ${want}`, async () => {
      let requests = 0
      const counting: RequestListener = (request, response) => {
        requests += 1
        before(request, response)
      }
      expect(await withServer(counting, (url) => causeOf(accessTo(url)))).toBe(want)
      if (asked !== undefined) expect(requests).toBe(asked)
    })

  it('is well again after two tries', async () => {
    let tries = 0
    const before: RequestListener = (_, response) => {
      tries += 1
      if (tries <= 4) response.writeHead(503).end()
    }
    await withServer(before, async (url) => expect((await goodReading(accessTo(url))).fresh.length).toBe(2))
  })

  it('says nothing, until the time is up', async () => {
    const startedAt = performance.now()
    const silent: RequestListener = (_, response) => void response.writeHead(200).flushHeaders()
    expect(await withServer(silent, (url) => causeOf(accessTo(url), { timeLimitMs: 300 }))).toBe('restic.timed-out')
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  it('knows only listings with sizes, as rclone does', async () => {
    const accepted: (string | undefined)[] = []
    const before: RequestListener = (request, response) => {
      if (request.url?.endsWith('/') !== true) return
      accepted.push(request.headers.accept?.slice(-2))
      if (request.headers.accept !== 'application/vnd.x.restic.rest.v2') response.writeHead(400).end()
      else if (request.url === '/snapshots/')
        response
          .writeHead(200, { 'content-type': 'application/vnd.x.restic.rest.v2' })
          .end(JSON.stringify(ids.map((name) => ({ name, size: 5 }))))
    }
    const read = await withServer(before, (url) => goodReading(accessTo(url), { known: ids, locks: false }))
    expect([...read.snapshotIds].sort()).toEqual([...ids].sort())
    expect(accepted).toEqual(['v1', 'v2'])
  })
})

describe('rclone serve restic', () => {
  for (const version of ['1.60', '1.75'])
    it(`${version} is read without restic, locks and all`, async () => {
      await using server = await serveRclone(version, place.at('repository'))
      const read = await goodReading(accessTo(`rest:http://127.0.0.1:${server.port}/`))
      expect([...read.snapshotIds].sort()).toEqual([...ids].sort())
      expect(read.locks).toEqual([])
    })
})

describe('TLS', () => {
  const withTls = async <T>(more: object, work: (url: string) => Promise<T>): Promise<T> => {
    const server = createTlsServer(
      { key: readFileSync(fixture('server.key')), cert: readFileSync(fixture('server.pem')), ...more },
      serving(),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      return await work(`rest:https://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }
  const authority = { RESTIC_CACERT: fixture('authority.pem') }

  it('takes the authority that is named, and no unknown one', async () => {
    await withTls({}, async (url) => {
      expect(await causeOf(accessTo(url, 'pw', authority))).toBe('ok')
      expect(await causeOf(accessTo(url))).toBe('restic.tls')
      expect(await causeOf(accessTo(url, 'pw', { RESTIC_CACERT: fixture('client.pem') }))).toBe('restic.tls')
      expect(await causeOf(accessTo(url, 'pw', { RESTIC_CACERT: place.at('none.pem') }))).toBe('restic.tls')
      expect(await causeOf(accessTo(url.replace('https', 'http'), 'pw', authority))).toBe('restic.network')
    })
  })

  it('shows the certificate of the client', async () => {
    const more = { requestCert: true, rejectUnauthorized: true, ca: readFileSync(fixture('authority.pem')) }
    await withTls(more, async (url) => {
      expect(await causeOf(accessTo(url, 'pw', { ...authority, RESTIC_TLS_CLIENT_CERT: fixture('client.pem') }))).toBe(
        'ok',
      )
      expect(await causeOf(accessTo(url, 'pw', authority))).toMatch(/^restic\.(tls|network)$/)
    })
  })
})

it('reads over a socket of this machine', async () => {
  const server = createServer(serving())
  await new Promise<void>((resolve) => server.listen(place.at('rest.sock'), resolve))
  try {
    expect((await goodReading(accessTo(`rest:http+unix://${place.at('rest.sock')}:/`))).fresh.length).toBe(2)
  } finally {
    server.close()
  }
})
