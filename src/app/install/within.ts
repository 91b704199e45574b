/** Links below a root lead somewhere else: nothing is written, read or taken away where one leads out. */
import { lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Problem } from '../../model/problem.ts'

/**
 * The first link on the way to one of these that leads out of the root, or nowhere.
 * @param root Without links of its own; `''` is the machine itself, out of which nothing leads.
 * @param paths Their last part may be a link: it is replaced or taken away, and never followed.
 * @param followed Of these the last part counts as well.
 */
export function leadingOut(
  root: string,
  paths: readonly string[],
  followed: readonly string[] = [],
): Problem | undefined {
  if (root === '') return undefined
  const folders = [...paths.map((path) => dirname(path)), ...followed].flatMap(foldersOf)
  const link = folders.find((folder) => leadsOut(root, join(root, folder)))
  return link === undefined ? undefined : outside(root, join(root, link))
}

/** `/a/b` -> `/a`, `/a/b`. */
const foldersOf = (folder: string): readonly string[] =>
  folder === '/' || folder === '.' ? [] : [...foldersOf(dirname(folder)), folder]

function leadsOut(root: string, folder: string): boolean {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return false
  try {
    const real = realpathSync(folder)
    return real !== root && !real.startsWith(`${root}/`)
  } catch {
    // Nothing is there, or it goes round in circles.
    return true
  }
}

const outside = (root: string, link: string): Problem => ({
  code: 'install.outside',
  message: `${link} is a link to ${readlinkSync(link)}, which is not there within ${root}. Nothing was changed.`,
  next: `Make it a relative link that stays within ${root}, or no link: ls -ld ${link}`,
  retry: 'never',
})

/** @returns What a person can do about an error of the system; undefined for any other error, which is a mistake of ours. */
export function refusedBySystem(root: string, error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, syscall, path, message }: NodeJS.ErrnoException = error
  if (code === undefined || syscall === undefined) return undefined
  const rights = code === 'EACCES' || code === 'EPERM'
  const below = root === '' ? '/' : root
  return {
    code: 'install.refused',
    message: `Not everything below ${below} could be done: ${message}`,
    next: rights
      ? `Start it as the user to whom ${below} belongs, or give it a folder of yours: --root FOLDER`
      : `Put ${path ?? below} right, then start again: what is done already is not done twice.`,
    retry: 'never',
  }
}
