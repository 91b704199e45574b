/** Whether the repository at an address is still the one it was: another one there is no news to be taken in silently. */
import { createHash } from 'node:crypto'
import type { Problem } from '../model/problem.ts'
import type { Secret } from '../model/secret.ts'
import type { App } from './context.ts'

/**
 * Remembers the id of a repository with its address. Where the address was changed, a person did it, and the new id is taken.
 * @returns A problem when the id changed and the address did not; nothing is remembered then.
 */
export async function identityProblem(
  app: App,
  name: string,
  id: string | undefined,
  url: Secret,
): Promise<Problem | undefined> {
  if (id === undefined) return undefined
  const key = `repository-id/${name}`
  const seen = `${id} ${createHash('sha256').update(withoutPassword(url.reveal())).digest('hex')}`
  const before = await app.ledger.readMeta(key)
  if (before === seen) return undefined
  const [oldId = '', oldAddress] = before?.split(' ') ?? []
  if (oldId !== '' && oldId !== id && seen.endsWith(` ${oldAddress}`)) return replaced(name, oldId, id)
  await app.ledger.writeMeta(key, seen)
  return undefined
}

const withoutPassword = (url: string): string => url.replace(/:\/\/[^/?#]*@/, '://')

const replaced = (name: string, before: string, now: string): Problem => ({
  code: 'repository.replaced',
  message: `At the address of ${name} is another repository than before: ${now.slice(0, 8)} instead of ${before.slice(0, 8)}.`,
  next: 'Check that the right disk is mounted there and that nobody made a new repository. If it is to begin anew, give it another name in the configuration.',
  retry: 'never',
  context: { repository: name, before, now },
})
