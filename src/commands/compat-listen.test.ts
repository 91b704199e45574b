import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { parseCompatListen } from './compat-listen.ts'

describe('an address for one system', () => {
  for (const [text, listen] of [
    [':9999=borg-exporter', ':9999'],
    ['[::1]:9999=borg-exporter', '[::1]:9999'],
    // All addresses are for those who ask for them.
    ['9999=borg-exporter', '127.0.0.1:9999'],
  ] as const)
    it(`${text} is ${listen}`, () =>
      assert.deepEqual(parseCompatListen([text]), { ok: true, value: [{ listen, system: 'borg-exporter' }] }))

  for (const text of ['9999', '=borg-exporter', ':9999=', ':9999=nobody', ':9999=restic-exporter', ''])
    it(`${JSON.stringify(text)} is none`, () => {
      const read = parseCompatListen([':1=borg-db', text])
      assert.equal(!read.ok && read.problem.code, 'http.compat-listen')
    })
})
