/** A cache folder that stays empty: where borg finds a cache it locks it, even for a listing, and a backup holds that for hours. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

let folder: string | undefined

/** One a process, removed at its end. */
export function emptyCache(): string {
  if (folder !== undefined) return folder
  const made = mkdtempSync(join(tmpdir(), 'muster-borg-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  folder = made
  return made
}
