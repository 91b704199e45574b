import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

export type Found =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly code: 'not-found' | 'not-executable' }

/** Looks a program up as the system would: a name in the folders of `path`, anything with a slash as it is. */
export function findProgram(name: string, path: string | undefined): Found {
  const candidates = name.includes('/')
    ? [resolve(name)]
    : (path ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter).map((folder) => join(folder || '.', name))
  const files = candidates.filter(isFile)
  const executable = files.find(isExecutable)
  if (executable !== undefined) return { ok: true, path: executable }
  return { ok: false, code: files.length > 0 ? 'not-executable' : 'not-found' }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
