/**
 * A stand-in for Backblaze B2, which cannot be had here: the few calls that reading takes, over the files of a folder, written
 * from the public description of the B2 Native API, version 3. What it does that Backblaze does not, no test would notice.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export interface StandIn extends AsyncDisposable {
  readonly address: string
  /** Calls in their order, without their content. */
  readonly calls: string[]
  /** Every token that was given out runs out. */
  expire(): void
  /** The key is from now on for one bucket alone, or for some names in it. */
  restrict(to: { readonly bucketName: string; readonly namePrefix?: string }): void
  /** So many files are on a page; default: as many as are asked for. */
  pageFiles: number
}

export const b2Account = { B2_ACCOUNT_ID: 'account', B2_ACCOUNT_KEY: 'canary-key' }
export const b2Bucket = 'backup-bucket'

/** @param folder What lies below `prefix/` in the bucket. */
export async function standInForB2(folder: string, prefix: string): Promise<StandIn> {
  const calls: string[] = []
  let token = ''
  let restriction: { readonly bucketName?: string; readonly namePrefix?: string } = {}
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://b2').pathname
    calls.push(path.replace('/b2api/v3/', ''))
    void contentOf(request).then((content) => answer(request, response, path, content))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const refuse = (response: ServerResponse, status: number, code: string): void =>
    void response.writeHead(status).end(JSON.stringify({ status, code, message: 'no' }))

  function answer(request: IncomingMessage, response: ServerResponse, path: string, content: string): unknown {
    const shown = request.headers.authorization ?? ''
    if (path === '/b2api/v3/b2_authorize_account') {
      const login = Buffer.from(`${b2Account.B2_ACCOUNT_ID}:${b2Account.B2_ACCOUNT_KEY}`).toString('base64')
      if (shown !== `Basic ${login}`) return refuse(response, 401, 'unauthorized')
      token = randomBytes(8).toString('hex')
      const own =
        restriction.bucketName === undefined ? {} : { bucketId: `id-${restriction.bucketName}`, ...restriction }
      const storageApi = {
        apiUrl: address,
        downloadUrl: address,
        bucketId: null,
        bucketName: null,
        namePrefix: null,
        ...own,
      }
      return response.end(JSON.stringify({ accountId: 'account', authorizationToken: token, apiInfo: { storageApi } }))
    }
    if (shown !== token) return refuse(response, 401, 'expired_auth_token')
    if (path === '/b2api/v3/b2_list_buckets') {
      const { bucketName } = JSON.parse(content)
      const buckets = bucketName === b2Bucket ? [{ bucketId: `id-${b2Bucket}`, bucketName: b2Bucket }] : []
      return response.end(JSON.stringify({ buckets }))
    }
    if (path === '/b2api/v3/b2_list_file_names') return list(response, JSON.parse(content))
    return download(request, response, path)
  }

  function list(
    response: ServerResponse,
    wish: { bucketId: string; prefix: string; startFileName?: string; maxFileCount: number },
  ): unknown {
    if (wish.bucketId !== `id-${b2Bucket}`) return refuse(response, 400, 'bad_bucket_id')
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => `${prefix}/${path}`)
      .filter((name) => name.startsWith(wish.prefix) && name >= (wish.startFileName ?? ''))
      .sort()
    const size = Math.min(wish.maxFileCount, standIn.pageFiles)
    const files = names.slice(0, size).map((fileName) => ({
      fileName,
      action: 'upload',
      contentLength: statSync(join(folder, fileName.slice(prefix.length + 1))).size,
      uploadTimestamp: Math.floor(statSync(join(folder, fileName.slice(prefix.length + 1))).mtimeMs),
    }))
    return response.end(JSON.stringify({ files, nextFileName: names[size] ?? null }))
  }

  function download(request: IncomingMessage, response: ServerResponse, path: string): unknown {
    const begin = `/file/${b2Bucket}/${prefix}/`
    try {
      if (!path.startsWith(begin)) return refuse(response, 404, 'not_found')
      const content = readFileSync(join(folder, decodeURIComponent(path.slice(begin.length))))
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
      if (from === undefined || to === undefined) return response.end(content)
      if (Number(from) >= content.length) return refuse(response, 416, 'range_not_satisfiable')
      return response.writeHead(206).end(content.subarray(Number(from), Number(to) + 1))
    } catch {
      return refuse(response, 404, 'not_found')
    }
  }

  const standIn: StandIn = {
    address,
    calls,
    expire: () => {
      token = 'none'
    },
    restrict: (to) => {
      restriction = to
    },
    pageFiles: Number.POSITIVE_INFINITY,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return standIn
}

async function contentOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}
