/** Whether the repository at an address is still the one it was: another one there is no news to be taken in silently. */
import { createHash } from 'node:crypto'
import type { HistoryFinding } from '../model/history.ts'
import type { Problem } from '../model/problem.ts'
import type { Secret } from '../model/secret.ts'
import type { App } from './context.ts'
import { replacedFinding } from './history.ts'

export interface Identity {
  /** It is another one, and nobody accepted it. */
  readonly problem?: Problem
  readonly finding?: HistoryFinding
  /** It is another one that a person accepted just now: what was before does not count. */
  readonly isAccepted?: true
}

/**
 * Remembers the id of a repository with its address. Where the address was changed, a person did it, and the new id is taken;
 * so it is where the finding of the new id was settled.
 */
export async function identityOf(app: App, name: string, id: string | undefined, url: Secret): Promise<Identity> {
  if (id === undefined) return {}
  const key = keyOf(name)
  const seen = `${id} ${addressOf(url)}`
  const before = await app.ledger.readMeta(key)
  if (before === seen) return {}
  const [oldId = '', oldAddress] = before?.split(' ') ?? []
  const isReplaced = oldId !== '' && oldId !== id && seen.endsWith(` ${oldAddress}`)
  if (isReplaced && !(await isSettled(app, name, id)))
    return { problem: replaced(name, oldId, id), finding: replacedFinding(oldId, id) }
  await app.ledger.writeMeta(key, seen)
  return isReplaced ? { isAccepted: true } : {}
}

async function isSettled(app: App, name: string, id: string): Promise<boolean> {
  const findings = await app.ledger.findings({ repositories: [name] })
  return findings.some(
    ({ kind, subject, settledAt }) => kind === 'replaced' && subject === id && settledAt !== undefined,
  )
}

/** Whether a repository was ever read at this address; under the same name another address may have been meant before. */
export async function wasSeenThere(app: App, name: string, url: Secret): Promise<boolean> {
  if ((await app.ledger.lastReading(name, true)) === undefined) return false
  const [, address] = (await app.ledger.readMeta(keyOf(name)))?.split(' ') ?? []
  // A tool without ids of repositories leaves no address: then the name alone tells.
  return address === undefined || address === addressOf(url)
}

const keyOf = (name: string): string => `repository-id/${name}`
const addressOf = (url: Secret): string => createHash('sha256').update(withoutPassword(url.reveal())).digest('hex')
const withoutPassword = (url: string): string => url.replace(/:\/\/[^/?#]*@/, '://')

const replaced = (name: string, before: string, now: string): Problem => ({
  code: 'repository.replaced',
  message: `At the address of ${name} is another repository than before: ${now.slice(0, 8)} instead of ${before.slice(0, 8)}.`,
  next: 'Check that the right disk is mounted there and that nobody made a new repository. If this is the one to watch from now on, settle the finding: muster ack',
  retry: 'never',
  context: { repository: name, before, now },
})
