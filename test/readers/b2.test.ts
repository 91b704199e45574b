/** Backblaze B2, by a stand-in: tokens that run out, keys for a part, pages, refusals. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import { b2At } from '../../src/sources/storage/b2/index.ts'
import { Connections } from '../../src/sources/storage/connections.ts'
import { openStorage } from '../../src/sources/storage/open.ts'
import type { Storage } from '../../src/sources/storage/storage.ts'
import { makePlace, type Place } from '../real/place.ts'
import { b2Account, b2Bucket, type StandIn, standInForB2 } from './b2-stand-in.ts'
import { WrittenRepository } from './write-repository.ts'

let place: Place
let b2: StandIn
let ids: string[]
beforeEach(async () => {
  place = makePlace()
  const repository = new WrittenRepository(place.at('repository'))
  ids = [
    repository.snapshot(),
    repository.snapshot({ hostname: 'beta' }),
    repository.snapshot({ hostname: 'c' }),
  ].sort()
  b2 = await standInForB2(place.at('repository'), 'some/where')
})
afterEach(async () => {
  await b2[Symbol.asyncDispose]()
  place[Symbol.dispose]()
})

async function opened(
  url = `b2:${b2Bucket}:some/where`,
  account: Record<string, string> = b2Account,
  connections?: Connections,
): Promise<Storage> {
  const environment = Object.fromEntries(Object.entries(account).map(([name, value]) => [name, new Secret(value)]))
  const io = {
    signal: new AbortController().signal,
    timeLimitMs: 20_000,
    meter: { requests: 0, bytes: 0 },
    ...(connections && { connections }),
  }
  const storage = await openStorage({ url: new Secret(url), environment }, io, b2At(b2.address))
  if (!storage.ok) throw new Error(storage.fault.kind)
  return storage.value
}

const kindOf = async (url?: string, account?: Record<string, string>): Promise<string> => {
  await using storage = await opened(url, account)
  const listed = await storage.list('snapshots')
  return listed.ok ? `${listed.value.length}` : `${listed.fault.kind}: ${listed.fault.detail}`
}

it('asks who it is and for its bucket once', async () => {
  await using storage = await opened()
  await Promise.all([storage.list('snapshots'), storage.list('locks'), storage.read('config', { mostBytes: 1_000 })])
  expect(b2.calls.slice(0, 2)).toEqual(['b2_authorize_account', 'b2_list_buckets'])
  expect(b2.calls.slice(2).sort()).toEqual([
    `/file/${b2Bucket}/some/where/config`,
    'b2_list_file_names',
    'b2_list_file_names',
  ])
})

it('keeps what it was told from reading to reading, where a process shares its connections', async () => {
  await using connections = new Connections()
  for (let reading = 0; reading < 3; reading += 1) {
    await using storage = await opened(undefined, undefined, connections)
    expect((await storage.list('snapshots')).ok).toBe(true)
    if (reading === 1) b2.expire()
  }
  expect(b2.calls.filter((call) => call === 'b2_authorize_account').length).toBe(2)
})

it('gets a new token when the old one has run out', async () => {
  await using storage = await opened()
  await storage.list('keys')
  b2.expire()
  expect((await storage.list('snapshots')).ok).toBe(true)
  b2.expire()
  expect((await storage.read('config', { mostBytes: 1_000 })).ok).toBe(true)
  expect(b2.calls.filter((call) => call === 'b2_authorize_account').length).toBe(3)
})

it('turns pages', async () => {
  b2.pageFiles = 2
  await using storage = await opened()
  const listed = await storage.list('snapshots')
  expect(listed.ok && listed.value.map(({ name }) => name).sort()).toEqual(ids)
})

it('works with a key for its bucket or path, and not for another', async () => {
  b2.restrict({ bucketName: b2Bucket, namePrefix: 'some/' })
  expect(await kindOf()).toBe('3')
  expect(b2.calls).not.toContain('b2_list_buckets')
  b2.restrict({ bucketName: b2Bucket, namePrefix: 'other/' })
  expect(await kindOf()).toBe('denied: the key is for another path')
  b2.restrict({ bucketName: 'another-bucket' })
  expect(await kindOf()).toBe('denied: the key is for another bucket')
})

it('is not there, or not for us', async () => {
  expect(await kindOf('b2:missing-bucket:x')).toBe('missing: no such bucket')
  expect(await kindOf(`b2:${b2Bucket}:elsewhere`)).toBe('0')
  expect(await kindOf(undefined, { ...b2Account, B2_ACCOUNT_KEY: 'wrong' })).toBe('denied: unauthorized (HTTP 401)')
  await expect(opened(undefined, {})).rejects.toThrow('unsupported')
  await expect(opened('b2:x')).rejects.toThrow('unsupported')
})
