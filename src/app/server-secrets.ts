/** Logins of the page, loaded once when it starts. */
import type { Config } from '../config/schema.ts'
import { loadSecret } from '../config/secrets/load.ts'
import { ok, type Result } from '../model/problem.ts'
import type { Secret } from '../model/secret.ts'

export interface ServerSecrets {
  readonly users: ReadonlyMap<string, Secret>
  readonly tokens: readonly Secret[]
  /** Of those who may post alerts, and nothing else. */
  readonly inboxTokens: readonly Secret[]
}

export async function loadServerSecrets(
  { server, inbox }: Pick<Config, 'server' | 'inbox'>,
  env: NodeJS.ProcessEnv,
): Promise<Result<ServerSecrets>> {
  const users = new Map<string, Secret>()
  const tokens: Secret[] = []
  for (const [user, source] of Object.entries(server.auth?.users ?? {})) {
    const loaded = await loadSecret(source, { env })
    if (!loaded.ok) return loaded
    users.set(user, loaded.value.secret)
  }
  for (const source of server.auth?.tokens ?? []) {
    const loaded = await loadSecret(source, { env })
    if (!loaded.ok) return loaded
    tokens.push(loaded.value.secret)
  }
  const inboxTokens: Secret[] = []
  for (const source of inbox?.tokens ?? []) {
    const loaded = await loadSecret(source, { env })
    if (!loaded.ok) return loaded
    inboxTokens.push(loaded.value.secret)
  }
  return ok({ users, tokens, inboxTokens })
}
