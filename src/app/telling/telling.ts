/** Telling in a daemon: beside its loop, so that whoever does not answer holds nothing up. */
import type { Standing } from '../../model/standing.ts'
import { openAlarm } from '../alarm.ts'
import type { App } from '../context.ts'
import { openWorkers } from '../workers.ts'
import { deliver } from './deliver.ts'
import { report } from './reports.ts'
import { tell } from './tell.ts'

/** Verdicts turn with time too: they are looked at so often at least. */
const longestSleepMs = 15_000
const shortestSleepMs = 200

export interface Telling {
  /** Something happened. */
  wake(): void
  readonly done: Promise<void>
}

const earlier = (one: Date | undefined, other: Date | undefined): Date | undefined =>
  one === undefined || (other !== undefined && other < one) ? other : one

export function startTelling(current: () => App, standing: () => Promise<Standing>, signal: AbortSignal): Telling {
  const alarm = openAlarm()
  const workers = openWorkers(current().log)
  signal.addEventListener('abort', () => alarm.wake(), { once: true })

  const turn = async (): Promise<number> => {
    const app = current()
    const stands = await standing()
    const next = earlier(await tell(app, stands), await report(app, stands))
    const pending = await app.ledger.deliveries({ states: ['pending'], most: 1000 })
    const names = new Set([...Object.keys(app.config.notify), ...pending.map(({ notifier }) => notifier)])
    for (const name of names)
      if (pending.some(({ notifier, nextAt }) => notifier === name && nextAt <= app.now()))
        workers.start(name, async () => {
          await deliver(current(), signal, [name])
          alarm.wake()
        })
    const times = [next, ...pending.map(({ nextAt }) => nextAt)].flatMap((at) => (at === undefined ? [] : at.getTime()))
    // What a worker has in hand is not waited for.
    const ahead = times.filter((at) => at > app.now().getTime())
    return Math.max(shortestSleepMs, Math.min(longestSleepMs, ...ahead.map((at) => at - app.now().getTime())))
  }

  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      let pauseMs = longestSleepMs
      try {
        pauseMs = await turn()
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        current().log.error({ error }, `nobody can be told now: ${why}`)
      }
      await alarm.sleep(pauseMs, signal)
    }
    await workers.drained()
  }
  return { wake: () => alarm.wake(), done: loop() }
}
