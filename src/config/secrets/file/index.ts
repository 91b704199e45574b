import { statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fail, ok, type Result } from '../../../model/problem.ts'
import { Secret } from '../../../model/secret.ts'
import type { LoadedSecret, SecretProvider } from '../provider.ts'

/** A secret is at most this long; a larger file is the wrong one. */
const maxBytes = 64 * 1024

/**
 * Reads a secret from a file; one line end at its end is left out, as restic and borg do.
 * @returns `secret.file` when it cannot be read, is empty or too large; a warning when others may read it.
 */
export async function loadSecretFile(path: string): Promise<Result<LoadedSecret>> {
  try {
    await using file = await open(path, 'r')
    const stat = await file.stat()
    if (!stat.isFile() && !stat.isFIFO()) return wrong(path, 'is not a file', 'Name a file that holds only the secret.')
    if (stat.size > maxBytes)
      return wrong(path, `has ${stat.size} bytes; a secret has at most ${maxBytes}`, 'Name the right file.')
    const text = (await file.readFile('utf8')).replace(/\r?\n$/, '')
    if (text === '') return wrong(path, 'is empty', 'Write the secret into it.')
    const others = stat.mode & 0o077
    if (others === 0 || stat.isFIFO()) return ok({ secret: new Secret(text) })
    const who = (others & 0o007) !== 0 ? 'everybody on this machine' : 'its group'
    return ok({
      secret: new Secret(text),
      warning: {
        message: `${path} may be used by ${who} (mode ${(stat.mode & 0o777).toString(8).padStart(4, '0')})`,
        next: `chmod 600 ${path}`,
      },
    })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    if (code === 'ENOENT') return wrong(path, 'does not exist', 'Create it with mode 0600, or correct the path.')
    if (code === 'EACCES')
      return wrong(path, 'may not be read by this user', 'Check its owner and mode, and which user runs Muster.')
    return wrong(path, `cannot be read (${code})`, 'Check the path and the disk.')
  }
}

const wrong = (path: string, what: string, next: string): Result<never> =>
  fail({ code: 'secret.file', message: `The secret file ${path} ${what}.`, next, retry: 'next-run', context: { path } })

/** What was read, by path, and what the file looked like then: one that was written again is another one. */
const remembered = new Map<string, { readonly stamp: string; readonly loaded: Result<LoadedSecret> }>()

function stampOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() === true ? `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.mode}` : undefined
}

export const provider: SecretProvider<'file'> = {
  kind: 'file',
  async load({ file }, io) {
    if (io.remembered !== true) return loadSecretFile(file)
    const path = resolve(file)
    const stamp = stampOf(path)
    const known = remembered.get(path)
    if (stamp !== undefined && known?.stamp === stamp) return known.loaded
    const loaded = await loadSecretFile(file)
    if (stamp !== undefined && loaded.ok) remembered.set(path, { stamp, loaded })
    return loaded
  },
  forget: () => remembered.clear(),
}
