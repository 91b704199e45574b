import { strict as assert } from 'node:assert'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, it } from 'vitest'
import type { SecretSource } from '../../model/secret-source.ts'
import { commandProvider } from './command/index.ts'
import { loadSecret } from './load.ts'

const folder = mkdtempSync(join(tmpdir(), 'muster-secret-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const canary = 'CANARY-4711'

const file = (name: string, content: string, mode = 0o600): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}
const load = (source: SecretSource, env: NodeJS.ProcessEnv = {}) =>
  loadSecret(source, { env: { PATH: process.env.PATH, ...env } })

async function value(source: SecretSource, env?: NodeJS.ProcessEnv): Promise<string> {
  const loaded = await load(source, env)
  assert.ok(loaded.ok, JSON.stringify(loaded))
  assert.doesNotMatch(inspect(loaded, { depth: 9 }) + JSON.stringify(loaded) + String(loaded.value.secret), /CANARY/)
  return loaded.value.secret.reveal()
}

async function refusal(source: SecretSource, env?: NodeJS.ProcessEnv) {
  const loaded = await load(source, env)
  assert.ok(!loaded.ok)
  assert.doesNotMatch(inspect(loaded, { depth: 9 }) + JSON.stringify(loaded), /CANARY/)
  assert.notEqual(loaded.problem.next, '')
  return loaded.problem
}

describe('a secret from a file', () => {
  it('is its content without the last line end', async () => {
    assert.equal(await value({ file: file('a', `${canary}\n`) }), canary)
    assert.equal(await value({ file: file('b', `${canary}\r\n`) }), canary)
    assert.equal(await value({ file: file('c', ` ${canary}\n\n`) }), ` ${canary}\n`)
  })
  for (const [mode, who] of [
    [0o644, 'everybody'],
    [0o640, 'its group'],
    [0o602, 'everybody'],
  ] as const)
    it(`comes with a warning at mode ${mode.toString(8)}`, async () => {
      const path = file('open', canary, mode)
      const loaded = await load({ file: path })
      assert.ok(loaded.ok)
      assert.match(loaded.value.warning?.message ?? '', new RegExp(who))
      assert.equal(loaded.value.warning?.next, `chmod 600 ${path}`)
    })
  it('is refused when it is missing, empty, a folder or too large', async () => {
    assert.match((await refusal({ file: join(folder, 'none') })).message, /does not exist/)
    assert.match((await refusal({ file: file('empty', '\n') })).message, /is empty/)
    mkdirSync(join(folder, 'sub'))
    assert.match((await refusal({ file: join(folder, 'sub') })).message, /is not a file|EISDIR/)
    assert.match((await refusal({ file: file('large', canary.repeat(10_000)) })).message, /at most 65536/)
  })
})

describe('a secret from the environment', () => {
  it('is the value of the variable', async () => assert.equal(await value({ env: 'P' }, { P: canary }), canary))
  it('is refused when it is not set or empty', async () => {
    assert.match((await refusal({ env: 'P' })).message, /P is not set/)
    assert.match((await refusal({ env: 'P' }, { P: '' })).message, /P is empty/)
  })
})

describe('a systemd credential', () => {
  it('is a file in $CREDENTIALS_DIRECTORY, whose mode is the business of systemd', async () => {
    file('cred', canary, 0o644)
    const loaded = await load({ credential: 'cred' }, { CREDENTIALS_DIRECTORY: folder })
    assert.ok(loaded.ok && loaded.value.warning === undefined && loaded.value.secret.reveal() === canary)
  })
  it('is refused without systemd', async () =>
    assert.match((await refusal({ credential: 'cred' })).next, /LoadCredential=cred:PATH/))
})

/** Neither output nor error text of a password command is ever repeated. */
describe('a secret from a command', () => {
  const sh = (script: string): SecretSource => ({ command: ['/bin/sh', '-c', script] })

  it('is what it prints', async () => assert.equal(await value(sh(`echo ${canary}`)), canary))
  it('is run without a shell', async () =>
    assert.equal(await value({ command: ['/bin/echo', '$HOME;', canary] }), `$HOME; ${canary}`))
  it('is refused on a failure, with nothing of its output', async () => {
    const problem = await refusal(sh(`echo ${canary}; echo ${canary} >&2; exit 3`))
    assert.match(problem.message, /\/bin\/sh ended with exit code 3\./)
  })
  it('is refused when a signal ends it', async () =>
    assert.match((await refusal(sh(`echo ${canary} >&2; kill -9 $$`))).message, /signal SIGKILL/))
  it('is refused when it prints nothing', async () =>
    assert.match((await refusal(sh(`echo ${canary} >&2`))).message, /printed nothing/))
  it('is refused when it is not there', async () =>
    assert.match(
      (await refusal({ command: [join(folder, 'none'), canary] })).message,
      /could not be started \(ENOENT\)/,
    ))
  it('is refused when it takes too long, and ended', async () => {
    const loaded = await commandProvider(300).load(
      { command: ['/bin/sh', '-c', `echo ${canary}; echo ${canary} >&2; sleep 60`] },
      { env: process.env },
    )
    assert.ok(!loaded.ok)
    assert.match(loaded.problem.message, /no answer within 0\.3 s/)
    assert.doesNotMatch(inspect(loaded, { depth: 9 }), /CANARY/)
  })
  it('is cut nowhere: one that prints without end is refused', async () => {
    const problem = await refusal(sh(`yes ${canary}`))
    assert.match(problem.message, /too much/)
  })
})

it('in plain text is what stands there', async () => assert.equal(await value(canary), canary))
