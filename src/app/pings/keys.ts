/** The secrets that say which job a ping is of. */
import type { Config } from '../../config/schema.ts'
import { loadSecret } from '../../config/secrets/load.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Secret } from '../../model/secret.ts'
import { digestOf, indexOfDigest } from '../../system/digests.ts'
import { type Redact, redactor } from '../../system/redact.ts'

export interface PingKeys {
  /** The job of a key, found in the same time whatever is given; undefined for one that is none. */
  nameOf(key: string): string | undefined
  /** A program may print the address that it calls. */
  readonly redact: Redact
}

/** What a path carries without being written in another way. */
const usable = /^[A-Za-z0-9._~-]{16,512}$/

export async function loadPingKeys(pings: Config['pings'], env: NodeJS.ProcessEnv): Promise<Result<PingKeys>> {
  const keys: { readonly name: string; readonly secret: Secret }[] = []
  for (const [name, { key }] of Object.entries(pings)) {
    const loaded = await loadSecret(key, { env })
    if (!loaded.ok) return fail({ ...loaded.problem, message: `pings.${name}.key: ${loaded.problem.message}` })
    const { secret } = loaded.value
    if (!usable.test(secret.reveal())) return fail(badKey(name))
    const other = keys.find((one) => one.secret.reveal() === secret.reveal())
    if (other !== undefined) return fail(sameKey(name, other.name))
    keys.push({ name, secret })
  }
  const digests = keys.map(({ secret }) => digestOf(secret.reveal()))
  return ok({
    nameOf: (key) => keys[indexOfDigest(key, digests)]?.name,
    redact: redactor(keys.map(({ secret }) => secret)),
  })
}

const badKey = (name: string): Problem => ({
  code: 'ping.bad-key',
  message: `The key of pings.${name} cannot be used: it has fewer than 16 characters, more than 512, or others than A to Z, a to z, 0 to 9, dot, dash, underscore and tilde.`,
  next: 'Make one: uuidgen, or openssl rand -hex 16.',
  retry: 'never',
})

const sameKey = (name: string, other: string): Problem => ({
  code: 'ping.same-key',
  message: `pings.${name} and pings.${other} have the same key, so that nobody could tell whose ping it is.`,
  next: 'Give each of them a key of its own.',
  retry: 'never',
})
