/** Files that are whole at every moment: written beside, synced, and put in place in one step. */
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { makeFolder } from './folder.ts'

export interface Replacing {
  /** Whatever the umask; default: 0o600, so that only this user may read it. */
  readonly mode?: number
  /** Whether a folder that is not there is made; default: yes. */
  readonly folder?: boolean
}

/** Writes a file. Throws what the system answers; the old file stays then. */
export async function replaceFile(
  path: string,
  text: string,
  { mode = 0o600, folder: makes = true }: Replacing = {},
): Promise<void> {
  if (makes) makeFolder(dirname(path))
  const fresh = `${path}.${process.pid}.new`
  try {
    // One that died with our number may have left its own; nobody else's is written through.
    await rm(fresh, { force: true })
    const file = await open(fresh, 'wx', mode)
    try {
      await file.writeFile(text)
      await file.chmod(mode)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(fresh, path)
    const folder = await open(dirname(path), 'r')
    await folder.sync().finally(() => folder.close())
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}

/** One who died while holding it does not hold it for ever. */
const staleMs = 30_000

/** Work on a file that other processes do as well: one after the other. */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  makeFolder(dirname(path))
  const lock = `${path}.lock`
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close()
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const held = await stat(lock).catch(() => undefined)
      if (held !== undefined && Date.now() - held.mtimeMs > staleMs) await rm(lock, { force: true })
      else await pause(20)
    }
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}
