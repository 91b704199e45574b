/** Sorting what came in, beside the loop of the daemon. */
import { setTimeout as pause, setImmediate } from 'node:timers/promises'
import { type Beside, longestSleepMs, startBeside } from '../beside.ts'
import type { App } from '../context.ts'
import type { Intake } from './intake.ts'
import { sortBodies } from './sort.ts'

const longestRestMs = 200
/** What part of the time sorting takes while bodies come in: all of it before there are so many that none is taken any more. */
const partOf = ({ bodies, bytes }: { readonly bodies: number; readonly bytes: number }): number =>
  bodies > 100_000 || bytes > 256 * mib ? 1 : bodies > 20_000 || bytes > 64 * mib ? 0.5 : 0.2
const mib = 1024 * 1024

/** @param onRelevant Something is to be looked into. */
export function startReceiving(
  current: () => App,
  intake: Intake,
  signal: AbortSignal,
  onRelevant: () => void,
): Beside {
  let isLookedAt = false
  // Who waits for an answer comes first: sorting takes its part of the only thread, more of it the more there is to sort.
  const rest = (spentMs: number): Promise<unknown> =>
    intake.isBusy() ? pause(Math.min(longestRestMs, spentMs * (1 / partOf(intake.backlog()) - 1))) : setImmediate()
  const turn = async (): Promise<number> => {
    const app = current()
    if (!isLookedAt) {
      const { bodies, bytes } = await app.ledger.intakeBacklog()
      intake.found(bodies, bytes)
      isLookedAt = true
    }
    for (;;) {
      const { bodies, bytes, relevant } = await sortBodies(app, rest)
      intake.sorted(bodies, bytes)
      if (relevant > 0) onRelevant()
      if (bodies === 0 || signal.aborted) return longestSleepMs
    }
  }
  return startBeside(() => current().log, { cannot: 'alerts cannot be sorted now', turn }, signal)
}
