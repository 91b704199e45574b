import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { readAr } from './deb.ts'

/** Writes what `readAr` reads; see there for the shape. */
function writeAr(members: readonly { name: string; bytes: Uint8Array }[]): Buffer {
  const parts = members.flatMap(({ name, bytes }) => [
    Buffer.from(
      `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`,
    ),
    Buffer.from(bytes),
    Buffer.from(bytes.length % 2 === 1 ? '\n' : ''),
  ])
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts])
}

const members = fc.array(
  fc.record({ name: fc.stringMatching(/^[a-z.]{1,16}$/), bytes: fc.uint8Array({ maxLength: 50 }) }),
  { minLength: 1 },
)

describe('reading an ar archive', () => {
  it('gives back every archive that was written', () =>
    fc.assert(
      fc.property(members, (written) => {
        const read = [...readAr(writeAr(written))].map(({ name, bytes }) => ({ name, bytes: new Uint8Array(bytes) }))
        assert.deepEqual(
          read,
          written.map(({ name, bytes }) => ({ name, bytes: new Uint8Array(bytes) })),
        )
      }),
    ))

  it('refuses one whose last member is cut', () =>
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 8 }), (written, cut) => {
        const last = written.at(-1)
        fc.pre((last?.bytes.length ?? 0) >= cut + 1)
        assert.throws(() => [...readAr(writeAr(written).subarray(0, -cut - 1))], /cut or damaged/)
      }),
    ))

  it('answers any bytes with members or with a sentence', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, begin) => {
        const archive = begin ? Buffer.concat([Buffer.from('!<arch>\n'), bytes]) : bytes
        try {
          for (const _ of readAr(archive));
        } catch (error) {
          assert.match(String(error), /package/)
        }
      }),
    ))
})
