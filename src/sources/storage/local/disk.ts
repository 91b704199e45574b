/** Which folders lie on a disk of this machine: there a call comes back at once, and times of folders tell the truth. */
import { statSync } from 'node:fs'
import { stat, statfs } from 'node:fs/promises'

/** Types of file systems, as statfs(2) has them: ext2 to ext4, XFS, Btrfs, tmpfs, ZFS, F2FS, bcachefs. Source: linux/magic.h. */
const ownDisks: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x2fc12fc1, 0xf2f52010, 0xca451a4e,
])

/** By folder: the device it was found on, where that is a disk of this machine. */
const found = new Map<string, number>()
const mostFolders = 20_000

/** Looks once; never waits in the event loop for a share that went away. */
export async function isOnOwnDisk(folder: string): Promise<boolean> {
  const known = found.get(folder)
  if (known !== undefined && deviceOf(folder) === known) return true
  found.delete(folder)
  try {
    const [{ type }, { dev }] = await Promise.all([statfs(folder), stat(folder)])
    if (!ownDisks.has(type >>> 0) || found.size >= mostFolders) return false
    found.set(folder, dev)
    return true
  } catch {
    return false
  }
}

const deviceOf = (folder: string): number | undefined => statSync(folder, { throwIfNoEntry: false })?.dev
