import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Secret } from '../../src/model/secret.ts'
import { tool } from '../../src/sources/tools/rclone/index.ts'
import type { RepositoryAccess } from '../../src/sources/tools/tool.ts'
import type { ToolUnderTest } from '../contracts/tool.contract.ts'
import type { Place } from '../real/place.ts'
import { program } from '../real/programs.ts'

/** The oldest and the newest version that the adapter claims. */
export const versions = ['1.60', '1.75'] as const

const nobody = 65_534

/** The password that opens the configuration of `encrypted`. */
const rightPassword = 'canary-4f1c-password'

/** A configuration that nobody reads without the password; made once beside the repository. */
export function encrypted(folder: string, password = rightPassword): string {
  const file = join(folder, 'rclone.conf')
  if (existsSync(file)) return file
  writeFileSync(file, '[unused]\ntype = local\n')
  // Older versions have no command for it, and read what newer ones write.
  const args = ['--config', file, 'config', 'encryption', 'set', '--password-command', `echo ${password}`]
  const made = spawnSync(program('rclone-1.75'), args, {
    encoding: 'utf8',
    env: { HOME: folder, PATH: process.env.PATH },
  })
  if (!readFileSync(file, 'latin1').startsWith('# Encrypted')) throw new Error(made.stderr)
  chmodSync(file, 0o644)
  return file
}

export function accessOf(
  version: string,
  url: string,
  more: Partial<RepositoryAccess> & { readonly config?: string } = {},
): RepositoryAccess {
  const { config = '/dev/null', ...rest } = more
  return {
    name: 'box',
    url: new Secret(url),
    environment: {},
    program: program(`rclone-${version}`),
    options: [],
    own: { config: { file: config } },
    ...rest,
  }
}

export function rcloneUnderTest(version: string): ToolUnderTest {
  return {
    tool,
    version: new RegExp(`^${version.replace('.', '\\.')}\\.\\d+$`),
    access: (folder, password) =>
      accessOf(version, folder, { config: encrypted(dirname(folder)), password: new Secret(password) }),
    unprivileged,
    damage,
    holdLock: () => Promise.reject(new Error('a tree has no locks')),
    named: (_source, path) => path,
  }
}

/** Root may read everything, so as root the tool runs as somebody else. */
function unprivileged(access: RepositoryAccess, place: Place): RepositoryAccess {
  if (process.getuid?.() !== 0) return access
  chownSync(place.at('repository'), nobody, nobody)
  const wrapper = place.at('as-nobody')
  writeFileSync(
    wrapper,
    `#!/bin/sh\nexec setpriv --reuid=${nobody} --regid=${nobody} --clear-groups '${access.program}' "$@"\n`,
  )
  chmodSync(wrapper, 0o755)
  return { ...access, program: wrapper }
}

/** Flips a bit of every file, and keeps its size and time: only its content tells. */
export function damage(folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const { size, atime, mtime } = statSync(path)
    if (!entry.isFile() || size === 0) continue
    const bytes = readFileSync(path)
    bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0)
    writeFileSync(path, bytes)
    utimesSync(path, atime, mtime)
  }
}
