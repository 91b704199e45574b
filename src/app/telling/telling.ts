/** Telling in a daemon: beside its loop, so that whoever does not answer holds nothing up. */
import type { Standing } from '../../model/standing.ts'
import { type Beside, longestSleepMs, shortestSleepMs, startBeside } from '../beside.ts'
import type { App } from '../context.ts'
import type { Workers } from '../workers.ts'
import { deliver } from './deliver.ts'
import { report } from './reports.ts'
import { tell } from './tell.ts'

const earlier = (one: Date | undefined, other: Date | undefined): Date | undefined =>
  one === undefined || (other !== undefined && other < one) ? other : one

export function startTelling(current: () => App, standing: () => Promise<Standing>, signal: AbortSignal): Beside {
  const turn = async (workers: Workers, wake: () => void): Promise<number> => {
    const app = current()
    const stands = await standing()
    const next = earlier(await tell(app, stands), await report(app, stands))
    const pending = await app.ledger.deliveries({ states: ['pending'], most: 1000 })
    const names = new Set([...Object.keys(app.config.notify), ...pending.map(({ notifier }) => notifier)])
    for (const name of names)
      if (pending.some(({ notifier, nextAt }) => notifier === name && nextAt <= app.now()))
        workers.start(name, async () => {
          // What another process has in hand, or had when it died, is not asked for again and again.
          if ((await deliver(current(), signal, [name])).tried > 0) wake()
        })
    const times = [next, ...pending.map(({ nextAt }) => nextAt)].flatMap((at) => (at === undefined ? [] : at.getTime()))
    // What a worker has in hand is not waited for.
    const ahead = times.filter((at) => at > app.now().getTime())
    return Math.max(shortestSleepMs, Math.min(longestSleepMs, ...ahead.map((at) => at - app.now().getTime())))
  }

  return startBeside(() => current().log, { cannot: 'nobody can be told now', turn }, signal)
}
