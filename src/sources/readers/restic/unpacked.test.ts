import { strict as assert } from 'node:assert'
import { randomBytes } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { mostPlainBytes, readConfig, unpack } from './unpacked.ts'

const packed = (content: Uint8Array): Buffer => Buffer.concat([Buffer.from([2]), zstdCompressSync(content)])

describe('an unpacked file', () => {
  it('of version 1 is taken as it is', () =>
    fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(unpack(1, bytes), { ok: true, value: bytes }))))

  it('of version 2 comes back from compression', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (bytes) => {
        const plain = unpack(2, packed(bytes))
        assert.deepEqual(plain.ok && Buffer.from(plain.value), Buffer.from(bytes))
      }),
    ))

  it('of version 2 may be large', () => {
    const content = randomBytes(300_000)
    assert.deepEqual(unpack(2, packed(content)), { ok: true, value: content })
  })

  it('of version 2 may be plain or empty', () => {
    for (const text of ['', '[]', '{"a":1}'])
      assert.deepEqual(unpack(2, Buffer.from(text)), { ok: true, value: Buffer.from(text) })
  })

  it('of version 2 in another encoding is refused', () => {
    for (let first = 0; first < 256; first += 1)
      if (![0x02, 0x5b, 0x7b].includes(first))
        assert.deepEqual(unpack(2, Buffer.from([first, 0x28, 0xb5])), { ok: false, why: 'unknown encoding' })
  })

  it('that was cut or changed is answered with a value', () => {
    const whole = packed(Buffer.from(JSON.stringify({ some: 'content', that: 'is long enough to be compressed' })))
    for (let length = 2; length < whole.length; length += 1)
      assert.deepEqual(unpack(2, whole.subarray(0, length)), { ok: false, why: 'not zstd' }, `${length}`)
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void unpack(2, Buffer.concat([Buffer.from([2]), bytes]))))
  })

  it('that would be gigabytes is not unpacked', () => {
    const bomb = packed(Buffer.alloc(mostPlainBytes + 1))
    assert.ok(bomb.length < 30_000)
    const startedAt = performance.now()
    assert.deepEqual(unpack(2, bomb), { ok: false, why: 'too large' })
    assert.ok(performance.now() - startedAt < 5_000)
  })
})

describe('a config', () => {
  const id = 'ab'.repeat(32)
  const rows = [
    { text: JSON.stringify({ version: 2, id, chunker_polynomial: '25b4' }), want: { version: 2, id } },
    { text: JSON.stringify({ version: 99, id }), want: { version: 99, id } },
    { text: JSON.stringify({ version: '2', id }), want: undefined },
    { text: JSON.stringify({ version: 2 ** 60, id }), want: undefined },
    { text: JSON.stringify({ version: 2, id: 'AB'.repeat(32) }), want: undefined },
    { text: JSON.stringify({ version: 2 }), want: undefined },
    { text: '', want: undefined },
  ]
  for (const { text, want } of rows) it(`is read: ${text}`, () => assert.deepEqual(readConfig(Buffer.from(text)), want))
})
