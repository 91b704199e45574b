/** Repositories in a bucket of Backblaze B2, by its own protocol. Source: Backblaze B2 Native API, version 3. */
import { contentOf, rangeHeader } from '../ranges.ts'
import {
  fault,
  fetched,
  isComplete,
  isTimed,
  modified,
  mustBeComplete,
  type Storage,
  type StorageBackend,
  type StoredFile,
} from '../storage.ts'
import { Account, understood } from './account.ts'
import { type B2Address, parseAddress } from './address.ts'
import { Files, faultOfAnswer } from './answers.ts'

/** As many as restic asks for. */
const pageFiles = 10_000
/** A file of a listing takes 600 bytes. */
const mostPageBytes = 32 * 1024 * 1024
const mostPages = 500
/** A refusal is longer than some files. */
const leastBytes = 16 * 1024

/** @param apiAddress Where to begin; another one for tests, with a stand-in. */
export const b2At = (apiAddress: string): StorageBackend => ({
  name: 'b2',
  connections: 8,
  owns: (url) => url.startsWith('b2:'),
  async open(access, io) {
    const address = parseAddress(access)
    if (typeof address === 'string') return fault('unsupported', address)
    return fetched(openBucket(address, new Account(address, apiAddress, access.environment, io)))
  },
})

export const storage = b2At('https://api.backblazeb2.com')

function openBucket({ bucket, prefix }: B2Address, account: Account): Storage {
  const inside = prefix === '' ? '' : `${prefix}/`
  return {
    async list(type, details) {
      const isWanted = details === true && isTimed(type)
      const folder = `${inside}${type}/`
      const files = new Map<string, StoredFile>()
      let from: string | undefined
      for (let pages = 0; pages < mostPages; pages += 1) {
        const answer = await account.ask(({ apiUrl, bucketId }) => ({
          base: apiUrl,
          path: '/b2api/v3/b2_list_file_names',
          method: 'POST',
          content: JSON.stringify({
            bucketId,
            prefix: folder,
            maxFileCount: pageFiles,
            ...(from !== undefined && { startFileName: from }),
          }),
          mostBytes: mostPageBytes,
        }))
        const page = understood(Files, answer)
        if (!page.ok) return page
        for (const { fileName, contentLength, uploadTimestamp } of page.value.files) {
          const name = nameIn(folder, fileName, type === 'data')
          if (name === undefined) continue
          files.set(name, {
            name,
            ...(contentLength != null && { sizeBytes: contentLength }),
            ...(isWanted && modified(uploadTimestamp ?? undefined)),
          })
        }
        const next = page.value.nextFileName ?? undefined
        if (next === undefined) return fetched([...files.values()])
        if (next === from) return fault('unsupported', 'a listing without end')
        from = next
      }
      return fault('too-large', `more than ${mostPages} pages`)
    },
    async read(file, wish) {
      const name = file === 'config' ? file : mustBeComplete(file.name)
      const folder = file === 'config' ? '' : file.type === 'data' ? `data/${name.slice(0, 2)}/` : `${file.type}/`
      const path = `${inside}${folder}${name}`.split('/').map(encodeURIComponent).join('/')
      const answer = await account.ask(({ downloadUrl }) => ({
        base: downloadUrl,
        path: `/file/${bucket}/${path}`,
        headers: rangeHeader(wish),
        mostBytes: Math.max(wish.mostBytes, leastBytes),
      }))
      if (!answer.ok) return answer
      const { status, body } = answer.value
      if (status !== 200 && status !== 206) return faultOfAnswer(answer.value)
      if (body.length > wish.mostBytes) return fault('too-large', `more than ${wish.mostBytes} bytes`)
      return contentOf(answer.value, wish)
    },
    [Symbol.asyncDispose]: () => account.close(),
  }
}

/** The name of a complete file in a folder; packs lie one folder deeper. */
function nameIn(folder: string, path: string, deep: boolean): string | undefined {
  if (!path.startsWith(folder)) return undefined
  const rest = path.slice(folder.length)
  const name = deep ? rest.slice(rest.lastIndexOf('/') + 1) : rest
  return isComplete(name) ? name : undefined
}
