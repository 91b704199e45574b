/** Repositories behind restic's REST protocol: rest-server, `rclone serve restic`. Source: restic `doc/REST_backend.rst`. */
import {
  type Fetched,
  fault,
  fetched,
  mustBeComplete,
  type ReadWish,
  type Storage,
  type StorageBackend,
  type StoredFile,
} from '../storage.ts'
import { parseAddress } from './address.ts'
import { connections, openAgent } from './agent.ts'
import { parseListing } from './listing.ts'
import { type Answer, type Ask, askerOf, isRclone, statusFault } from './request.ts'

/** A listing takes 67 to 100 bytes a file: room for more than half a million. */
const mostListingBytes = 64 * 1024 * 1024

const v1 = 'application/vnd.x.restic.rest.v1'
const v2 = 'application/vnd.x.restic.rest.v2'

export const storage: StorageBackend = {
  name: 'rest',
  connections,
  owns: (url) => url.startsWith('rest:'),
  async open(access, io) {
    const address = parseAddress(access)
    if (address === undefined) return fault('unsupported', 'the address cannot be understood')
    const agent = await openAgent(address, access.environment)
    if (!agent.ok) return agent
    return fetched(openServer(askerOf(address, agent.value, io), () => agent.value.destroy()))
  },
}

function openServer(ask: Ask, close: () => void): Storage {
  // rclone knows only the second kind of listing.
  let knowsV1 = true
  const listed = async (path: string, accept: string): Promise<Fetched<Answer>> =>
    ask({ path, headers: { accept }, mostBytes: mostListingBytes })
  return {
    async list(type, sizes) {
      const path = `${type}/`
      // With sizes the server looks at every file, so names alone are asked for where they will do.
      let answer = await listed(path, sizes === true || !knowsV1 ? v2 : v1)
      if (answer.ok && answer.value.status === 400 && sizes !== true && knowsV1) {
        knowsV1 = false
        answer = await listed(path, v2)
      }
      return answer.ok ? filesOf(answer.value) : answer
    },
    async read(file, wish) {
      // Packs too: the folders of two digits are the server's own matter.
      const path = file === 'config' ? file : `${file.type}/${mustBeComplete(file.name)}`
      const answer = await ask({ path, headers: rangeHeader(wish), mostBytes: wish.mostBytes })
      return answer.ok ? contentOf(answer.value, wish) : answer
    },
    async [Symbol.asyncDispose]() {
      close()
    },
  }
}

function filesOf(answer: Answer): Fetched<readonly StoredFile[]> {
  if (answer.status === 404) {
    // rclone tells of its own troubles with this status, and knows missing folders itself.
    return isRclone(answer) ? fault('unreachable', 'HTTP 404 of rclone') : fetched([])
  }
  if (answer.status !== 200) return statusFault(answer)
  const files = parseListing(answer.body)
  return files === undefined ? fault('unsupported', 'the answer is no listing') : fetched(files)
}

const rangeHeader = ({ range }: ReadWish): Record<string, string> =>
  range === undefined ? {} : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` }

/** rest-server knows no ranges of `config` and sends it whole. */
function contentOf(answer: Answer, { range }: ReadWish): Fetched<Uint8Array> {
  const { status, body } = answer
  if (status !== 200 && (status !== 206 || range === undefined)) return statusFault(answer)
  if (range === undefined) return fetched(body)
  const part = status === 206 ? body : body.subarray(range.offset, range.offset + range.length)
  return part.length === range.length ? fetched(part) : fault('cut', `${body.length} bytes`)
}
