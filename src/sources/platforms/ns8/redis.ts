/** One connection to Redis that can only read. */
import type { Problem } from '../../../model/problem.ts'
import { redisProblem, saidOf, troubleOf } from './redis-problems.ts'
import type { Ns8Settings } from './settings.ts'

/**
 * All that is ever sent beside the login (AUTH, SELECT) and the subscription (PSUBSCRIBE). None of them writes; each names the key it
 * reads, or none.
 */
export const readCommands = [
  'SCAN',
  'HLEN',
  'HSTRLEN',
  'HMGET',
  'HKEYS',
  'STRLEN',
  'GET',
  'SISMEMBER',
  'MEMORY',
] as const
export type ReadCommand = (typeof readCommands)[number]

export interface Redis {
  /** @throws What Redis answered, or why it did not. */
  ask(command: ReadCommand, ...args: readonly string[]): Promise<unknown>
  /** @param onMessage May be called at any time. */
  psubscribe(pattern: string, onMessage: (message: string, channel: string) => void): Promise<void>
  /** Resolves when the connection ended, with why where it was not we who ended it. */
  readonly ended: Promise<unknown>
  close(): void
}

/** No second try: whoever wants one connects again. @throws Why it cannot be reached. */
export async function openRedis({ redis }: Pick<Ns8Settings, 'redis'>, signal: AbortSignal): Promise<Redis> {
  const { createClient } = await import('./client.ts')
  const client = createClient({
    ...(redis.socket === undefined && { url: redis.url ?? 'redis://127.0.0.1:6379' }),
    socket: {
      ...(redis.socket !== undefined && { path: redis.socket }),
      connectTimeout: redis.timeout,
      reconnectStrategy: false,
    } as { reconnectStrategy: false },
    ...(redis.user !== undefined && { username: redis.user }),
    ...(redis.password && { password: redis.password.reveal() }),
    // Older servers know no other, and nothing else is asked of them that nobody wanted to know.
    RESP: 2,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    disableOfflineQueue: true,
  })
  const close = (): void => {
    if (client.isOpen) client.destroy()
  }
  const { promise: ended, resolve: end } = Promise.withResolvers<unknown>()
  client.on('error', end)
  client.on('end', () => end(undefined))
  signal.addEventListener('abort', close, { once: true })
  void ended.then(() => signal.removeEventListener('abort', close))
  try {
    signal.throwIfAborted()
    await client.connect()
  } catch (error) {
    end(undefined)
    close()
    throw error
  }
  const broken = ended.then((why) => Promise.reject(why ?? new Error('the connection was closed')))
  broken.catch(() => {})
  return {
    // What is no answer at all of Redis ends no question by itself.
    ask: (command, ...args) => Promise.race([client.sendCommand([command, ...args]), broken]),
    psubscribe: async (pattern, onMessage) => void (await client.pSubscribe(pattern, onMessage)),
    ended,
    close: () => {
      close()
      end(undefined)
    },
  }
}

/** Why it did not work; after `signal` it was the time. */
export function problemOf(error: unknown, { redis }: Pick<Ns8Settings, 'redis'>, signal: AbortSignal): Problem {
  if (signal.aborted) return redisProblem('slow', redis, `${redis.timeout / 1000} s were up`)
  return redisProblem(troubleOf(error), redis, saidOf(error))
}
