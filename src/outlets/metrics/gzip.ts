/** One gzip member out of pieces that were compressed before: nothing is compressed twice. Several members would break curl. */
import { constants, crc32, deflateRawSync } from 'node:zlib'
import { combined, shiftOf } from './crc.ts'

/** A run of bytes inside the one member. */
export interface Piece {
  /** Raw deflate, ending on a byte after a full flush, so that any other may follow. */
  readonly deflated: Buffer
  readonly crc: number
  readonly bytes: number
  /** `shiftOf(bytes)`. */
  readonly shift: number
}

/** Source: RFC 1952, 2.3: magic, deflate, no flags, no time, no extra flags, unknown system. */
const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
/** A last block with nothing in it. Source: RFC 1951, 3.2.6. */
const lastBlock = Buffer.from([3, 0])
/** A full flush forgets what came before, so a piece does not depend on its neighbours. Level 3: a third more bytes than 6 at a quarter of the time. */
const settings = { level: 3, finishFlush: constants.Z_FULL_FLUSH } as const

export const pieceOf = (bytes: Buffer): Piece => ({
  deflated: deflateRawSync(bytes, settings),
  crc: crc32(bytes),
  bytes: bytes.length,
  shift: shiftOf(bytes.length),
})

/** The pieces as one. */
export function joined(pieces: readonly Piece[]): Piece {
  let [crc, bytes] = [0, 0]
  for (const piece of pieces) {
    crc = combined(crc, piece.crc, piece.shift)
    bytes += piece.bytes
  }
  return { deflated: Buffer.concat(pieces.map(({ deflated }) => deflated)), crc, bytes, shift: shiftOf(bytes) }
}

export function gzipOf(pieces: readonly Piece[]): Buffer<ArrayBuffer> {
  const { deflated, crc, bytes } = joined(pieces)
  const end = Buffer.alloc(8)
  end.writeUInt32LE(crc, 0)
  end.writeUInt32LE(bytes % 2 ** 32, 4)
  return Buffer.concat([head, deflated, lastBlock, end])
}
