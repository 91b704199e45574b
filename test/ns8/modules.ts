/** Modules with real repositories, each in a state of its own, behind the stand-in for runagent. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { backupSpec, type Holder, quiet } from '../contracts/tool.contract.ts'
import type { Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { accessOf, resticUnderTest } from '../restic/under-test.ts'

const version = '0.18'
const password = 'canary-of-modules'
const { tool } = resticUnderTest(version)

export interface Modules {
  readonly runagent: readonly string[]
  /** What runagent was called with, a line each. */
  calls(): string[]
  /** A file in the folder of a module. */
  at(module: string, file: string): string
  /** Makes the repository of a module one that has two snapshots, or is changed after that. */
  add(module: string, change?: (repository: string) => void, given?: string): void
  lock(module: string): Promise<Holder>
}

export async function makeModules(place: Place): Promise<Modules> {
  mkdirSync(place.at('source'))
  writeFileSync(place.at('source', 'a.txt'), 'content\n'.repeat(1_000))
  const access = accessOf(version, place.at('first'), password)
  const made = await tool.init(access, quiet())
  if (made.outcome !== 'ok') throw new Error(made.problem?.message)
  cpSync(place.at('first'), place.at('empty'), { recursive: true })
  for (const text of ['one', 'two']) {
    writeFileSync(place.at('source', 'b.txt'), text)
    const run = await tool.backup(access, backupSpec([place.at('source')]), quiet())
    if (run.outcome !== 'ok') throw new Error(run.problem?.message)
  }
  const modules = place.at('modules')
  mkdirSync(modules)
  const repository = (module: string): string => place.at(`repository-${module}`)
  return {
    runagent: [join(import.meta.dirname, 'runagent-stand-in.sh'), modules],
    calls: () => readFileSync(join(modules, 'calls'), 'utf8').trim().split('\n'),
    at: (module, file) => join(modules, module, file),
    add: (module, change, given = password) => {
      cpSync(place.at(module === 'empty1' ? 'empty' : 'first'), repository(module), { recursive: true })
      change?.(repository(module))
      mkdirSync(join(modules, module))
      writeFileSync(
        join(modules, module, 'environment'),
        `export RESTIC=${program(`restic-${version}`)} RESTIC_CACHE_DIR=${place.at('cache')}-${module}
export RESTIC_REPOSITORY=${repository(module)} RESTIC_PASSWORD=${given}\n`,
      )
    },
    lock: (module) => resticUnderTest(version).holdLock(accessOf(version, repository(module), password)),
  }
}

export function removePacks(repository: string): void {
  for (const name of readdirSync(join(repository, 'data'))) rmSync(join(repository, 'data', name), { recursive: true })
}

export function flipInConfig(repository: string): void {
  const path = join(repository, 'config')
  const bytes = readFileSync(path)
  bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20)
  rmSync(path)
  writeFileSync(path, bytes)
}
