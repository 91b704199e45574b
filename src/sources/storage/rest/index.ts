/** Repositories behind restic's REST protocol: rest-server, `rclone serve restic`. Source: restic `doc/REST_backend.rst`. */
import { type Answer, isRclone, statusFault } from '../ask.ts'
import { type Caller, openCaller } from '../caller.ts'
import type { Connections } from '../connections.ts'
import { contentOf, rangeHeader } from '../ranges.ts'
import {
  type Fetched,
  type FileType,
  fault,
  fetched,
  mustBeComplete,
  type Storage,
  type StorageBackend,
  type StoredFile,
} from '../storage.ts'
import { parseAddress, type RestAddress } from './address.ts'
import { parseListing } from './listing.ts'

/** A listing takes 67 to 100 bytes a file: room for more than half a million. */
const mostListingBytes = 64 * 1024 * 1024

const v1 = 'application/vnd.x.restic.rest.v1'
const v2 = 'application/vnd.x.restic.rest.v2'

export const storage: StorageBackend = {
  name: 'rest',
  // As many as wait for their turn at the connections, whose number is a matter of those.
  connections: 64,
  owns: (url) => url.startsWith('rest:'),
  async open(access, io) {
    const address = parseAddress(access)
    if (address === undefined) return fault('unsupported', 'the address cannot be understood')
    const caller = await openCaller(address, access.environment, io)
    return caller.ok ? fetched(openServer(address, caller.value, io.connections)) : caller
  },
}

function openServer(address: RestAddress, { ask, close }: Caller, connections: Connections | undefined): Storage {
  const parse = (type: FileType) => (body: Buffer) =>
    connections?.parsed(`${address.authority}${address.path}${type}`, body, parseListing) ?? parseListing(body)
  const login = address.authorization && { authorization: address.authorization.reveal() }
  // Packs and indexes may be large, and would hold up what waits behind them.
  const sharing = (type: string) => (type === 'data' || type === 'index' ? {} : { shared: address.path })
  // rclone knows only the second kind of listing.
  let knowsV1 = true
  const listed = async (type: string, accept: string): Promise<Fetched<Answer>> =>
    ask({
      path: `${address.path}${type}/`,
      headers: { accept, ...login },
      mostBytes: mostListingBytes,
      ...sharing(type),
    })
  return {
    async list(type, sizes) {
      // With sizes the server looks at every file, so names alone are asked for where they will do.
      const first = sizes === true || !knowsV1 ? v2 : v1
      let answer = await listed(type, first)
      // Several listings are on their way at once: each that asked in vain asks again.
      if (answer.ok && answer.value.status === 400 && first === v1) {
        knowsV1 = false
        answer = await listed(type, v2)
      }
      return answer.ok ? filesOf(answer.value, parse(type)) : answer
    },
    async read(file, wish) {
      // Packs too: the folders of two digits are the server's own matter.
      const path = address.path + (file === 'config' ? file : `${file.type}/${mustBeComplete(file.name)}`)
      const type = file === 'config' ? file : file.type
      const headers = { ...rangeHeader(wish), ...login }
      const answer = await ask({ path, headers, mostBytes: wish.mostBytes, ...sharing(type) })
      // rest-server knows no ranges of `config` and sends it whole.
      return answer.ok ? contentOf(answer.value, wish) : answer
    },
    async [Symbol.asyncDispose]() {
      close()
    },
  }
}

type Parse = (body: Buffer) => readonly StoredFile[] | undefined

function filesOf(answer: Answer, parse: Parse): Fetched<readonly StoredFile[]> {
  if (answer.status === 404) {
    // rclone tells of its own troubles with this status, and knows missing folders itself.
    return isRclone(answer) ? fault('unreachable', 'HTTP 404 of rclone') : fetched([])
  }
  if (answer.status !== 200) return statusFault(answer)
  const files = parse(answer.body)
  return files === undefined ? fault('unsupported', 'the answer is no listing') : fetched(files)
}
