/** Hears of each backup that ended. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Problem } from '../../../model/problem.ts'
import { isId } from './keys.ts'
import { openRedis, problemOf } from './redis.ts'
import type { Ns8Settings } from './settings.ts'

/** Of modules up to 3.19, of nodes from 3.20. Source: ns8-core, `module-backup` and `run-backup`. */
const channels = '*/event/backup-status-changed'
const longestMessage = 4_096
const firstPauseMs = 1_000
const longestPauseMs = 300_000

export interface FollowOptions {
  /** Before the first further try; it doubles up to `longestPauseMs`. */
  readonly firstPauseMs?: number
  readonly longestPauseMs?: number
  /** Each time that it cannot be heard, or not any more. */
  readonly onProblem?: (problem: Problem) => void
  readonly onListening?: () => void
}

/** Until the signal; never throws. What was told while nobody listened is not told again. */
export async function followNs8(
  settings: Pick<Ns8Settings, 'redis'>,
  onEnded: (plan: string) => void,
  signal: AbortSignal,
  options: FollowOptions = {},
): Promise<void> {
  const first = options.firstPauseMs ?? firstPauseMs
  let pauseMs = first
  while (!signal.aborted) {
    try {
      const redis = await openRedis(settings, signal)
      try {
        await redis.psubscribe(channels, (message) => {
          const plan = planOfEvent(message)
          if (plan !== undefined) onEnded(plan)
        })
        pauseMs = first
        options.onListening?.()
        const why = await redis.ended
        if (!signal.aborted) options.onProblem?.(problemOf(why ?? { code: 'ECONNRESET' }, settings, signal))
      } finally {
        redis.close()
      }
    } catch (error) {
      if (!signal.aborted) options.onProblem?.(problemOf(error, settings, signal))
    }
    await pause(pauseMs, undefined, { signal }).catch(() => undefined)
    pauseMs = Math.min(pauseMs * 2, options.longestPauseMs ?? longestPauseMs)
  }
}

/** `{"node_id":1,"module_id":"mail1","backup_id":1}`. undefined: somebody else's. */
function planOfEvent(message: string): string | undefined {
  if (message.length > longestMessage) return undefined
  try {
    const { backup_id: id } = JSON.parse(message) as { readonly backup_id?: unknown }
    const text = typeof id === 'number' || typeof id === 'string' ? String(id) : ''
    return isId(text) ? text : undefined
  } catch {
    return undefined
  }
}
