/** The secrets that say which job a ping is of. */
import type { Config } from '../../config/schema.ts'
import { loadSecret } from '../../config/secrets/load.ts'
import type { Problem } from '../../model/problem.ts'
import type { Secret } from '../../model/secret.ts'
import { digestOf, indexOfDigest } from '../../system/digests.ts'
import { type Redact, redactor } from '../../system/redact.ts'

export interface PingKeys {
  /** The job of a key, found in the same time whatever is given; undefined for one that is none. */
  nameOf(key: string): string | undefined
  /** A program may print the address that it calls. */
  readonly redact: Redact
  /** Jobs that nobody can tell of: their key is none, in the order of the configuration. */
  readonly unusable: readonly UnusableKey[]
}

export interface UnusableKey {
  readonly name: string
  readonly problem: Problem
}

/** What a path carries without being written in another way. */
const usable = /^[A-Za-z0-9._~-]{16,512}$/

/** Loads every key that can be had; one that cannot takes no other with it. */
export async function loadPingKeys(pings: Config['pings'], env: NodeJS.ProcessEnv): Promise<PingKeys> {
  const unusable: UnusableKey[] = []
  const had: { readonly name: string; readonly secret: Secret }[] = []
  const names = Object.keys(pings)
  for (const [name, { key }] of Object.entries(pings)) {
    const loaded = await loadSecret(key, { env })
    if (!loaded.ok) unusable.push({ name, problem: loaded.problem })
    else if (usable.test(loaded.value.secret.reveal())) had.push({ name, secret: loaded.value.secret })
    else unusable.push({ name, problem: badKey(name) })
  }
  const keys = had.filter(({ name, secret }) => {
    const other = had.find((one) => one.name !== name && one.secret.reveal() === secret.reveal())
    if (other !== undefined) unusable.push({ name, problem: sameKey(name, other.name) })
    return other === undefined
  })
  const digests = keys.map(({ secret }) => digestOf(secret.reveal()))
  return {
    nameOf: (key) => keys[indexOfDigest(key, digests)]?.name,
    redact: redactor(had.map(({ secret }) => secret)),
    unusable: unusable.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name)),
  }
}

/** What is shown as long as these jobs cannot be told of. */
export function unheard([first, ...more]: readonly UnusableKey[]): Problem | undefined {
  if (first === undefined) return undefined
  const { name, problem } = first
  const others = more.length === 0 ? '' : ` The same is so for ${more.map((one) => `pings.${one.name}`).join(', ')}.`
  return {
    ...problem,
    message: `Nobody can tell of pings.${name}: its address answers 404. ${problem.message}${others}`,
    next: `${problem.next} Then reload \`muster serve\`.`,
    retry: 'never',
  }
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
