/** Sorting what came in, beside the loop of the daemon. */
import { type Beside, longestSleepMs, startBeside } from '../beside.ts'
import type { App } from '../context.ts'
import type { Intake } from './intake.ts'
import { sortBodies } from './sort.ts'

/** @param onRelevant Something is to be looked into. */
export function startReceiving(
  current: () => App,
  intake: Intake,
  signal: AbortSignal,
  onRelevant: () => void,
): Beside {
  let isLookedAt = false
  const turn = async (): Promise<number> => {
    const app = current()
    if (!isLookedAt) {
      const { bodies, bytes } = await app.ledger.intakeBacklog()
      intake.found(bodies, bytes)
      isLookedAt = true
    }
    for (;;) {
      const { bodies, bytes, relevant } = await sortBodies(app)
      intake.sorted(bodies, bytes)
      if (relevant > 0) onRelevant()
      if (bodies === 0 || signal.aborted) return longestSleepMs
    }
  }
  return startBeside(() => current().log, { cannot: 'alerts cannot be sorted now', turn }, signal)
}
