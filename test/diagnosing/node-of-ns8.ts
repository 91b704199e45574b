/**
 * What a node of NethServer 8 has, as far as diagnosing asks it: repositories in every state, made by real restic, and a stand-in for
 * `runagent` that finds the repository of a module by a table and runs real restic on it.
 */
import { execFileSync } from 'node:child_process'
import { createCipheriv, hash, scryptSync } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyFile } from '../readers/write-repository.ts'
import type { Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { accessOf, resticUnderTest } from '../restic/under-test.ts'

export const repositoryStates = [
  'sound',
  'just written',
  'empty',
  'damaged',
  'locked',
  'wrong password',
  'gone',
  'refusing',
  'nowhere',
  'hanging',
  'unknown module',
] as const
export type RepositoryState = (typeof repositoryStates)[number]

export interface Ns8Node extends AsyncDisposable {
  /** Program, and the arguments before its own. */
  readonly runagent: readonly string[]
  /** Says in which state the repository of each module is. */
  set(modules: Readonly<Record<string, RepositoryState>>): void
}

/** A key of the same repository that costs nothing to open: most of the time of a short look is spent on that. */
function cheapen(repository: string): void {
  const folder = join(repository, 'keys')
  const [name = ''] = readdirSync(folder)
  const { N, r, p, salt, data } = JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const derived = scryptSync(password, Buffer.from(salt, 'base64'), 64, { N, r, p, maxmem: 2 ** 30 })
  const sealed = Buffer.from(data, 'base64')
  const opened = createCipheriv('aes-256-ctr', derived.subarray(0, 32), sealed.subarray(0, 16)).update(
    sealed.subarray(16, -16),
  )
  const { mac, encrypt } = JSON.parse(opened.toString())
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64')
  const cheap = keyFile({ encrypt: bytes(encrypt), k: bytes(mac.k), r: bytes(mac.r) }, password)
  writeFileSync(join(folder, hash('sha256', cheap, 'hex')), cheap)
  rmSync(join(folder, name))
}

const version = '0.18'
const password = 'canary-repository-password'

export async function makeNode(place: Place): Promise<Ns8Node> {
  const restic = program(`restic-${version}`)
  const run = (repository: string, ...args: string[]): void =>
    void execFileSync(restic, ['-r', repository, '--password-file', place.at('right'), '--no-cache', ...args], {
      stdio: 'ignore',
    })
  writeFileSync(place.at('right'), `${password}\n`, { mode: 0o600 })
  writeFileSync(place.at('wrong'), 'something else\n', { mode: 0o600 })
  mkdirSync(place.at('data'))
  writeFileSync(place.at('data', 'a.txt'), 'content\n'.repeat(1000))
  const at = (state: string): string => place.at('repositories', state.replaceAll(' ', '-'))
  mkdirSync(place.at('repositories'))
  run(at('empty'), 'init')
  cheapen(at('empty'))
  cpSync(at('empty'), at('sound'), { recursive: true })
  // One from long before, and one of the run that an alert is about.
  run(at('sound'), 'backup', '--time', '2026-01-01 03:00:00', place.at('data'))
  for (const state of ['just written', 'damaged', 'locked']) cpSync(at('sound'), at(state), { recursive: true })
  run(at('just written'), 'backup', place.at('data'))
  const snapshots = join(at('damaged'), 'snapshots')
  for (const name of readdirSync(snapshots)) {
    const bytes = readFileSync(join(snapshots, name))
    bytes[40] = (bytes[40] ?? 0) ^ 1
    chmodSync(join(snapshots, name), 0o600)
    writeFileSync(join(snapshots, name), bytes)
  }
  const holder = await resticUnderTest(version).holdLock(accessOf(version, at('locked'), password))
  const where: Readonly<Record<RepositoryState, string>> = {
    sound: at('sound'),
    'just written': at('just written'),
    empty: at('empty'),
    damaged: at('damaged'),
    locked: at('locked'),
    'wrong password': at('sound'),
    gone: at('gone'),
    refusing: 'rest:http://127.0.0.1:1/box',
    nowhere: 'rest:http://no-such-host.invalid/box',
    hanging: 'hanging',
    'unknown module': '',
  }
  const script = place.at('runagent')
  writeFileSync(
    script,
    `#!/bin/sh
# Stand-in for runagent: runagent -m MODULE restic-wrapper [--backup ID] ARGUMENTS of restic
[ "$1" = -m ] && [ "$3" = restic-wrapper ] || { echo "usage: runagent -m MODULE COMMAND" >&2; exit 2; }
module=$2
shift 3
[ "$1" = --backup ] && shift 2
line=$(grep "^$module " '${place.at('modules')}') || { echo "runagent: [FATAL] Cannot find module $module" >&2; exit 1; }
set -- "\${line#* }" "$@"
secret=\${1%% *}; repository=\${1#* }
shift
[ "$repository" = hanging ] && exec sleep 60
exec '${restic}' -r "$repository" --password-file "$secret" --no-cache --retry-lock 0s "$@"
`,
    { mode: 0o755 },
  )
  return {
    runagent: [script],
    set: (modules) =>
      writeFileSync(
        place.at('modules'),
        Object.entries(modules)
          .filter(([, state]) => state !== 'unknown module')
          .map(
            ([name, state]) => `${name} ${place.at(state === 'wrong password' ? 'wrong' : 'right')} ${where[state]}\n`,
          )
          .join(''),
      ),
    [Symbol.asyncDispose]: () => holder[Symbol.asyncDispose](),
  }
}
