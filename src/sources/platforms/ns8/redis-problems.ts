/** Why Redis did not tell. */
import type { Problem } from '../../../model/problem.ts'
import { oneLine } from '../../../system/text.ts'
import { problem } from './problems.ts'
import type { Ns8Settings } from './settings.ts'

const addressOf = ({ url, socket }: Ns8Settings['redis']): string => socket ?? url ?? 'redis://127.0.0.1:6379'

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

export const redisProblem = (trouble: Trouble, redis: Ns8Settings['redis'], said?: string): Problem =>
  problem(`ns8.redis-${trouble}`, { address: addressOf(redis) }, said)

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
