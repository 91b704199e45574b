/** Where the ledger is when nobody said so and nothing but the environment is known, and how long that place lasts. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from '../system/folder.ts'
import { stateFolder } from './context.ts'

/** The usual folder, or one among the temporary files where that cannot be made: a container may let no other be written. */
export function writableState(env: NodeJS.ProcessEnv): string {
  const usual = stateFolder(undefined, env)
  if (env.MUSTER_STATE || env.STATE_DIRECTORY || canBeMade(usual)) return usual
  return join(env.TMPDIR || tmpdir(), `muster-${userInfo().uid}`)
}

/** Tried, because rights alone say nothing of a file system that nobody writes. */
function canBeMade(folder: string): boolean {
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** File systems that are gone with their container, or with the power. */
const fleeting = new Set(['overlay', 'aufs', 'fuse.fuse-overlayfs', 'tmpfs', 'ramfs'])

/**
 * What a folder is gone with; undefined where it stays.
 *
 * @param mounts As in `/proc/self/mountinfo`. Source: proc(5); Kubernetes names the folders of a pod by the kind of volume.
 */
export function goneWith(folder: string, mounts: string): 'container' | 'pod' | undefined {
  const found = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(({ length }) => length > 6)
    .map((fields) => ({ root: fields[3] ?? '', at: fields[4] ?? '', type: fields[fields.indexOf('-') + 1] ?? '' }))
    .filter(({ at }) => at === '/' || folder === at || folder.startsWith(`${at}/`))
    // The last one of a place lies over the others.
    .reduce<{ root: string; at: string; type: string } | undefined>(
      (best, one) => (best === undefined || one.at.length >= best.at.length ? one : best),
      undefined,
    )
  if (found === undefined) return undefined
  if (found.root.includes('kubernetes.io~empty-dir')) return 'pod'
  return fleeting.has(found.type) ? 'container' : undefined
}

/** One line for the log where the ledger does not last; undefined where it does, or nobody can tell. */
export function fleetingState(folder: string): string | undefined {
  const mounts = existsSync('/proc/self/mountinfo') ? readFileSync('/proc/self/mountinfo', 'utf8') : ''
  const end = goneWith(folder, mounts)
  return end === undefined
    ? undefined
    : `the ledger in ${folder} is gone with this ${end}: what happened before, and messages that nobody took yet, are forgotten then; mount a volume and set MUSTER_STATE to it`
}
