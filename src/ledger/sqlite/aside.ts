/** A file that is no use as a ledger is set aside, never overwritten. */
import { existsSync, readdirSync, renameSync } from 'node:fs'
import type { Problem } from '../../model/problem.ts'

/** Renames the file and what SQLite keeps beside it. Nobody may have it open. */
export function setAside(file: string, now: Date): void {
  const stamp = now.toISOString().replaceAll(/[:.]/g, '-')
  let target = `${file}.damaged-${stamp}`
  for (let count = 2; existsSync(target); count++) target = `${file}.damaged-${stamp}-${count}`
  renameSync(file, target)
  for (const beside of ['-wal', '-shm']) if (existsSync(file + beside)) renameSync(file + beside, target + beside)
}

/** Names of the files that were set aside and that nobody has looked at and removed yet; newest last. */
export function setAsideFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^muster\.db\.damaged-/.test(name) && !/-(?:wal|shm)$/.test(name))
    .sort()
}

export const damaged = (file: string, why: string | undefined): Problem => ({
  code: 'ledger.damaged',
  message: `The ledger was damaged${why === undefined ? '' : ` (${why})`} and set aside as ${file}; its history is missing from what Muster says.`,
  next: `Look at the disk. When the file is no longer needed, delete it: rm ${file}*`,
  retry: 'never',
})

/** Damage in a file that another process works with. */
export const damagedInUse = (why: string): Problem => ({
  code: 'ledger.damaged',
  message: `The ledger is damaged (${why}); what Muster says of the past may be wrong. It stays where it is while another muster process has it open.`,
  next: 'Look at the disk, then restart `muster serve`: it sets the damaged file aside and begins a new one.',
  retry: 'never',
})
