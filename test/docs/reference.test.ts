import { strict as assert } from 'node:assert'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { parse } from 'yaml'
import { exitCodes } from '../../src/commands/exit.ts'
import { jsonSchema } from '../../src/config/json-schema.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { type Json, misfits } from './json-schema.ts'

const root = join(import.meta.dirname, '../..')
const page = (name: string): Promise<string> => readFile(join(root, 'docs/reference', name), 'utf8')

async function sources(pattern: string): Promise<string> {
  const texts: string[] = []
  for await (const path of glob(pattern, { cwd: root }))
    if (!/\.(?:test|generated)\.ts$/.test(path)) texts.push(await readFile(join(root, path), 'utf8'))
  return texts.join('\n')
}

/** The sample with every key that is commented out put in force. */
const whole = (sample: string): string => sample.replaceAll(/^( *)#(?=[^\s#])/gm, '$1')

describe('the sample configuration', () => {
  it('is valid as it is, and begins with the line editors read', async () => {
    const sample = await page('muster.sample.yaml')
    assert.ok(sample.startsWith('# yaml-language-server: $schema=./muster.schema.json\n'))
    assert.deepEqual(parseConfig(sample), { ...parseConfig(sample), errors: [], warnings: [] })
  })

  it('is valid with every key in force', async () => {
    const { errors, warnings, config } = parseConfig(whole(await page('muster.sample.yaml')))
    assert.deepEqual([errors, warnings], [[], []])
    assert.equal(config?.jobs['nfs-daily']?.retention?.keepYearly, 10)
  })

  it('has every key that the schema has', async () => {
    const sample = parse(whole(await page('muster.sample.yaml'))) as Json
    const unused = keysOf(jsonSchema() as Json).filter((key) => !JSON.stringify(sample).includes(`"${key}":`))
    // A secret has one source at a time, and Redis one address.
    assert.deepEqual(unused.sort(), ['command', 'credential', 'env', 'mount', 'socket', 'vault', 'version'])
  })
})

describe('the JSON Schema', () => {
  const schema = jsonSchema() as Json

  it('fits the sample, as it is and with every key', async () => {
    const sample = await page('muster.sample.yaml')
    for (const text of [sample, whole(sample)]) assert.deepEqual(misfits(schema, parse(text) as Json), [])
  })

  it('refuses what the program refuses', async () => {
    const broken = parse(await readFile(join(root, 'test/fixtures/broken.yaml'), 'utf8')) as Json
    const found = misfits(schema, broken).join('\n')
    for (const part of [
      '/jobs/nfs/compresion',
      '/jobs/nfs/sources',
      '/concurrency',
      '/server/host',
      '/repositories/off site',
    ])
      assert.ok(found.includes(part), `${part} in\n${found}`)
  })

  it('describes the input: every key, with default and examples of what is behind a transform', () => {
    for (const [key, value] of properties(schema)) assert.ok(value.description !== undefined, key)
    const found = new Map(properties(schema))
    assert.deepEqual(found.get('keepRuns'), {
      default: '400d',
      description: 'How long runs are kept in the ledger.',
      pattern: '^(?:\\d{1,9}[smhdw])+$',
      type: 'string',
    })
    assert.deepEqual(found.get('maxShrink')?.examples, ['50%'])
    assert.equal(found.get('statsEvery')?.default, '1d')
  })
})

/** Names of all properties, at whatever depth. */
const keysOf = (schema: Json): string[] => [...new Set(properties(schema).map(([key]) => key))]

function properties(node: unknown): [string, Record<string, unknown>][] {
  if (typeof node !== 'object' || node === null) return []
  const own = (node as { properties?: Record<string, Record<string, unknown>> }).properties
  const isSchema = typeof own === 'object' && !('description' in own && typeof own.description === 'string')
  return [...(isSchema ? Object.entries(own) : []), ...Object.values(node).flatMap(properties)]
}

describe('the other pages', () => {
  it('name every problem code of the sources', async () => {
    const text = await sources('src/**/*.ts')
    const problems = await page('problems.md')
    const areas = new Set([...problems.matchAll(/^### `([a-z]+\d*)\./gm)].map(([, area]) => area))
    const literals = [...text.matchAll(/['"`]([a-z]+\d*)\.([a-z]+(?:-[a-z]+)*)['"`]/g)]
      .filter(([, area = '', rest = '']) => areas.has(area) && !isFileOrKey(area, rest))
      .map(([, area, rest]) => `${area}.${rest}`)
    const direct = [...text.matchAll(/code: ['"`]([a-z]+\d*\.[a-z-]+)['"`]/g)].map(([, code]) => code ?? '')
    const missing = [...new Set([...literals, ...direct])].filter((code) => !problems.includes(`### \`${code}\`\n`))
    assert.deepEqual(missing, [])
  })

  it('say what to do for every problem that a person meets', async () => {
    // A single file of a drill; the drill as a whole has a `next`.
    for (const part of (await page('problems.md')).split(/^### /m).slice(1))
      if (!part.startsWith('`drill.missing`')) assert.match(part, /\*\*Next:\*\* \S/, part)
  })

  it('name every metric of the sources', async () => {
    const [text, metrics] = [await sources('src/outlets/{metrics,http}/**/*.ts'), await page('metrics.md')]
    const names = [...new Set([...text.matchAll(/'(muster_[a-z_]+[a-z])'/g)].map(([, name]) => name ?? ''))]
    assert.ok(names.length > 25)
    assert.deepEqual(
      names.filter((name) => !metrics.includes(`| \`${name}\``) && !metrics.includes(`| \`${name}_total\``)),
      [],
    )
  })

  it('name every exit code and every visible command', async () => {
    const cli = await page('cli.md')
    for (const code of Object.values(exitCodes)) assert.ok(cli.includes(`| ${code} | `), String(code))
    for (const name of [
      'init',
      'run',
      'serve',
      'collect',
      'status',
      'snapshots',
      'check',
      'doctor',
      'config show',
      'completion',
    ])
      assert.ok(cli.includes(`## \`muster ${name}\`\n`), name)
  })

  it('name every key of the configuration', async () => {
    const reference = await page('configuration.md')
    const missing = keysOf(jsonSchema() as Json).filter((key) => !reference.includes(`| \`${key}\` |`))
    // Sources of secrets are told once, at the top.
    assert.deepEqual(missing.sort(), ['command', 'credential', 'env', 'mount', 'vault', 'version'])
  })
})

/** `muster.yaml`, `schedule.timezone` and the like are no codes. */
const isFileOrKey = (area: string, rest: string): boolean =>
  (area === 'muster' && ['yaml', 'db', 'pass', 'log', 'service'].includes(rest)) ||
  (area === 'ns8' && ['redis', 'runagent'].includes(rest)) ||
  (area === 'inbox' && rest === 'alerts') ||
  (area === 'space' && ['alarm', 'by'].includes(rest)) ||
  (area === 'ssh' && ['c', 'identity'].includes(rest)) ||
  rest === 'json'
