import { strict as assert } from 'node:assert'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { findBreaches } from '../../scripts/check/layers.ts'

/** A small tree that keeps every rule; each row below adds one file that breaks one. */
const lawful: Readonly<Record<string, string>> = {
  'src/main.ts': `import './commands/run.ts'`,
  'src/commands/run.ts': `import { backup } from '../app/backup.ts'\nimport { render } from '../outlets/page.ts'\nbackup(render)`,
  'src/app/backup.ts': `import { tools } from '../sources/tools/registry.generated.ts'\nimport { open } from '../ledger/ledger.ts'\nimport { judge } from '../verdict/judge.ts'\nexport const backup = (..._: unknown[]) => [tools, open, judge]`,
  'src/config/schema.ts': `import { toolSettings } from '../sources/tools/settings.generated.ts'\nexport { toolSettings }`,
  'src/model/run.ts': 'export interface Run { readonly id: string }',
  'src/verdict/judge.ts': `import type { Run } from '../model/run.ts'\nexport const judge = (run: Run) => run.id`,
  'src/sources/tools/tool.ts': 'export interface Tool { readonly name: string }',
  'src/sources/tools/registry.generated.ts': `import { tool as restic } from './restic/index.ts'\nexport const tools = { restic }`,
  'src/sources/tools/settings.generated.ts': `import { settings as restic } from './restic/settings.ts'\nexport const toolSettings = { restic }`,
  'src/sources/tools/restic/index.ts': `import type { Tool } from '../tool.ts'\nimport { name } from './command.ts'\nexport const tool: Tool = { name }`,
  'src/sources/tools/restic/command.ts': `export const name = 'restic'`,
  'src/sources/tools/restic/settings.ts': 'export const settings = {}',
  'src/ledger/ledger.ts': `import { log } from '../system/log.ts'\nexport const open = log`,
  'src/outlets/page.ts': 'export const render = () => 1',
  'src/system/log.ts': `import { stderr } from 'node:process'\nexport const log = stderr`,
  'src/verdict/judge.test.ts': `import { readFileSync } from 'node:fs'\nimport '../app/backup.ts'\nreadFileSync`,
}

const rows = [
  {
    name: 'model imports nothing of ours',
    path: 'src/model/bad.ts',
    text: `import '../system/log.ts'`,
    says: 'nothing of ours',
  },
  {
    name: 'verdict imports only model',
    path: 'src/verdict/bad.ts',
    text: `import '../ledger/ledger.ts'`,
    says: 'only model',
  },
  {
    name: 'verdict needs nothing of Node.js',
    path: 'src/verdict/bad.ts',
    text: `import 'node:fs'`,
    says: 'nothing of Node.js',
  },
  {
    name: 'sources do not import the ledger',
    path: 'src/sources/bad.ts',
    text: `import '../ledger/ledger.ts'`,
    says: 'only model, system',
  },
  {
    name: 'sources do not import outlets',
    path: 'src/sources/bad.ts',
    text: `import '../outlets/page.ts'`,
    says: 'only model, system',
  },
  {
    name: 'the ledger does not import sources',
    path: 'src/ledger/bad.ts',
    text: `import '../sources/tools/tool.ts'`,
    says: 'only model, system',
  },
  {
    name: 'outlets do not import the verdict',
    path: 'src/outlets/bad.ts',
    text: `import '../verdict/judge.ts'`,
    says: 'only model, system',
  },
  {
    name: 'outlets do not import app',
    path: 'src/outlets/bad.ts',
    text: `import '../app/backup.ts'`,
    says: 'only model, system',
  },
  {
    name: 'config does not import app',
    path: 'src/config/bad.ts',
    text: `import '../app/backup.ts'`,
    says: 'config may import',
  },
  {
    name: 'config loads no adapter',
    path: 'src/config/bad.ts',
    text: `import '../sources/tools/registry.generated.ts'`,
    says: 'config may import',
  },
  {
    name: 'system imports only model',
    path: 'src/system/bad.ts',
    text: `import '../verdict/judge.ts'`,
    says: 'only model',
  },
  {
    name: 'app does not import commands',
    path: 'src/app/bad.ts',
    text: `import '../commands/run.ts'`,
    says: 'app may import',
  },
  {
    name: 'commands do not import sources',
    path: 'src/commands/bad.ts',
    text: `import '../sources/tools/tool.ts'`,
    says: 'commands may import',
  },
  {
    name: 'commands do not import the ledger',
    path: 'src/commands/bad.ts',
    text: `import '../ledger/ledger.ts'`,
    says: 'commands may import',
  },
  {
    name: 'an adapter is reached by its front',
    path: 'src/app/bad.ts',
    text: `import '../sources/tools/restic/command.ts'`,
    says: 'by its index.ts or settings.ts',
  },
  {
    name: 'adapters do not reach into each other',
    path: 'src/sources/tools/borg/index.ts',
    text: `import '../restic/command.ts'`,
    says: 'by its index.ts or settings.ts',
  },
  {
    name: 'a reader uses the words of a tool and nothing else of it',
    path: 'src/sources/readers/restic/index.ts',
    text: `import '../../tools/restic/problems.ts'\nimport '../../tools/restic/command.ts'`,
    more: { 'src/sources/tools/restic/problems.ts': 'export const table = {}' },
    says: 'by its index.ts or settings.ts',
  },
  {
    name: 'a storage is reached by its front',
    path: 'src/sources/readers/restic/index.ts',
    text: `import '../../storage/rest/request.ts'`,
    says: 'by its index.ts or settings.ts',
  },
  {
    name: 'no circles',
    path: 'src/system/log.ts',
    text: `import { bad } from './bad.ts'\nexport const log = bad`,
    more: { 'src/system/bad.ts': `import { log } from './log.ts'\nexport const bad = log` },
    says: 'in a circle',
  },
  { name: 'every folder is a layer', path: 'src/helpers/bad.ts', text: `import '../model/run.ts'`, says: 'no layer' },
  {
    name: 'the program does not import its tests',
    path: 'src/app/bad.ts',
    text: `import '../../test/x.ts'`,
    says: 'what surrounds it',
  },
  {
    name: 'types count as well',
    path: 'src/model/bad.ts',
    text: `import type { Tool } from '../sources/tools/tool.ts'\nexport type X = Tool`,
    says: 'nothing of ours',
  },
  {
    name: 'types in place count as well',
    path: 'src/model/bad.ts',
    text: `export type X = import('../sources/tools/tool.ts').Tool`,
    says: 'nothing of ours',
  },
  {
    name: 'dynamic imports count as well',
    path: 'src/model/bad.ts',
    text: `await import('../system/log.ts')`,
    says: 'nothing of ours',
  },
  {
    name: 're-exports count as well',
    path: 'src/model/bad.ts',
    text: `export * from '../system/log.ts'`,
    says: 'nothing of ours',
  },
]

let root: string
const write = async (files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-layers-'))
  await write(lawful)
})
afterEach(() => rm(root, { recursive: true, force: true }))

describe('the layer check', () => {
  it('passes a tree that keeps the rules', async () => assert.deepEqual(await findBreaches(root), []))

  for (const { name, path, text, says, more } of rows) {
    it(`fails when broken: ${name}`, async () => {
      await write({ [path]: text, ...more })
      const breaches = await findBreaches(root)
      assert.equal(breaches.length, 1, breaches.join('\n'))
      assert.ok(breaches[0]?.includes(says) && breaches[0].includes(path), breaches[0])
    })
  }

  it('passes this tree', async () => assert.deepEqual(await findBreaches(join(import.meta.dirname, '..', '..')), []))
})
