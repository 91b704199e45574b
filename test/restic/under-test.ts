import { chmodSync, chownSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '../../src/model/secret.ts'
import { tool } from '../../src/sources/tools/restic/index.ts'
import type { RepositoryAccess } from '../../src/sources/tools/tool.ts'
import { killGroup } from '../../src/system/pids.ts'
import type { Holder, ToolUnderTest } from '../contracts/tool.contract.ts'
import { deep } from '../real/deep.ts'
import type { Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'

/** The versions that the adapter claims; one of each way to tell exit codes and errors. */
const versions = ['0.14', '0.18', '0.19'] as const
/** For what the contract does not ask and no version does in a way of its own. */
export const oldestAndNewest = deep ? versions : (['0.14', '0.19'] as const)

const nobody = 65_534

export function accessOf(version: string, folder: string, password: string): RepositoryAccess {
  return {
    name: 'box',
    url: new Secret(folder),
    password: new Secret(password),
    environment: {},
    program: program(`restic-${version}`),
    cacheDir: `${folder}-cache`,
    options: [],
    // Small packs let a cancelled upload end soon.
    own: { packSize: 4 },
  }
}

export function resticUnderTest(version: string): ToolUnderTest {
  return {
    tool,
    version: new RegExp(`^${version.replace('.', '\\.')}\\.\\d+$`),
    access: (folder, password) => accessOf(version, folder, password),
    unprivileged,
    damage,
    holdLock,
  }
}

/** Root may read everything, so as root the tool runs as somebody else. */
function unprivileged(access: RepositoryAccess, place: Place): RepositoryAccess {
  if (process.getuid?.() !== 0) return access
  for (const entry of readdirSync(place.at('repository'), { recursive: true, encoding: 'utf8' })) {
    chownSync(place.at('repository', entry), nobody, nobody)
  }
  chownSync(place.at('repository'), nobody, nobody)
  const wrapper = place.at('as-nobody')
  writeFileSync(
    wrapper,
    `#!/bin/sh\nexec setpriv --reuid=${nobody} --regid=${nobody} --clear-groups '${access.program}' --no-cache "$@"\n`,
  )
  chmodSync(wrapper, 0o755)
  return { ...access, program: wrapper }
}

/** Flips a bit in the middle of every pack. */
function damage(folder: string): void {
  const data = join(folder, 'data')
  for (const entry of readdirSync(data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = readFileSync(path)
    const middle = Math.floor(bytes.length / 2)
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
    chmodSync(path, 0o600)
    writeFileSync(path, bytes)
  }
}

/** Somebody else at work under an exclusive lock: a real check, stopped once it holds it. */
async function holdLock(access: RepositoryAccess): Promise<Holder> {
  let pid = 0
  const onSpawn = (child: number): void => {
    pid = child
  }
  const running = tool.check(access, { readData: 'all' }, { signal: new AbortController().signal, onSpawn })
  const folder = join(access.url.reveal(), 'locks')
  // While it is written it has another name.
  await until('a lock', () => readdirSync(folder).some((name) => /^[0-9a-f]{64}$/.test(name)))
  killGroup(pid, 'SIGSTOP')
  const kill = async (): Promise<void> => {
    killGroup(pid, 'SIGKILL')
    await running
  }
  return { pid, kill, [Symbol.asyncDispose]: kill }
}
