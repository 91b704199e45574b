/** Takes secrets out of what alerts say: whoever wrote a rule may have put an address with its login into it. */

import type { Config } from '../../config/schema.ts'
import { loadSecret } from '../../config/secrets/load.ts'
import type { Secret } from '../../model/secret.ts'
import type { SecretSource } from '../../model/secret-source.ts'
import { type Redact, redactor } from '../../system/redact.ts'
import type { App } from '../context.ts'

const keepMs = 60_000
/** Of so many repositories at the most: beyond that only logins in addresses are masked. */
const most = 500

const made = new WeakMap<Config, { readonly at: number; readonly redact: Redact }>()

/** Passwords of the repositories, where they are to be had without asking anybody. */
export async function hushOf({ config, env }: Pick<App, 'config' | 'env'>): Promise<Redact> {
  const known = made.get(config)
  if (known !== undefined && performance.now() - known.at < keepMs) return known.redact
  const secrets: Secret[] = []
  for (const { password, environment } of Object.values(config.repositories).slice(0, most))
    for (const source of [password, ...Object.values(environment)])
      if (source !== undefined && isNear(source)) {
        const loaded = await loadSecret(source, { env })
        if (loaded.ok) secrets.push(loaded.value.secret)
      }
  const redact = redactor(secrets)
  made.set(config, { at: performance.now(), redact })
  return redact
}

const isNear = (source: SecretSource): boolean =>
  typeof source === 'string' || ['file', 'env', 'credential'].some((kind) => kind in source)
