import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { keyFile, newMaterial } from '../../../../test/readers/write-repository.ts'
import { openKeyFile, parseJson, readKeyFile, readMasterKey } from './key-file.ts'

const master = newMaterial()
const file = (more: object = {}): Buffer => keyFile(master, 'correct horse', { more })

const rows = [
  { name: 'a good one', more: {}, want: 'ok' },
  { name: 'what restic makes', more: { N: 32_768, r: 8, p: 7 }, want: 'ok' },
  { name: 'what a fast machine makes', more: { N: 32_768, r: 8, p: 30 }, want: 'ok' },
  { name: 'too much memory', more: { N: 2 ** 20, r: 8, p: 1 }, want: 'costly' },
  { name: 'memory by r', more: { N: 2, r: 2 ** 30, p: 1 }, want: 'costly' },
  { name: 'memory by p', more: { N: 2, r: 1, p: 2 ** 30 }, want: 'costly' },
  { name: 'too much work', more: { N: 32_768, r: 8, p: 65 }, want: 'costly' },
  { name: 'all at once', more: { N: 2 ** 52, r: 2 ** 52, p: 2 ** 52 }, want: 'costly' },
  { name: 'N is no power of two', more: { N: 32_767 }, want: 'not a key' },
  { name: 'N of 1', more: { N: 1 }, want: 'not a key' },
  { name: 'N of 0', more: { N: 0 }, want: 'not a key' },
  { name: 'negative r', more: { r: -8 }, want: 'not a key' },
  { name: 'half a p', more: { p: 1.5 }, want: 'not a key' },
  { name: 'N beyond 2^53', more: { N: 2 ** 60 }, want: 'not a key' },
  { name: 'N as text', more: { N: '2' }, want: 'not a key' },
  { name: 'another function', more: { kdf: 'argon2' }, want: 'not a key' },
  { name: 'a short salt', more: { salt: Buffer.alloc(63).toString('base64') }, want: 'not a key' },
  { name: 'a long salt', more: { salt: Buffer.alloc(65).toString('base64') }, want: 'not a key' },
  { name: 'a salt that is no base64', more: { salt: '!'.repeat(88) }, want: 'not a key' },
  { name: 'no data', more: { data: '' }, want: 'not a key' },
]

describe('a key file', () => {
  for (const { name, more, want } of rows)
    it(`${name}: ${want}`, () => {
      const read = readKeyFile(file(more))
      assert.equal(read.ok ? 'ok' : read.why, want)
    })

  it('opens with its password, and with no other', async () => {
    const read = readKeyFile(file())
    assert.ok(read.ok)
    const opened = await openKeyFile(read.value, 'correct horse')
    assert.ok(opened !== undefined && readMasterKey(opened) !== undefined)
    for (const wrong of ['correct horsf', 'correct horse ', '', 'ä'])
      assert.equal(await openKeyFile(read.value, wrong), undefined)
  })

  it('is answered with a value, whatever its bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.equal(readKeyFile(bytes).ok, false)))
    fc.assert(fc.property(fc.json(), (text) => assert.equal(readKeyFile(Buffer.from(text)).ok, false)))
    fc.assert(fc.property(fc.json(), (text) => assert.equal(readMasterKey(Buffer.from(text)), undefined)))
  })

  it('may be nested as deep as a file is long', () => {
    const deep = Buffer.from('['.repeat(1_000_000))
    assert.equal(parseJson(deep), undefined)
    assert.equal(readKeyFile(Buffer.from(`{"N":${'['.repeat(500_000)}${']'.repeat(500_000)}}`)).ok, false)
  })
})
