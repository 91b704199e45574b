/** Repositories in a bucket of S3, of Amazon or of anybody who speaks its protocol. Source: Amazon S3 API Reference. */
import type { Server } from '../ask.ts'
import { contentOf, rangeHeader } from '../ranges.ts'
import {
  type Fetched,
  type FileType,
  fault,
  fetched,
  isTimed,
  mustBeComplete,
  optionOf,
  type Storage,
  type StorageAccess,
  type StorageBackend,
  type StoredFile,
} from '../storage.ts'
import { type Bucket, parseAddress } from './address.ts'
import { loadCredentials } from './credentials.ts'
import { faultOfAnswer } from './faults.ts'
import { parsePage } from './listing.ts'
import { openSigned, type Signed } from './signed.ts'

/** A page has a thousand keys of at most 1024 bytes, and some words on each. */
const mostPageBytes = 8 * 1024 * 1024
/** Five million files; a server that never ends is not followed. */
const mostPages = 5_000

/** @param to Where to connect instead of where the name leads; for tests of what only Amazon has. */
export const s3Via = (to?: Server['to']): StorageBackend => ({
  name: 's3',
  connections: 8,
  owns: (url) => url.startsWith('s3:'),
  async open(access, io) {
    const why = whyNot(access)
    if (why !== undefined) return fault('unsupported', why)
    const bucket = parseAddress(access)
    if (bucket === undefined) return fault('unsupported', 'the address cannot be understood')
    const credentials = await loadCredentials(access)
    if (!credentials.ok) return credentials
    const signed = await openSigned(bucket, credentials.value, access.environment, io, to)
    return signed.ok ? fetched(openBucket(bucket, signed.value)) : signed
  },
})

export const storage = s3Via()

function whyNot(access: StorageAccess): string | undefined {
  if (optionOf(access, 's3.unsafe-anonymous-auth') === 'true') return 'access without credentials'
  const layout = optionOf(access, 's3.layout') ?? 'default'
  return layout === 'default' || layout === '' ? undefined : `the layout ${layout}`
}

function openBucket(bucket: Bucket, signed: Signed): Storage {
  const inside = bucket.prefix === '' ? '' : `${bucket.prefix}/`

  const list = async (type: FileType, details?: boolean): Promise<Fetched<readonly StoredFile[]>> => {
    const folder = `${inside}${type}/`
    // Only packs lie in folders.
    const deep = type === 'data'
    const files = new Map<string, StoredFile>()
    let from = ''
    for (let pages = 0; pages < mostPages; pages += 1) {
      const answer = await signed({ key: '', query: pageQuery(bucket, folder, deep, from), mostBytes: mostPageBytes })
      if (!answer.ok) return answer
      if (answer.value.status !== 200) return faultOfAnswer(answer.value)
      const page = parsePage(answer.value.body.toString('utf8'), folder, deep, details === true && isTimed(type))
      if (page === undefined) return fault('unsupported', 'the answer is no listing')
      for (const file of page.files) files.set(file.name, file)
      if (page.next === undefined) return fetched([...files.values()])
      if (page.next === '' || page.next === from) return fault('unsupported', 'a listing without end')
      from = page.next
    }
    return fault('too-large', `more than ${mostPages} pages`)
  }

  return {
    list,
    async read(file, wish) {
      const name = file === 'config' ? file : mustBeComplete(file.name)
      const folder = file === 'config' ? '' : file.type === 'data' ? `data/${name.slice(0, 2)}/` : `${file.type}/`
      const answer = await signed({
        key: `${inside}${folder}${name}`,
        headers: rangeHeader(wish),
        // A refusal is longer than some files.
        mostBytes: wish.mostBytes,
      })
      if (!answer.ok) return answer
      const { status } = answer.value
      return status === 200 || status === 206 ? contentOf(answer.value, wish) : faultOfAnswer(answer.value)
    },
    [Symbol.asyncDispose]: () => signed.close(),
  }
}

function pageQuery({ v1 }: Bucket, folder: string, deep: boolean, from: string): Readonly<Record<string, string>> {
  return {
    ...(deep ? {} : { delimiter: '/' }),
    prefix: folder,
    ...(v1 ? {} : { 'list-type': '2' }),
    ...(from !== '' && { [v1 ? 'marker' : 'continuation-token']: from }),
  }
}
