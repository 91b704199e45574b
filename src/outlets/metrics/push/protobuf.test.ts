import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gauge } from '../family.ts'
import { leftOut, otlpBody } from './otlp.ts'
import { fixed64, message, readFields, text, whole } from './protobuf.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('protocol buffers', () => {
  it('are as the documents have them', () => {
    // Source: protobuf.dev, "Encoding": a = 150 in field 1; b = "testing" in field 2; c = { a: 150 } in field 3.
    expect(hex(whole(1, 150))).toBe('089601')
    expect(hex(text(2, 'testing'))).toBe('120774657374696e67')
    expect(hex(message(3, [whole(1, 150)]))).toBe('1a03089601')
    expect(hex(fixed64(2, 1n))).toBe('110100000000000000')
    expect(hex(text(1, '\ud800'))).toBe('0a03efbfbd')
  })

  it('read back what was written', () =>
    fc.assert(
      fc.property(
        fc.nat(2 ** 31),
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 3, max: 15 }),
        (value, word, at) => {
          const fields = readFields(Buffer.concat([whole(1, value), fixed64(2, 7n), text(at, word)]))
          expect(fields?.get(1)).toBe(value)
          expect(new TextDecoder().decode(fields?.get(at) as Uint8Array)).toBe(word.toWellFormed())
        },
      ),
    ))

  it('answers any bytes with a value', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        readFields(bytes)
        leftOut(bytes)
      }),
    ))
})

describe('a request of OTLP', () => {
  const facts = { version: '1', host: 'nas', now: new Date(2), since: new Date(1) }
  it('leaves out what is no number, and families without any', () => {
    expect(otlpBody([gauge('a', 'A.', [[{}, Number.NaN]]), gauge('b', 'B.', [])], facts)).toHaveLength(0)
  })
  it('has one resource for what names a job, and one for the rest', () => {
    const body = Buffer.from(
      otlpBody(
        [
          gauge('a', 'A.', [
            [{ job: 'nfs' }, 1],
            [{ repository: 'x' }, 2],
          ]),
        ],
        facts,
      ),
    )
    expect(body.toString('latin1').match(/service\.name/g)).toHaveLength(1)
    expect(body.toString('latin1').match(/service\.instance\.id/g)).toHaveLength(2)
  })
  it('is not taken wholly where the receiver says so', () => {
    expect(leftOut(message(1, [whole(1, 3), text(2, 'out of order')]))).toBe('3 of the figures: out of order')
    expect(leftOut(message(1, []))).toBeUndefined()
    expect(leftOut(new Uint8Array())).toBeUndefined()
  })
})
