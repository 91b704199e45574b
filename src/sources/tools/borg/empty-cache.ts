/** A cache folder that stays empty: where borg finds a cache it locks it, even for a listing, and a backup holds that for hours. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** borg writes it where it is missing. Source: https://bford.info/cachedir/ */
const tag = 'Signature: 8a477f597d28d172789f06886806bc55\n# Made by Muster for listings of borg; it stays empty.\n'

let folder: string | undefined

/** One a process, removed at its end. Readable for a borg that a wrapper starts as another user, and writable for nobody else. */
export function emptyCache(): string {
  if (folder !== undefined) return folder
  const made = mkdtempSync(join(tmpdir(), 'muster-borg-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  writeFileSync(join(made, 'CACHEDIR.TAG'), tag, { mode: 0o644 })
  chmodSync(made, 0o755)
  folder = made
  return made
}
