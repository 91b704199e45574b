import { strict as assert } from 'node:assert'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { findConfig, loadConfig } from './load.ts'

const folder = mkdtempSync(join(tmpdir(), 'muster-load-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const refusal = (path: string): { message: string; next: string } => {
  const { errors, config } = loadConfig(path, {})
  assert.equal(config, undefined)
  assert.equal(errors.length, 1)
  return errors[0] as { message: string; next: string }
}
const good = 'repositories: { b: { tool: restic, url: /x, password: { env: P } } }\n'

describe('a file that cannot be read', () => {
  it('is missing', () => assert.match(refusal(join(folder, 'nowhere.yaml')).message, /does not exist/))
  it('is a folder', () => {
    mkdirSync(join(folder, 'folder.yaml'))
    assert.match(refusal(join(folder, 'folder.yaml')).message, /is a folder/)
  })
  it('is not UTF-8', () =>
    assert.match(refusal(file('latin.yaml', new Uint8Array([0xff, 0xfe, 0x61]))).message, /not UTF-8/))
  it('is too large, whatever is in it', () => {
    for (const content of ['é'.repeat(600_000), 'x'.repeat(10_000_000)])
      assert.match(refusal(file('large.yaml', content)).message, /more than 1048576 bytes/)
  })
  it('never ends', () => assert.match(refusal('/dev/zero').message, /more than 1048576 bytes/))
  it.skipIf(process.getuid?.() === 0)('belongs to somebody else', () => {
    const path = file('closed.yaml', good)
    chmodSync(path, 0)
    assert.match(refusal(path).message, /may not be read/)
  })
  it('is nowhere: the places are named', () => {
    const { errors } = loadConfig(undefined, { HOME: folder, XDG_CONFIG_HOME: join(folder, 'none') })
    if (errors.length === 0) return
    assert.match(
      errors[0]?.message ?? '',
      /\$MUSTER_CONFIG, muster\.yaml, .*none\/muster\/muster\.yaml, \/etc\/muster\/muster\.yaml/,
    )
    assert.match(errors[0]?.next ?? '', /muster init/)
  })
})

describe('a file that can', () => {
  it('may begin with a byte order mark', () =>
    assert.notEqual(loadConfig(file('bom.yaml', `\ufeff${good}`), {}).config, undefined))
  it('is the named one before $MUSTER_CONFIG, and that before any other', () => {
    const env = { MUSTER_CONFIG: '/env.yaml', HOME: folder, XDG_CONFIG_HOME: folder }
    mkdirSync(join(folder, 'muster'))
    const own = file('muster/muster.yaml', good)
    assert.equal(findConfig('/named.yaml', env), '/named.yaml')
    assert.equal(findConfig(undefined, env), '/env.yaml')
    assert.equal(findConfig(undefined, { ...env, MUSTER_CONFIG: '' }), own)
  })
})
