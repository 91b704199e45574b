/** Hears of new and removed snapshots while they happen; only a disk of this machine tells. */
import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'
import { isComplete } from '../storage.ts'
import { isOnOwnDisk } from './disk.ts'

/** @returns What ends it; undefined where nothing would be heard. A watch that breaks off is no harm: the listings go on. */
export async function watchSnapshots(root: string, changed: () => void): Promise<(() => void) | undefined> {
  if (!(await isOnOwnDisk(root))) return undefined
  let watcher: FSWatcher
  try {
    // Complete names only: restic writes under another one and renames.
    watcher = watch(join(root, 'snapshots'), { persistent: false }, (_, name) => {
      if (name === null || isComplete(name)) changed()
    })
  } catch {
    // No such folder, or too many watches for this user.
    return undefined
  }
  watcher.on('error', () => watcher.close())
  return () => watcher.close()
}
