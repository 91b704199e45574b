import { ok, type Result } from '../../../model/problem.ts'
import { Secret } from '../../../model/secret.ts'
import type { SecretIo, SecretProvider } from '../provider.ts'
import { fingerprint, loadCredentials, readPlace } from './environment.ts'
import { refuse } from './problems.ts'
import { type Ask, askerOf } from './request.ts'
import { type Document, openStore, type Place } from './store.ts'
import { type After, keepToken } from './token.ts'

export interface VaultOptions {
  readonly timeLimitMs: number
  readonly after: After
  /** Only tests set it: what answers instead of the network. */
  readonly ask?: Ask
}

interface Session {
  read(place: Place): Promise<Result<Document>>
}

/** Where a document has more than one key and none is named. */
const usualKeys = ['key', 'password']

/** Takes secrets from HashiCorp Vault. Tokens and what was read stay in the memory of this process. */
export function vaultProvider({ timeLimitMs, after, ask: answering }: VaultOptions): SecretProvider<'vault'> {
  const sessions = new Map<string, Session>()
  const remembered = new Map<string, Document>()

  const sessionFor = (env: NodeJS.ProcessEnv, path: string): Result<Session> => {
    const key = fingerprint(env)
    const known = sessions.get(key)
    if (known !== undefined) return ok(known)
    const place = readPlace(env, path)
    if (!place.ok) return place
    const { origin } = place.value.address
    const ask = answering ?? askerOf(place.value, env, timeLimitMs)
    const session = openStore(
      ask,
      origin,
      keepToken(ask, origin, () => loadCredentials(env), after),
    )
    sessions.set(key, session)
    return ok(session)
  }

  const documentOf = async (place: Place, { env, remembered: willDo }: SecretIo): Promise<Result<Document>> => {
    const key = JSON.stringify([fingerprint(env), place.mount, place.path, place.version])
    const known = willDo === true ? remembered.get(key) : undefined
    if (known !== undefined) return ok(known)
    const session = sessionFor(env, place.path)
    if (!session.ok) return session
    const document = await session.value.read(place)
    if (document.ok) remembered.set(key, document.value)
    return document
  }

  return {
    kind: 'vault',
    async load({ vault, key, mount, version }, io) {
      const path = vault.replace(/^\/|\/$/g, '')
      const document = await documentOf({ mount: mount.replace(/\/$/, ''), path, version }, io)
      if (!document.ok) return document
      const value = textOf(document.value, key)
      if (value !== undefined) return ok({ secret: new Secret(value) })
      return refuse('vault.no-key', { path: `${mount}/${path}`, key: key ?? usualKeys.join(' or ') })
    },
    forget: () => remembered.clear(),
  }
}

/** Keys in any case, as restic-reporter reads them; an exact one first. */
function textOf(document: Document, key: string | undefined): string | undefined {
  const entries = Object.entries(document)
  const under = (name: string): unknown =>
    (entries.find(([own]) => own === name) ?? entries.find(([own]) => own.toLowerCase() === name.toLowerCase()))?.[1]
  const found =
    key === undefined
      ? (usualKeys.map(under).find((value) => value !== undefined) ??
        (entries.length === 1 ? entries[0]?.[1] : undefined))
      : under(key)
  if (typeof found === 'number') return String(found)
  return typeof found === 'string' && found !== '' ? found : undefined
}

export const provider = vaultProvider({
  timeLimitMs: 10_000,
  after(ms, then) {
    // A renewal to come keeps no process alive.
    const timer = setTimeout(then, ms).unref()
    return () => clearTimeout(timer)
  },
})
