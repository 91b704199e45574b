/** A daemon's look at every row of its ledger, soon after the start, which it would only hold up. */
import { setTimeout as pause } from 'node:timers/promises'
import type { App } from './context.ts'

const afterMs = 20_000

/** Resolves when all was read, or when it is to end before. What is damaged is told in the log, on the page and in metrics. */
export async function verifySoon(app: App, signal: AbortSignal, waitMs = afterMs): Promise<void> {
  try {
    await pause(waitMs, undefined, { signal, ref: false })
    const damage = await app.ledger.verify()
    if (damage.length === 0) return
    await app.ledger.distrust(damage.join('; '))
    app.log.error({}, `${app.ledger.degraded?.message} ${app.ledger.degraded?.next}`)
  } catch (error) {
    if (signal.aborted) return
    app.log.error(
      { error },
      `the ledger could not be verified: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}
