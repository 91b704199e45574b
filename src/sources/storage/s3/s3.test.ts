import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { Secret } from '../../../model/secret.ts'
import { parseAddress, serverOf } from './address.ts'
import { loadCredentials, parseProfile } from './credentials.ts'
import { parsePage } from './listing.ts'
import { readXml } from './xml.ts'

const access = (url: string, options: string[] = [], environment: Record<string, string> = {}) => ({
  url: new Secret(url),
  options,
  environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, new Secret(value)])),
})

describe('addresses of S3', () => {
  /** Address, options → where it is asked, with the beginning of its paths, prefix and region. */
  const rows: [string, string[], string | undefined][] = [
    ['s3:s3.amazonaws.com/backups', [], 'https://backups.s3.amazonaws.com  us-east-1'],
    ['s3:s3.eu-west-1.amazonaws.com/backups/a/b/', [], 'https://backups.s3.eu-west-1.amazonaws.com a/b eu-west-1'],
    [
      's3:https://s3.dualstack.eu-west-1.amazonaws.com/backups',
      [],
      'https://backups.s3.dualstack.eu-west-1.amazonaws.com  eu-west-1',
    ],
    ['s3:s3.amazonaws.com/with.dots/a', [], 'https://s3.amazonaws.com/with.dots a us-east-1'],
    ['s3://s3.example.com:9000/backups//a/../b', [], 'https://s3.example.com:9000/backups b us-east-1'],
    ['s3:http://127.0.0.1:9000/backups/a', ['s3.region=here'], 'http://127.0.0.1:9000/backups a here'],
    ['s3:https://s3.example.com/backups', ['s3.bucket-lookup=dns'], 'https://backups.s3.example.com  us-east-1'],
    ['s3:s3.amazonaws.com/backups', ['s3.bucket-lookup=path'], 'https://s3.amazonaws.com/backups  us-east-1'],
    ['s3:s3.amazonaws.com/backups', ['s3.bucket-lookup=odd'], undefined],
    ['s3:s3.amazonaws.com', [], undefined],
    ['s3:https://user:pass@s3.example.com/backups', [], undefined],
    ['s3:https://s3.example.com/b%2F..%2Fx/y', [], undefined],
    ['s3:', [], undefined],
  ]
  for (const [url, options, want] of rows)
    it(`${url} ${options}`, () => {
      const bucket = parseAddress(access(url, options))
      if (bucket === undefined) return assert.equal(want, undefined)
      const { server, root } = serverOf(bucket, bucket.region)
      assert.equal(`${server.scheme}://${server.authority}${root} ${bucket.prefix} ${bucket.region}`, want)
    })

  it('takes the region of the variable, and goes there', () => {
    const bucket = parseAddress(access('s3:s3.amazonaws.com/backups', [], { AWS_DEFAULT_REGION: 'eu-north-1' }))
    assert.ok(bucket)
    assert.equal(serverOf(bucket, bucket.region).server.authority, 'backups.s3.eu-north-1.amazonaws.com')
  })
})

describe('credentials of S3', () => {
  const found = async (environment: Record<string, string>, home = '/nonexistent'): Promise<string> => {
    const loaded = await loadCredentials(access('s3:x/y', [], environment), home)
    return loaded.ok ? Object.values(loaded.value).join(' ') : loaded.fault.kind
  }

  it('come from variables, with a token or without', async () => {
    const pair = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }
    assert.equal(await found(pair), 'id secret')
    assert.equal(await found({ ...pair, AWS_SESSION_TOKEN: 'token' }), 'id secret token')
    assert.equal(await found({ AWS_ACCESS_KEY_ID: 'id' }), 'unsupported')
    assert.equal(await found({ ...pair, RESTIC_AWS_ASSUME_ROLE_ARN: 'arn' }), 'unsupported')
  })

  it('come from the files of a home', async () => {
    const home = mkdtempSync(join(tmpdir(), 'muster-s3-'))
    try {
      const file = { AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'), AWS_CONFIG_FILE: join(home, 'config') }
      const keys = (id: string): string => `aws_access_key_id = ${id}\n  nested = x\naws_secret_access_key = s=1\n`
      writeFileSync(join(home, 'credentials'), `# mine\n[default]\n${keys('one')}[sso]\nsso_start_url = x\n`)
      writeFileSync(
        join(home, 'config'),
        `[profile other]\n${keys('two')}aws_session_token = t\n[profile role]\nrole_arn = x\n`,
      )
      assert.equal(await found(file), 'one s=1')
      assert.equal(await found({ ...file, AWS_PROFILE: 'other' }), 'two s=1 t')
      for (const AWS_PROFILE of ['sso', 'role', 'absent'])
        assert.equal(await found({ ...file, AWS_PROFILE }), 'unsupported')
    } finally {
      rmSync(home, { recursive: true })
    }
  })

  it('are read from any text', () => fc.assert(fc.property(fc.string(), (text) => void parseProfile(text, 'default'))))
})

describe('XML', () => {
  const read = (text: string): string | undefined => {
    const seen: string[] = []
    return readXml(text, (path, value) => void seen.push(`${path}=${value}`)) ? seen.join(' ') : undefined
  }
  const rows: [string, string | undefined][] = [
    ['<a/>', 'a='],
    ['<?xml version="1.0"?>\n<a x="1"><b>1</b> <b>2</b></a>\n', 'a/b=1 a/b=2 a='],
    ['<a>&lt;&amp;&#65;&#x42;&quot;</a>', 'a=<&AB"'],
    ['<a>&nope;</a>', undefined],
    ['<a>& </a>', undefined],
    ['<a>&#x110000;</a>', undefined],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', undefined],
    ['<a><!-- --></a>', undefined],
    ['<a><![CDATA[x]]></a>', undefined],
    ['<a></b>', undefined],
    ['<a>', undefined],
    ['<a/><b/>', undefined],
    ['x<a/>', undefined],
    ['', undefined],
    [`${'<a>'.repeat(9)}${'</a>'.repeat(9)}`, undefined],
  ]
  for (const [text, want] of rows)
    it(`${text.slice(0, 60)} ${want === undefined ? 'is refused' : 'is read'}`, () => assert.equal(read(text), want))
  it('answers any text with a value', () => fc.assert(fc.property(fc.string(), (text) => void read(text))))
})

describe('a page of a listing', () => {
  const id = 'ab'.repeat(32)
  const page = (key: string, more = ''): string =>
    `<ListBucketResult><Contents><Key>${key}</Key><Size>12</Size></Contents>${more}</ListBucketResult>`

  it('has complete files of one folder', () => {
    assert.deepEqual(parsePage(page(`p/keys/${id}`), 'p/keys/', false), { files: [{ name: id, sizeBytes: 12 }] })
    for (const key of ['p/keys/', `p/keys/x/${id}`, `p/keys/${id}x`, `q/keys/${id}`, id])
      assert.deepEqual(parsePage(page(key), 'p/keys/', false), { files: [] })
    assert.deepEqual(parsePage(page(`p/data/ab/${id}`), 'p/data/', true)?.files.length, 1)
  })

  it('says where the next one begins, in both kinds', () => {
    const truncated = '<IsTruncated>true</IsTruncated>'
    assert.equal(
      parsePage(page('k', `${truncated}<NextContinuationToken>t</NextContinuationToken>`), '', false)?.next,
      't',
    )
    assert.equal(parsePage(page('k', `${truncated}<NextMarker>m</NextMarker>`), '', false)?.next, 'm')
    assert.equal(parsePage(page('k', truncated), '', false)?.next, 'k')
  })

  it('of a thousand keys is read in little time', () => {
    const keys = Array.from({ length: 1_000 }, (_, at) => at.toString(16).padStart(64, '0'))
    const entry = (key: string): string =>
      `<Contents><Key>p/snapshots/${key}</Key><LastModified>2026-11-21T00:00:00Z</LastModified><ETag>&quot;x&quot;</ETag><Size>3</Size></Contents>`
    const text = `<ListBucketResult>${keys.map(entry).join('')}</ListBucketResult>`
    parsePage(text, 'p/snapshots/', false)
    const startedAt = performance.now()
    assert.equal(parsePage(text, 'p/snapshots/', false)?.files.length, 1_000)
    // Two milliseconds where nothing else runs.
    assert.ok(performance.now() - startedAt < 100)
  })
})
