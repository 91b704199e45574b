import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '../../src/model/secret.ts'
import { tool } from '../../src/sources/tools/borg/index.ts'
import type { RepositoryAccess } from '../../src/sources/tools/tool.ts'
import { killGroup } from '../../src/system/pids.ts'
import type { Holder, ToolUnderTest } from '../contracts/tool.contract.ts'
import type { Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'

/** The series that the adapter claims: with legacy exit codes alone, and with modern ones. */
export const versions = ['1.2', '1.4'] as const

const nobody = 65_534

/** What borg keeps on this machine stands beside the repository. */
export const baseOf = (folder: string): string => `${folder}-base`

export function accessOf(version: string, folder: string, password: string): RepositoryAccess {
  return {
    name: 'box',
    url: new Secret(folder),
    password: new Secret(password),
    environment: {},
    program: program(`borg-${version}`),
    options: [],
    own: { baseDir: baseOf(folder) },
  }
}

export function borgUnderTest(version: string): ToolUnderTest {
  return {
    tool,
    version: new RegExp(`^${version.replace('.', '\\.')}\\.\\d+$`),
    access: (folder, password) => accessOf(version, folder, password),
    unprivileged,
    damage,
    holdLock,
    // It would be taken for one that was moved.
    copied: (folder) => rmSync(baseOf(folder), { recursive: true, force: true }),
    slowly: { compression: 'lzma,6' },
    // Files that changed within the last tick before a backup are read again: see `counts what is new, changed and unmodified`.
    again: {},
  }
}

/** Root may read everything, so as root the tool runs as somebody else. */
function unprivileged(access: RepositoryAccess, place: Place): RepositoryAccess {
  if (process.getuid?.() !== 0) return access
  const folder = access.url.reveal()
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    chownSync(join(folder, entry), nobody, nobody)
  // Its lock stands beside the data; what it keeps on this machine beside the repository.
  chownSync(folder, nobody, nobody)
  chownSync(place.path, nobody, nobody)
  const wrapper = place.at('as-nobody')
  writeFileSync(
    wrapper,
    `#!/bin/sh\nexec setpriv --reuid=${nobody} --regid=${nobody} --clear-groups '${access.program}' "$@"\n`,
  )
  chmodSync(wrapper, 0o755)
  return { ...access, program: wrapper }
}

/** Flips a bit in the middle of the largest segment, which holds the data. */
export function damage(folder: string): void {
  const segments = readdirSync(join(folder, 'data'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, bytes: readFileSync(path) }))
    .sort((a, b) => b.bytes.length - a.bytes.length)
  const [largest] = segments
  if (largest === undefined) throw new Error('no segments')
  const middle = Math.floor(largest.bytes.length / 2)
  largest.bytes.writeUInt8(largest.bytes.readUInt8(middle) ^ 1, middle)
  chmodSync(largest.path, 0o600)
  writeFileSync(largest.path, largest.bytes)
}

/** A real borg that does nothing but hold the lock. */
export async function holdLock(access: RepositoryAccess): Promise<Holder> {
  const child = spawn(access.program ?? 'borg', ['with-lock', access.url.reveal(), 'sleep', '600'], {
    detached: true,
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      BORG_BASE_DIR: baseOf(access.url.reveal()),
      BORG_PASSPHRASE: access.password?.reveal(),
    },
  })
  const pid = child.pid ?? 0
  await until('a lock', () => readdirSync(access.url.reveal()).includes('lock.exclusive'))
  const kill = async (): Promise<void> => {
    killGroup(pid, 'SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  return { pid, kill, [Symbol.asyncDispose]: kill }
}
