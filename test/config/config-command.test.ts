import { strict as assert } from 'node:assert'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { muster } from './muster.ts'

const fixtures = join(import.meta.dirname, '../fixtures')
const folder = mkdtempSync(join(tmpdir(), 'muster-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const check = (path: string, ...more: string[]) => muster(['config', 'check', '--config', path, ...more])

describe('muster config check', () => {
  it('says everything that is wrong, with place, path, value and fix (golden)', async () => {
    const { code, out, err } = check(join(fixtures, 'broken.yaml'))
    assert.equal(code, 2)
    assert.equal(out, '')
    assert.doesNotMatch(err, /hunter2/)
    await expect(err.replaceAll(`${fixtures}/`, '')).toMatchFileSnapshot('../golden/config-errors.txt')
  })

  it('says the same to a program', () => {
    const { code, out, err } = check(join(fixtures, 'broken.yaml'), '--json')
    assert.deepEqual([code, err], [2, ''])
    const said = JSON.parse(out) as { errors: { path: unknown[]; line: number; message: string; next: string }[] }
    assert.ok(said.errors.length > 25)
    assert.ok(said.errors.every(({ path, line, message, next }) => Array.isArray(path) && line > 0 && message && next))
    assert.doesNotMatch(out, /hunter2/)
  })

  for (const [name, content, message] of [
    ['tabs', 'repositories:\n\tbox: 1\n', /tabs\.yaml:2:1: .*tab/],
    ['indentation', 'repositories:\n  a: 1\n b: 2\n', /indentation\.yaml:3:1: .*indentation/],
    ['duplicate', 'concurrency: 1\nconcurrency: 2\n', /duplicate\.yaml:2:1: .*twice/],
    ['latin', new Uint8Array([0xe9, 0x0a]), /latin\.yaml: .*not UTF-8/],
    ['deep', '['.repeat(100_000), /deep\.yaml:1:\d+: .*64 levels/],
    ['large', 'x'.repeat(10_000_000), /large\.yaml:1:1: .*1048576 bytes/],
    ['empty', '', /empty\.yaml:1:1: repositories: names no repository/],
  ] as const)
    it(`ends with 2 and a place: ${name}`, () => {
      const { code, err } = check(file(`${name}.yaml`, content))
      assert.equal(code, 2)
      assert.match(err, message)
      assert.match(err, /\n {4}→ ./)
    })

  it('ends with 2 for a folder and for nothing', () => {
    assert.deepEqual([check(folder).code, check(join(folder, 'none.yaml')).code], [2, 2])
    assert.match(check(join(folder, 'none.yaml')).err, /does not exist\n {4}→ .*muster init/)
  })

  it('says which keys of pings nobody can tell with', () => {
    const keys = {
      short: 'no',
      empty: '',
      one: 'the-same-key-twice',
      two: 'the-same-key-twice',
      good: 'a-key-of-its-own',
    }
    for (const [name, key] of Object.entries(keys)) {
      file(`${name}.key`, key)
      chmodSync(join(folder, `${name}.key`), 0o600)
    }
    const names = [...Object.keys(keys), 'missing']
    const pings = names.map((name) => `  ${name}: { key: { file: ${name}.key }, maxAge: 1d }\n`)
    const path = file('pings.yaml', `pings:\n${pings.join('')}`)
    const { code, err, out } = check(path)
    assert.deepEqual([code, out], [2, ''])
    for (const said of [
      /^\S+pings\.yaml:2:\d+: pings\.short\.key: .*fewer than 16 characters.*\n {4}→ /m,
      /^\S+pings\.yaml:4:\d+: pings\.one\.key: pings\.one and pings\.two have the same key/m,
      /^\S+pings\.yaml:5:\d+: pings\.two\.key: /m,
      /^warning: \S+pings\.yaml:3:\d+: pings\.empty\.key: .*is empty/m,
      /^warning: \S+pings\.yaml:7:\d+: pings\.missing\.key: .*does not exist/m,
    ])
      assert.match(err, said)
    assert.doesNotMatch(err, /pings\.good|the-same-key|a-key-of/)
    const json = JSON.parse(check(path, '--json').out) as { errors: object[]; warnings: object[] }
    assert.deepEqual([json.errors.length, json.warnings.length], [3, 2])
  })

  it('warns of secret files that others may use, and reads none of them', () => {
    file('open.pass', 'hunter2')
    chmodSync(join(folder, 'open.pass'), 0o644)
    file('shut.pass', 'hunter2')
    chmodSync(join(folder, 'shut.pass'), 0o600)
    const path = file(
      'files.yaml',
      'repositories:\n  a: { tool: restic, url: /x, password: { file: open.pass } }\n  b: { tool: restic, url: /y, password: { file: shut.pass }, environment: { X: { file: nowhere } } }\n',
    )
    const { code, err } = check(path)
    assert.equal(code, 0)
    const said = `warning: ${path}:2:31: repositories.a.password: ${join(folder, 'open.pass')} may be used by everybody on this machine (mode 0644)\n    → chmod 600 ${join(folder, 'open.pass')}\n`
    assert.equal(err, said)
    const { warnings } = JSON.parse(check(path, '--json').out) as { warnings: { next: string }[] }
    assert.deepEqual(
      warnings.map(({ next }) => next),
      [`chmod 600 ${join(folder, 'open.pass')}`],
    )
  })

  it('lets a plain secret pass with a warning that does not repeat it', () => {
    const path = file('plain.yaml', 'repositories: { b: { tool: restic, url: /x, password: hunter2 } }\n')
    const { code, out, err } = check(path)
    assert.equal(code, 0)
    assert.match(out, /plain\.yaml: fine \(1 repository, 0 jobs\)/)
    assert.match(
      err,
      /^warning: .*plain\.yaml:1:\d+: repositories\.b\.password: .*plain text.*\n {4}→ .*\{ file: PATH \}/,
    )
    assert.doesNotMatch(out + err, /hunter2/)
    assert.equal(check(path, '--quiet').err, '')
  })

  it('starts with prototypes taken away, too', () => {
    const path = file('good.yaml', 'repositories: { b: { tool: restic, url: /x, password: { env: P } } }\n')
    const { code, err } = muster(['config', 'check', '-c', path], { node: ['--disable-proto=delete'] })
    assert.deepEqual([code, err], [0, ''])
  })
})

describe('muster config show', () => {
  it('masks every plain secret', () => {
    for (const more of [[], ['--json']]) {
      const { code, out, err } = muster(['config', 'show', '-c', join(fixtures, 'secrets.yaml'), ...more])
      assert.equal(code, 0)
      assert.doesNotMatch(out + err, /CANARY/)
    }
  })

  it('prints what config check reads again', () => {
    const path = file(
      'shown.yaml',
      'repositories: { b: { tool: restic, url: /x, password: { env: P } } }\njobs: { a: { repository: b, sources: [/x], maxAge: 36h, guard: { minBytes: 5M, maxShrink: 50% } } }\n',
    )
    const { out } = muster(['config', 'show', '-c', path])
    const again = check(file('again.yaml', out))
    assert.deepEqual([again.code, again.err], [0, ''])
    assert.equal(muster(['config', 'show', '-c', join(folder, 'again.yaml')]).out, out)
  })
})

describe('muster config schema', () => {
  it('is the committed file', () => {
    const { code, out } = muster(['config', 'schema'])
    assert.equal(code, 0)
    assert.equal(out, readFileSync(join(import.meta.dirname, '../../docs/reference/muster.schema.json'), 'utf8'))
  })
})

it('a secret file that others may read is named by doctor', () => {
  const secret = file('pass', 'x\n')
  chmodSync(secret, 0o644)
  const path = file(
    'doctor.yaml',
    `repositories: { b: { tool: restic, url: ${folder}/none, password: { file: ${secret} } } }\n`,
  )
  const { out } = muster(['doctor', '-c', path], { env: { MUSTER_STATE: join(folder, 'state') } })
  assert.match(out, /may be used by everybody/)
  assert.match(out, new RegExp(`chmod 600 ${secret}`))
})
