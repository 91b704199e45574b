/** Beside the looking into alerts: what the platform tells of by itself, and alarms that nobody calls off. */
import type { Ns8 } from '../../config/schema/ns8.ts'
import type { Standing } from '../../model/standing.ts'
import type { App } from '../context.ts'
import type { Workers } from '../workers.ts'
import { openPlatform } from './platform.ts'
import { planEnded, recheck } from './recheck.ts'

/** So long at the most an alarm stays open when all is well again. */
const recheckEveryMs = 600_000

/** Plans that are looked at side by side; no cluster has so many, whoever tells of more. */
const mostTold = 100

export interface Following {
  /** Starts what is due; to be called at each turn. */
  turn(workers: Workers, wake: () => void): void
}

export function openFollowing(
  current: () => App,
  standing: () => Promise<Standing>,
  signal: AbortSignal,
  onAnswer: () => void,
): Following {
  let followed: { readonly ns8: Ns8; readonly key: string; readonly stop: AbortController } | undefined
  let recheckedAt = -Infinity
  let count = 0
  return {
    turn: (workers, wake) => {
      const { ns8 } = current().config
      // Other settings, or none any more; or its secrets could not be had.
      if (followed !== undefined && (followed.ns8 !== ns8 || !workers.has(followed.key))) {
        followed.stop.abort()
        followed = undefined
      }
      if (followed === undefined && ns8?.subscribe) {
        count += 1
        const [key, stop] = [`following the platform ${count}`, new AbortController()]
        followed = { ns8, key, stop }
        const till = AbortSignal.any([signal, stop.signal])
        workers.start(key, () => follow(current, workers, wake, till))
      }
      const elapsedMs = performance.now()
      if (elapsedMs - recheckedAt < recheckEveryMs) return
      recheckedAt = elapsedMs
      workers.start('recheck', async () => {
        const app = current()
        const open = await app.ledger.incidents({})
        if (!open.some(({ kind }) => kind === 'alert')) return
        await recheck(app, standing, await openPlatform(app), signal)
        onAnswer()
      })
    },
  }
}

async function follow(current: () => App, workers: Workers, wake: () => void, till: AbortSignal): Promise<void> {
  const platform = await openPlatform(current())
  const told = new Set<string>()
  await platform?.follow((plan) => {
    // Modules of a plan end in quick succession: what is told while somebody looks is looked at once more.
    if (told.size >= mostTold) return
    told.add(plan)
    workers.start(`plan ${plan} ended`, async () => {
      while (told.delete(plan) && !till.aborted) {
        const app = current()
        const now = await openPlatform(app)
        if (now !== undefined) await planEnded(app, plan, now, till)
      }
      wake()
    })
  }, till)
}
