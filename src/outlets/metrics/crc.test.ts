import { strict as assert } from 'node:assert'
import { crc32, gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { combined, shiftOf } from './crc.ts'
import { gzipOf, joined, pieceOf } from './gzip.ts'

describe('the CRC of two texts behind one another', () => {
  it('is that of the whole', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (one, other) => {
        const whole = crc32(Buffer.concat([one, other]))
        assert.equal(combined(crc32(one), crc32(other), shiftOf(other.length)), whole)
      }),
    ))

  it('is that of the whole for long texts', () => {
    for (const length of [0, 1, 65_535, 65_536, 10_000_019]) {
      const other = Buffer.alloc(length, 'muster\n')
      assert.equal(
        combined(crc32('before'), crc32(other), shiftOf(length)),
        crc32(Buffer.concat([Buffer.from('before'), other])),
      )
    }
  })

  it('shifts by more bytes than 32 bits count', () => {
    // By 2^33 bytes at once, and by 2^32 twice.
    const half = shiftOf(2 ** 32)
    assert.equal(combined(combined(4711, 0, half), 0, half), combined(4711, 0, shiftOf(2 ** 33)))
  })
})

describe('gzip out of pieces', () => {
  it('is one member that holds them all, also empty ones, also joined before', () =>
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 8 }), fc.nat({ max: 8 }), (all, cut) => {
        const pieces = all.map((bytes) => pieceOf(Buffer.from(bytes)))
        const zipped = gzipOf([joined(pieces.slice(0, cut)), ...pieces.slice(cut)])
        assert.deepEqual(gunzipSync(zipped), Buffer.concat(all))
      }),
    ))
})
