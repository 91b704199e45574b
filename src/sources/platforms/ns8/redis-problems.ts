/** Why Redis did not tell, in words. What it did not tell is unknown: no success, and no fault of a repository. */
import type { Problem } from '../../../model/problem.ts'
import { oneLine } from '../../../system/text.ts'
import type { Ns8Settings } from './settings.ts'

export const addressOf = ({ url, socket }: Ns8Settings['redis']): string => socket ?? url ?? 'redis://127.0.0.1:6379'

/** Kinds of answers that are no answers. */
export type Trouble =
  | 'unreachable'
  | 'slow'
  | 'login'
  | 'denied'
  | 'loading'
  | 'readonly'
  | 'type'
  | 'closed'
  | 'too-large'
  | 'refused'

interface Saying {
  readonly message: (address: string, said: string) => string
  readonly next: string
  readonly retry: Problem['retry']
}

const sayings: Readonly<Record<Trouble, Saying>> = {
  unreachable: {
    message: (address, said) => `Redis cannot be reached at ${address}: ${said}.`,
    next: 'See whether it runs (`systemctl status redis`) and whether `ns8.redis` has its address. NethServer 8 listens at 127.0.0.1:6379 and has no socket of its own.',
    retry: 'soon',
  },
  slow: {
    message: (address, said) => `Redis at ${address} did not answer in time: ${said}.`,
    next: 'See what keeps it busy (`redis-cli --latency`, `SLOWLOG GET`); a slow one needs a longer `ns8.redis.timeout`.',
    retry: 'soon',
  },
  login: {
    message: (address, said) => `Redis at ${address} refused the login: ${said}.`,
    next: 'Correct `ns8.redis.user` and `ns8.redis.password`; NethServer 8 lets anybody on the node read without either.',
    retry: 'never',
  },
  denied: {
    message: (address, said) => `Redis at ${address} does not let this user read everything: ${said}.`,
    next: 'Let it read the keys cluster/*, node/* and module/*: ACL SETUSER … ~cluster/* ~node/* ~module/* +@read.',
    retry: 'never',
  },
  loading: {
    message: (address) => `Redis at ${address} still loads its data.`,
    next: 'Wait until it is up; Muster asks again at the next alert.',
    retry: 'soon',
  },
  readonly: {
    message: (address, said) => `Redis at ${address} is a replica that does not answer: ${said}.`,
    next: 'See whether the leader node runs; or give `ns8.redis.url` the address of the leader.',
    retry: 'soon',
  },
  type: {
    message: (address, said) => `Redis at ${address} holds something else than expected: ${said}.`,
    next: 'See who wrote that key (`redis-cli TYPE KEY`); NethServer 8 has a hash there.',
    retry: 'never',
  },
  closed: {
    message: (address, said) => `Redis at ${address} broke off: ${said}.`,
    next: 'See whether it was restarted or ran out of memory (`journalctl -u redis`).',
    retry: 'soon',
  },
  'too-large': {
    message: (address, said) => `Redis at ${address} holds more than anybody reads: ${said}.`,
    next: 'See who wrote that key; a status has some hundred bytes. Delete it if nobody needs it.',
    retry: 'never',
  },
  refused: {
    message: (address, said) => `Redis at ${address} answered something unexpected: ${said}.`,
    next: 'Ask it yourself: `redis-cli PING`. See whether a Redis listens at that address at all.',
    retry: 'soon',
  },
}

export function redisProblem(trouble: Trouble, redis: Ns8Settings['redis'], said = ''): Problem {
  const { message, next, retry } = sayings[trouble]
  return { code: `ns8.redis-${trouble}`, message: message(addressOf(redis), said), next, retry }
}

/** By what Redis answers, and what the system says of the connection. */
export function troubleOf(error: unknown): Trouble {
  const { code, message } = partsOf(error)
  if (/^(?:WRONGPASS|NOAUTH)|without any password configured|Authentication/.test(message)) return 'login'
  if (message.startsWith('NOPERM')) return 'denied'
  if (message.startsWith('LOADING')) return 'loading'
  if (/^(?:READONLY|MASTERDOWN)/.test(message)) return 'readonly'
  if (message.startsWith('WRONGTYPE')) return 'type'
  if (/^(?:ECONNREFUSED|ENOENT|EACCES|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOTSOCK)$/.test(code))
    return 'unreachable'
  if (code === 'ETIMEDOUT' || /timeout/i.test(message)) return 'slow'
  if (/^(?:ECONNRESET|EPIPE)$/.test(code) || /closed|Disconnects/i.test(message)) return 'closed'
  return 'refused'
}

/** Without the values that it may repeat. */
export function saidOf(error: unknown): string {
  const { code, message } = partsOf(error)
  return oneLine(message === '' ? code : message)
    .replace(/[.\s]+$/, '')
    .slice(0, 200)
}

function partsOf(error: unknown): { code: string; message: string } {
  // A name with two addresses fails twice.
  const first = error instanceof AggregateError ? (error.errors[0] ?? error) : error
  const { code, message } = first as { code?: unknown; message?: unknown }
  return { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? message : String(first) }
}
