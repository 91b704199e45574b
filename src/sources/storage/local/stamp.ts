/** Tells that nothing came or went in a repository without listing it. */
import { type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { isOnOwnDisk } from './disk.ts'

/** A change within the same tick of the file system's clock as the look before it would not show. */
const settledMs = 2_000

const looked = ['snapshots', 'locks', 'keys', 'config']

/**
 * A text that is another one whenever a file came or went in the folders a reading looks at, or the config was written: their
 * inodes, change times and, of the config, its size. A change time cannot be set back, as a modification time can.
 *
 * @returns undefined where it would prove nothing: on network shares, for missing folders, and while something changed just now.
 */
export async function stampOf(root: string, nowMs: number): Promise<string | undefined> {
  if (!(await isOnOwnDisk(root))) return undefined
  const parts: string[] = []
  for (const name of looked) {
    const stat = statOf(join(root, name))
    if (stat === undefined || Math.max(stat.ctimeMs, stat.mtimeMs) > nowMs - settledMs) return undefined
    parts.push(`${stat.dev} ${stat.ino} ${stat.mtimeMs} ${stat.ctimeMs} ${name === 'config' ? stat.size : ''}`)
  }
  return parts.join('/')
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
