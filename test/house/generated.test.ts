import { strict as assert } from 'node:assert'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { adaptersIn, registries } from '../../scripts/gen/registries.ts'
import { findStale, generateAll, writeGenerated } from '../../scripts/generated.ts'

const checkout = join(import.meta.dirname, '..', '..')
const generators = join(checkout, 'scripts', 'gen')
let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-gen-'))
  await adapter('restic')
  await adapter('rest-server')
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function adapter(name: string): Promise<void> {
  const folder = join(root, 'src/sources/tools', name)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'index.ts'), `export const tool = { name: '${name}' }\n`)
  await writeFile(join(folder, 'settings.ts'), `export const settings = '${name}'\n`)
}

async function migration(name: string, sql: string): Promise<void> {
  await mkdir(join(root, 'src/ledger/migrations'), { recursive: true })
  await writeFile(join(root, 'src/ledger/migrations', name), sql)
}

describe('the registries of this tree', () => {
  for (const { folder, all, allSettings } of registries) {
    if (!existsSync(join(checkout, folder))) continue
    it(`${folder} agrees with its folders`, async () => {
      const names = await adaptersIn(join(checkout, folder))
      const registry = await import(join(checkout, folder, 'registry.generated.ts'))
      assert.deepEqual(Object.keys(registry[all]).sort(), names)
      assert.ok(names.every((name) => registry[all][name] !== undefined))
      if (allSettings === undefined) return
      const settings = await import(join(checkout, folder, 'settings.generated.ts'))
      assert.deepEqual(Object.keys(settings[allSettings]).sort(), names)
    })
  }

  it('are up to date, like every generated file', async () =>
    assert.deepEqual(await findStale(checkout, await generateAll(checkout)), []))
})

describe('generating', () => {
  const generate = () => generateAll(root, generators)

  it('writes a registry that loads, and one that loads settings only', async () => {
    await writeGenerated(root, await generate())
    const { tools } = await import(join(root, 'src/sources/tools/registry.generated.ts'))
    assert.deepEqual(tools, { restic: { name: 'restic' }, 'rest-server': { name: 'rest-server' } })
    const text = await readFile(join(root, 'src/sources/tools/settings.generated.ts'), 'utf8')
    assert.ok(text.includes('./restic/settings.ts') && !text.includes('index.ts'), text)
  })

  it('leaves files alone that are right', async () => {
    await writeGenerated(root, await generate())
    assert.deepEqual(await writeGenerated(root, await generate()), [])
  })

  it('notices a new adapter, an edited file and one that nothing makes any more', async () => {
    await writeGenerated(root, await generate())
    await adapter('borg')
    await rm(join(root, 'src/sources/tools/settings.generated.ts'))
    await writeFile(join(root, 'src/old.generated.ts'), '')
    assert.deepEqual(await findStale(root, await generate()), [
      { path: 'src/sources/tools/registry.generated.ts', why: 'differs' },
      { path: 'src/sources/tools/settings.generated.ts', why: 'is missing' },
      { path: 'src/old.generated.ts', why: 'has no generator any more' },
    ])
  })

  it('carries SQL through unchanged, with everything a template could swallow', async () => {
    const sql = `INSERT INTO t VALUES ('a\`b\\n$${'{c}'}');\n`
    await migration('001-first.sql', sql)
    await migration('002-second.sql', 'SELECT 1;\n')
    await writeGenerated(root, await generate())
    const { migrations } = await import(join(root, 'src/ledger/migrations.generated.ts'))
    assert.deepEqual(migrations, [
      { version: 1, name: 'first', sql },
      { version: 2, name: 'second', sql: 'SELECT 1;\n' },
    ])
  })

  for (const [name, why] of [
    ['003-late.sql', /should have the number 2/],
    ['second.sql', /should be named like/],
  ] as const) {
    it(`refuses the migration ${name}`, async () => {
      await migration('001-first.sql', '')
      await migration(name, '')
      await assert.rejects(generate(), why)
    })
  }
})
