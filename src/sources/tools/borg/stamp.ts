/** Whether a repository on a disk of this machine changed, told by its files alone. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Every commit makes a new `index.N`, `hints.N` and `integrity.N`, where N is the number of its last segment; the manifest,
 * which lists the archives, is part of each. So the same files are the same list of archives.
 * Source: borg `docs/internals/data-structures.rst`, "Repository".
 *
 * @returns Undefined where it cannot be told.
 */
export function stampOf(folder: string): string | undefined {
  try {
    const names = readdirSync(folder).filter((name) => /^(?:config|(?:index|hints|integrity)\.\d+)$/.test(name))
    if (!names.some((name) => name.startsWith('index.'))) return undefined
    return JSON.stringify(names.sort().map((name) => [name, stampOfFile(join(folder, name))]))
  } catch {
    return undefined
  }
}

function stampOfFile(path: string): readonly (string | number)[] {
  const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
  return [String(ino), Number(size), String(mtimeNs), String(ctimeNs)]
}
