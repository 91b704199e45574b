import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineReader, Tail } from './lines.ts'

function read(chunks: readonly Uint8Array[], maxBytes = 1024): string[] {
  const lines: string[] = []
  const reader = new LineReader(maxBytes, (line) => lines.push(line))
  for (const chunk of chunks) reader.push(Buffer.from(chunk))
  reader.end()
  return lines
}

const bytes = (text: string): Uint8Array => Buffer.from(text)

describe('LineReader', () => {
  const rows = [
    { name: 'lines across chunks', chunks: ['a', 'b\nc', 'd\n'], want: ['ab', 'cd'] },
    { name: 'a last line without line end', chunks: ['a\nb'], want: ['a', 'b'] },
    { name: 'empty lines', chunks: ['\n\n'], want: ['', ''] },
    { name: 'CR LF', chunks: ['a\r\nb\r', '\n'], want: ['a', 'b'] },
    { name: 'nothing', chunks: [], want: [] },
    {
      name: 'a line cut at the limit, and the next one whole',
      chunks: ['0123456789abc', 'def\nok\n'],
      max: 8,
      want: ['01234567', 'ok'],
    },
  ]
  for (const { name, chunks, max, want } of rows)
    it(`reads ${name}`, () => expect(read(chunks.map(bytes), max)).toEqual(want))

  it('replaces invalid UTF-8, also a character across chunks', () => {
    expect(read([Uint8Array.of(0x61, 0xff, 0x0a)])).toEqual(['a\ufffd'])
    expect(read([Uint8Array.of(0xc3), Uint8Array.of(0xa4, 0x0a)])).toEqual(['ä'])
  })

  it('reads the same lines however they are cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[^\r\n]*$/)), fc.array(fc.nat({ max: 9 })), (lines, cuts) => {
        const whole = bytes(lines.map((line) => `${line}\n`).join(''))
        const chunks: Uint8Array[] = []
        let at = 0
        for (const cut of cuts) {
          chunks.push(whole.subarray(at, at + cut))
          at += cut
        }
        chunks.push(whole.subarray(at))
        expect(read(chunks, 1_000_000)).toEqual(lines.map((line) => Buffer.from(line).toString()))
      }),
    )
  })
})

describe('Tail', () => {
  it('keeps the end, from the start of a line', () => {
    const tail = new Tail(10)
    for (const text of ['first line\n', 'second\n', 'third\n']) tail.push(Buffer.from(text))
    expect(tail.toString()).toBe('third\n')
  })

  it('keeps all of a short text', () => {
    const tail = new Tail(10)
    tail.push(Buffer.from('short'))
    expect(tail.toString()).toBe('short')
  })
})
