import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const fixtures = join(import.meta.dirname, 'fixtures', 'mirror')
const index = readFileSync(join(fixtures, 'Packages.xz'))

/** A small archive on loopback with the packages `tiny` 1.2.3 and `tiny-data`, in the suite sid; the others are empty. */
export interface Mirror extends AsyncDisposable {
  readonly url: string
  /** Paths asked for, in order. */
  readonly asked: string[]
  /** Answers put in front of the true ones: status codes for requests whose path ends so. */
  readonly faults: { readonly ends: string; status: number; times: number }[]
  /** Replaces the bytes of files with this in their path. */
  readonly spoilt: Map<string, Uint8Array>
}

export async function openMirror(): Promise<Mirror> {
  const asked: string[] = []
  const faults: Mirror['faults'] = []
  const spoilt: Mirror['spoilt'] = new Map()
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const fault = faults.find(({ ends, times }) => path.endsWith(ends) && times > 0)
    if (fault !== undefined) {
      fault.times -= 1
      response.writeHead(fault.status).end()
      return
    }
    const [, spoiltBytes] = [...spoilt].find(([part]) => path.includes(part)) ?? []
    const bytes = spoiltBytes ?? contentOf(path)
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, asked, faults, spoilt, [Symbol.asyncDispose]: async () => void server.close() }
}

/** xz of nothing: the index of a suite without packages. */
const emptyIndex = Buffer.from('/Td6WFoAAATm1rRGAAAAABzfRCEftvN9AQAAAAAEWVo=', 'base64')
const sumOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function contentOf(path: string): Uint8Array | undefined {
  const [, suite] = /^\/dists\/([^/]+)\//.exec(path) ?? []
  const ofSuite = suite === 'sid' ? index : emptyIndex
  if (path.endsWith('/InRelease')) return Buffer.from(releaseOf(ofSuite))
  if (suite !== undefined)
    return path.includes(`/by-hash/SHA256/${sumOf(ofSuite)}`) || path.endsWith('.xz') ? ofSuite : undefined
  const [, name] = /^\/pool\/([a-z-]+\.deb)$/.exec(path) ?? []
  return name === undefined || !existsSync(join(fixtures, name)) ? undefined : readFileSync(join(fixtures, name))
}

const releaseOf = (packages: Uint8Array) =>
  `Suite: test\nSHA256:\n${['amd64', 'arm64'].map((name) => ` ${sumOf(packages)} ${packages.length} main/binary-${name}/Packages.xz\n`).join('')}`
