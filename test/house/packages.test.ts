import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { whyStale } from '../../scripts/bootstrap/ensure-packages.mjs'

const root = join(import.meta.dirname, '..', '..')
const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'))

interface LockEntry {
  readonly version: string
  readonly resolved?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly hasInstallScript?: boolean
}

const manifest = read('package.json')
const entries = Object.entries(read('package-lock.json').packages as Record<string, LockEntry>).filter(
  ([path]) => path !== '',
)
const production = entries.filter(([, entry]) => !entry.dev && !entry.devOptional)
const pathsOf = (found: typeof entries) => found.map(([path]) => path)

describe('the packages', () => {
  it('of production are there and at most 80', () => {
    assert.ok(
      production.length >= Object.keys(manifest.dependencies).length && production.length <= 80,
      `${production.length}`,
    )
  })

  it('of production run nothing when installed', () =>
    assert.deepEqual(pathsOf(production.filter(([, entry]) => entry.hasInstallScript)), []))

  it('are all held to a SHA-512', () =>
    assert.deepEqual(pathsOf(entries.filter(([, entry]) => !/^sha512-[\w+/]{86}==$/.test(entry.integrity ?? ''))), []))

  it('come from the registry, never from git or a file', () =>
    assert.deepEqual(
      pathsOf(
        entries.filter(
          ([, { resolved = 'https://' }]) => !/^https:\/\/(?!github)/.test(resolved) || /\.git(#|$)/.test(resolved),
        ),
      ),
      [],
    ))

  it('are named with exact versions', () => {
    const wanted = Object.entries<string>({ ...manifest.dependencies, ...manifest.devDependencies })
    assert.deepEqual(
      wanted.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
      [],
    )
  })

  it('hold a binary for every platform their makers support, or npm ci would refuse the lock file', () => {
    const known = new Set(pathsOf(entries))
    const missing = Object.entries(
      read('package-lock.json').packages as Record<string, { optionalDependencies?: object }>,
    ).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !known.has(`node_modules/${name}`) && !known.has(`${path}/node_modules/${name}`),
      ),
    )
    assert.deepEqual(missing, [])
  })

  it('have each a line in the decision records', () => {
    const text = readFileSync(join(root, 'docs/adr/001-dependencies.md'), 'utf8')
    const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
    assert.deepEqual(
      names.filter((name) => !text.includes(`\`${name}\``)),
      [],
    )
  })

  it('have scripts that replace the shell, which would keep the signals npm sends', () =>
    assert.deepEqual(
      Object.entries<string>(manifest.scripts).filter(([, script]) => !/^exec node [^;&|]+$/.test(script)),
      [],
    ))

  it('that are installed are those of the lock file', () => assert.equal(whyStale(root), undefined))
})
