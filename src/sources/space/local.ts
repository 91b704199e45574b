/** Room on a disk of this machine, by statvfs(3). */
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Space } from '../../model/space.ts'

/**
 * @returns Undefined when the system says what cannot be. Throws what the system answers, other than that the folder is missing:
 * then the nearest one above counts, in which it will be made.
 */
export async function localSpace(path: string): Promise<Space | undefined> {
  try {
    const { bsize, blocks, bavail } = await statfs(path)
    if (blocks <= 0 || bsize <= 0 || bavail > blocks) return undefined
    const free = Math.max(0, bavail)
    return {
      freeBytes: free * bsize,
      totalBytes: blocks * bsize,
      way: 'local',
      blocks: { free, total: blocks, bytes: bsize },
    }
  } catch (error) {
    const above = dirname(path)
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && above !== path) return localSpace(above)
    throw error
  }
}
