/** Folders, made and removed as far as the rights allow. */
import { existsSync, mkdirSync } from 'node:fs'
import { chmod, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Makes a folder and what is missing above it, for this user only. Throws what the system answers.
 *
 * Node's own recursive way never ends where the system answers that a folder's existing parent is missing, as in /proc.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return
  if (dirname(path) !== path) makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/**
 * Removes a folder with all that is in it, also folders without the right to write, such as restored ones. Throws what the
 * system answers when the owner's rights are not enough.
 */
export async function removeFolder(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM') throw error
    await makeWritable(path)
    await rm(path, { recursive: true, force: true })
  }
}

/** Links are not followed: what they lead to is not ours. */
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700)
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name))
}
