/** Work that goes on beside the loop of the daemon, so that whoever does not answer holds nothing up. */
import type { Log } from '../system/log.ts'
import { openAlarm } from './alarm.ts'
import { openWorkers, type Workers } from './workers.ts'

/** It is looked at so often at least. */
export const longestSleepMs = 15_000
export const shortestSleepMs = 200

export interface Beside {
  /** Something happened. */
  wake(): void
  readonly done: Promise<void>
}

export interface BesideWork {
  /** What cannot be done when a turn fails: `nobody can be told now`. */
  readonly cannot: string
  /** One turn. @returns How long to sleep. */
  turn(workers: Workers, wake: () => void): Promise<number>
}

/** Turns until it is aborted; a turn that fails is told and tried again. */
export function startBeside(log: () => Log, { cannot, turn }: BesideWork, signal: AbortSignal): Beside {
  const alarm = openAlarm()
  const workers = openWorkers(log())
  signal.addEventListener('abort', () => alarm.wake(), { once: true })
  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      let pauseMs = longestSleepMs
      try {
        pauseMs = await turn(workers, () => alarm.wake())
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        log().error({ error }, `${cannot}: ${why}`)
      }
      await alarm.sleep(pauseMs, signal)
    }
    await workers.drained()
  }
  return { wake: () => alarm.wake(), done: loop() }
}
