/** Settings with their secrets loaded: as late as possible, and never kept. */

import { kindOf, type Schema, schemasAt } from '../config/schema-walk.ts'
import { loadSecret } from '../config/secrets/load.ts'
import { ok, type Result } from '../model/problem.ts'
import { Secret } from '../model/secret.ts'
import type { SecretSource } from '../model/secret-source.ts'
import type { App } from './context.ts'

export interface LoadedSettings {
  readonly settings: Readonly<Record<string, unknown>>
  /** To be looked for in what others answer. */
  readonly secrets: readonly Secret[]
}

/** @param value As `schema` parsed it, its secrets as their sources. */
export async function loadSettings(
  app: Pick<App, 'env'>,
  schema: Schema,
  value: unknown,
): Promise<Result<LoadedSettings>> {
  const secrets: Secret[] = []
  const load = async (item: unknown, path: readonly (string | number)[]): Promise<Result<unknown>> => {
    const isSecret = path.length > 0 && schemasAt(schema, path, value).some((schema) => kindOf(schema) === 'secret')
    if (isSecret) {
      const loaded = await loadSecret(item as SecretSource, { env: app.env })
      if (!loaded.ok) return loaded
      secrets.push(loaded.value.secret, ...partsOf(loaded.value.secret))
      return ok(new Secret(loaded.value.secret.reveal().trim()))
    }
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return ok(item)
    const all: Record<string, unknown> = {}
    for (const [key, below] of Object.entries(item)) {
      const loaded = await load(below, [...path, key])
      if (!loaded.ok) return loaded
      if (loaded.value !== undefined) all[key] = loaded.value
    }
    return ok(all)
  }
  const loaded = await load(value, [])
  return loaded.ok ? ok({ settings: loaded.value as Record<string, unknown>, secrets }) : loaded
}

/** Of a secret address also its parts: a server tells only its path when it refuses something. */
function partsOf(secret: Secret): Secret[] {
  const url = URL.parse(secret.reveal().trim())
  if (url === null || !/^https?:$/.test(url.protocol)) return []
  const parts = [...url.pathname.split('/'), ...url.searchParams.values(), url.password]
  return parts.filter((part) => part.length >= 8).map((part) => new Secret(part))
}
