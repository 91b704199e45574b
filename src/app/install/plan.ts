/** What an installation changes, and what taking it away does. Pure. */
import { createHash } from 'node:crypto'
import type { InstalledFile } from '../../outlets/systemd/files.ts'

/** What was written, by path, as the digest of its text: what has another one now was changed by somebody. */
export type Written = Readonly<Record<string, string>>

/** `kept`: somebody changed it, or it was there before. */
export interface Step {
  readonly path: string
  readonly what: 'make' | 'update' | 'same' | 'kept' | 'remove'
  readonly file?: InstalledFile
}

export const digestOfText = (text: string): string => createHash('sha256').update(text).digest('hex')

/** @param found The texts that are there now. */
export function planInstall(
  files: readonly InstalledFile[],
  found: ReadonlyMap<string, string>,
  written: Written,
  known: readonly string[],
): readonly Step[] {
  const wanted = new Set(files.map(({ path }) => path))
  return [
    ...files.map((file): Step => {
      const text = found.get(file.path)
      const what =
        text === undefined ? 'make' : text === file.text ? 'same' : isOurs(text, written[file.path]) ? 'update' : 'kept'
      return { path: file.path, what, file }
    }),
    // Of another kind of installation before.
    ...planUninstall(found, written, known).filter(({ path, what }) => !wanted.has(path) && what === 'remove'),
  ]
}

/** @param known All that any installation may have made; a list on a disk is not believed to name others. */
export const planUninstall = (
  found: ReadonlyMap<string, string>,
  written: Written,
  known: readonly string[],
): readonly Step[] =>
  known.flatMap((path): Step[] => {
    const text = found.get(path)
    if (text === undefined) return []
    return [{ path, what: isOurs(text, written[path]) ? 'remove' : 'kept' }]
  })

const isOurs = (text: string, digest: string | undefined): boolean => digest === digestOfText(text)

export const changes = (steps: readonly Step[]): readonly Step[] =>
  steps.filter(({ what }) => what !== 'same' && what !== 'kept')
