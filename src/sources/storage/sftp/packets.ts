/**
 * Packets of SFTP, version 3. Shape: `length:u32 | type:u8 | id:u32 | …`, numbers big-endian, strings `length:u32 | bytes`; INIT and
 * VERSION carry a version in place of the id. Only questions that read can be written here.
 * Source: draft-ietf-secsh-filexfer-02.
 */

const types = { init: 1, open: 3, close: 4, read: 5, fstat: 8, opendir: 11, readdir: 12, extended: 200 } as const
export const answers = {
  version: 2,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attrs: 105,
  extended: 201,
} as const
export const statusCodes = { ok: 0, endOfFile: 1, noSuchFile: 2, permissionDenied: 3, unsupported: 8 } as const

/** Larger than any server sends (256 KiB); what is larger is no SFTP. */
const mostPacketBytes = 1024 * 1024

export type Ask =
  | { readonly type: 'open' | 'opendir'; readonly path: string }
  | { readonly type: 'close' | 'fstat' | 'readdir'; readonly handle: Buffer }
  /** Room of the file system a path is on. Source: openssh `PROTOCOL`, 4.4. */
  | { readonly type: 'statvfs'; readonly path: string }
  | { readonly type: 'read'; readonly handle: Buffer; readonly offset: number; readonly length: number }

export const writeInit = (): Buffer => framed(types.init, [u32(3)])

export function writeAsk(id: number, ask: Ask): Buffer {
  if (ask.type === 'statvfs')
    return framed(types.extended, [u32(id), ...[statvfs, ask.path].flatMap((text) => text32(text))])
  const subject = 'path' in ask ? Buffer.from(ask.path, 'utf8') : ask.handle
  const parts = [u32(id), u32(subject.length), subject]
  // For reading (1), without attributes (0).
  if (ask.type === 'open') parts.push(u32(1), u32(0))
  if (ask.type === 'read') parts.push(u64(ask.offset), u32(ask.length))
  return framed(types[ask.type], parts)
}

const statvfs = 'statvfs@openssh.com'

function text32(text: string): Buffer[] {
  const bytes = Buffer.from(text, 'utf8')
  return [u32(bytes.length), bytes]
}

function framed(type: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from([type]), ...parts])
  return Buffer.concat([u32(body.length), body])
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

export interface Attributes {
  readonly sizeBytes?: number
  /** Whole seconds. */
  readonly modifiedAtMs?: number
  /** Whether it is a file, where the server says; links are told as links. */
  readonly isFile?: boolean
}

export interface Entry extends Attributes {
  readonly name: string
}

/** Reads the fields of one packet in their order. @throws RangeError when it is cut */
export class Fields {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  u32(): number {
    this.#at += 4
    return this.#bytes.readUInt32BE(this.#at - 4)
  }

  u64(): bigint {
    this.#at += 8
    return this.#bytes.readBigUInt64BE(this.#at - 8)
  }

  string(): Buffer {
    const length = this.u32()
    if (length > this.#bytes.length - this.#at) throw new RangeError('a cut string')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  attributes(): Attributes {
    const flags = this.u32()
    let sizeBytes: number | undefined
    let mode: number | undefined
    if ((flags & 1) !== 0) {
      sizeBytes = Number(this.#bytes.readBigUInt64BE(this.#at))
      this.#at += 8
    }
    if ((flags & 2) !== 0) this.#at += 8
    if ((flags & 4) !== 0) mode = this.u32()
    let modifiedAtMs: number | undefined
    if ((flags & 8) !== 0) {
      // When it was last read comes first.
      this.u32()
      modifiedAtMs = this.u32() * 1000
    }
    if ((flags & 0x80000000) !== 0)
      for (let left = this.u32(); left > 0; left -= 1) {
        this.string()
        this.string()
      }
    return {
      ...(sizeBytes !== undefined && { sizeBytes }),
      ...(modifiedAtMs !== undefined && { modifiedAtMs }),
      ...(mode !== undefined && { isFile: (mode & 0o170000) === 0o100000 }),
    }
  }

  entries(): readonly Entry[] {
    const found: Entry[] = []
    for (let left = this.u32(); left > 0; left -= 1) {
      const name = this.string().toString('utf8')
      // As `ls -l` prints it.
      this.string()
      found.push({ name, ...this.attributes() })
    }
    return found
  }
}

/**
 * The answer to `statvfs`. Shape: eleven numbers of 64 bits, of which the second is the size of a block, the third how many there are
 * and the fifth how many an ordinary user may still take. Source: openssh `PROTOCOL`, 4.4.
 *
 * @throws RangeError when it is cut, or says what cannot be
 */
export function readStatvfs(fields: Fields): { readonly bytes: number; readonly total: number; readonly free: number } {
  const [, bytes = 0, total = 0, , free = 0] = Array.from({ length: 11 }, () => Number(fields.u64()))
  if (bytes === 0 || total === 0 || free > total || !Number.isSafeInteger(bytes * total))
    throw new RangeError('no sizes of a file system')
  return { bytes, total, free }
}

export interface Packet {
  readonly type: number
  /** Of the question; the version for `version`. */
  readonly id: number
  readonly fields: Fields
}

/** Cuts a stream into packets. @returns undefined when this is no SFTP */
export function openSplitter(): (chunk: Buffer) => readonly Packet[] | undefined {
  let [parts, size]: [Buffer[], number] = [[], 0]
  let wanted = 4
  return (chunk) => {
    parts.push(chunk)
    size += chunk.length
    // A large packet comes in many chunks, which are joined once.
    if (size < wanted) return []
    let rest = parts.length === 1 ? chunk : Buffer.concat(parts)
    const packets: Packet[] = []
    wanted = 4
    while (rest.length >= 4) {
      const length = rest.readUInt32BE(0)
      if (length < 5 || length > mostPacketBytes) return undefined
      wanted = 4 + length
      if (rest.length < wanted) break
      const body = rest.subarray(4, wanted)
      packets.push({ type: body.readUInt8(0), id: body.readUInt32BE(1), fields: new Fields(body.subarray(5)) })
      rest = rest.subarray(wanted)
      wanted = 4
    }
    parts = [rest]
    size = rest.length
    return packets
  }
}
