/** S3: a repository of restic's own on a real server, whose answers to wrong credentials are real; and what only Amazon does, by a stand-in. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import { openStorage } from '../../src/sources/storage/open.ts'
import { s3Via } from '../../src/sources/storage/s3/index.ts'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { accessTo, causeOf, goodReading } from './reading.ts'
import { account, bucket, type ServedS3, serveS3 } from './s3.ts'

describe('a repository that restic wrote to an S3 server', () => {
  let place: Place
  let server: ServedS3
  const at = (path: string): string => `s3:http://127.0.0.1:${server.port}/${path}`
  const restic = async (port: number, ...args: string[]): Promise<void> => {
    const child = spawn(program('restic-0.18'), args, {
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        HOME: place.path,
        RESTIC_REPOSITORY: `s3:http://127.0.0.1:${port}/${bucket}/some/where`,
        RESTIC_PASSWORD: 'pw',
        RESTIC_CACHE_DIR: place.at('cache'),
        ...account,
      },
    })
    const [code] = await once(child, 'exit')
    expect(code).toBe(0)
  }

  beforeAll(async () => {
    place = makePlace()
    mkdirSync(place.at('stored'))
    mkdirSync(place.at('source'))
    writeFileSync(place.at('source', 'file'), 'content')
    await using lenient = await serveS3(place.at('stored'), true)
    await restic(lenient.port, 'init')
    await restic(lenient.port, 'backup', '--host', 'alpha', place.at('source'))
    server = await serveS3(place.at('stored'))
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    place?.[Symbol.dispose]()
  })

  it('is read, with credentials of the repository or of a profile', async () => {
    const read = await goodReading(accessTo(at(`${bucket}/some/where`), 'pw', account), { size: true })
    expect(read).toMatchObject({ fresh: [{ host: 'alpha' }], locks: [], sizeBytes: expect.any(Number) })
    const warm = await goodReading(accessTo(at(`${bucket}/some/where`), 'pw', account), { known: read.snapshotIds })
    expect(warm).toMatchObject({ requests: 2, fresh: [] })
    const file = place.at('credentials')
    writeFileSync(file, '[other]\naws_access_key_id = S3RVER\naws_secret_access_key=S3RVER\n')
    const profile = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: '/nonexistent', AWS_PROFILE: 'other' }
    expect(await causeOf(accessTo(at(`${bucket}/some/where`), 'pw', profile))).toBe('ok')
    // There are none: the program may know more.
    const none = { ...profile, AWS_PROFILE: 'absent' }
    expect(await causeOf(accessTo(at(`${bucket}/some/where`), 'pw', none))).toBe('reader.unsupported')
  })

  it('is not there, or not for us', async () => {
    expect(await causeOf(accessTo(at('missing-bucket/some'), 'pw', account))).toBe('restic.no-repository')
    expect(await causeOf(accessTo(at(`${bucket}/elsewhere`), 'pw', account))).toBe('restic.no-repository')
    const wrong = { ...account, AWS_SECRET_ACCESS_KEY: 'canary-wrong' }
    expect(await causeOf(accessTo(at(`${bucket}/some/where`), 'pw', wrong))).toBe('restic.denied')
    const unknown = { ...account, AWS_ACCESS_KEY_ID: 'nobody' }
    expect(await causeOf(accessTo(at(`${bucket}/some/where`), 'pw', unknown))).toBe('restic.denied')
    expect(await causeOf(accessTo(at(`${bucket}/some/where`), 'guess', account))).toBe('restic.password')
  })
})

/** A stand-in: it answers as the test wants, in Amazon's words. */
async function standingIn<T>(answer: RequestListener, work: (port: number) => Promise<T>): Promise<T> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await work((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const listing = async (url: string, port: number, options: string[] = []) => {
  const environment = Object.fromEntries(Object.entries(account).map(([name, value]) => [name, new Secret(value)]))
  const io = { signal: new AbortController().signal, timeLimitMs: 20_000, meter: { requests: 0, bytes: 0 } }
  const access = { url: new Secret(url), environment, options }
  const opened = await openStorage(access, io, s3Via({ host: '127.0.0.1', port }))
  if (!opened.ok) throw new Error(opened.fault.detail)
  await using storage = opened.value
  return storage.list('snapshots')
}
const refusal = (code: string, more = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>no &amp; no</Message>${more}</Error>`
const id = (at: number): string => at.toString(16).padStart(64, '0')

describe('what Amazon does (stand-in)', () => {
  it('turns pages by a token, whatever is in it', async () => {
    const token = `1/a+b="&<${'x'.repeat(100)}`
    const asked: (string | null)[] = []
    const answer: RequestListener = (request, response) => {
      const query = new URL(request.url ?? '', 'http://x').searchParams
      asked.push(query.get('continuation-token'))
      const from = query.get('continuation-token') === null ? 0 : 1_000
      const keys = Array.from({ length: from === 0 ? 1_000 : 7 }, (_, at) => id(from + at))
      const next = token.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
      response.end(
        `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${from === 0}</IsTruncated>` +
          keys.map((key) => `<Contents><Key>p/snapshots/${key}</Key><Size>3</Size></Contents>`).join('') +
          (from === 0 ? `<NextContinuationToken>${next}</NextContinuationToken>` : '') +
          '<CommonPrefixes><Prefix>p/snapshots/x/</Prefix></CommonPrefixes></ListBucketResult>',
      )
    }
    const listed = await standingIn(answer, (port) =>
      listing('s3:s3.example.com/backups/p', port).catch(() => undefined),
    )
    expect(listed).toMatchObject({ ok: false })
    const plain = await standingIn(answer, (port) => listing('s3:http://s3.example.com/backups/p', port))
    expect(plain.ok && plain.value.length).toBe(1_007)
    expect(asked).toEqual([null, token])
  })

  it('asks again in the region where the bucket is', async () => {
    const asked: string[] = []
    const answer: RequestListener = (request, response) => {
      const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? ''
      asked.push(`${region} ${request.headers.host}`)
      if (region === 'eu-central-1') return void response.end('<ListBucketResult></ListBucketResult>')
      return void response.writeHead(400).end(refusal('AuthorizationHeaderMalformed', '<Region>eu-central-1</Region>'))
    }
    const listed = await standingIn(answer, (port) => listing('s3:http://s3.amazonaws.com/backups', port))
    expect(listed).toEqual({ ok: true, value: [] })
    expect(asked).toEqual(['us-east-1 backups.s3.amazonaws.com', 'eu-central-1 backups.s3.eu-central-1.amazonaws.com'])
    const moved: RequestListener = (request, response) => {
      if (request.headers.host === 'backups.s3.eu-west-3.amazonaws.com') return void response.end('<ListBucketResult/>')
      return void response
        .writeHead(301, { 'x-amz-bucket-region': 'eu-west-3', location: 'http://127.0.0.1:1/' })
        .end(refusal('PermanentRedirect'))
    }
    expect(await standingIn(moved, (port) => listing('s3:http://s3.amazonaws.com/backups', port))).toMatchObject({
      ok: true,
    })
  })

  const rows: { name: string; status: number; body: string; want: string; asked?: number }[] = [
    { name: 'slow down', status: 503, body: refusal('SlowDown'), want: 'unreachable', asked: 4 },
    { name: 'an expired token', status: 400, body: refusal('ExpiredToken'), want: 'denied', asked: 1 },
    { name: 'no access', status: 403, body: refusal('AccessDenied'), want: 'denied', asked: 1 },
    { name: 'a clock that is wrong', status: 403, body: refusal('RequestTimeTooSkewed'), want: 'denied', asked: 1 },
    { name: 'no bucket', status: 404, body: refusal('NoSuchBucket'), want: 'missing', asked: 1 },
    {
      name: 'a region that nobody names',
      status: 400,
      body: refusal('AuthorizationHeaderMalformed'),
      want: 'unsupported',
    },
    { name: 'a page of HTML', status: 200, body: '<!DOCTYPE html><html></html>', want: 'unsupported' },
    { name: 'a cut listing', status: 200, body: '<ListBucketResult><Contents>', want: 'unsupported' },
    {
      name: 'a listing without end',
      status: 200,
      body: '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>',
      want: 'unsupported',
      asked: 2,
    },
  ]
  for (const { name, status, body, want, asked } of rows)
    it(`${name}: ${want}`, async () => {
      let requests = 0
      const answer: RequestListener = (_, response) => {
        requests += 1
        response.writeHead(status).end(body)
      }
      const listed = await standingIn(answer, (port) => listing('s3:http://s3.example.com/backups', port))
      expect(listed.ok ? 'ok' : listed.fault.kind).toBe(want)
      if (asked !== undefined) expect(requests).toBe(asked)
    })
})
