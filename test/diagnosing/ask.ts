import type { App } from '../../src/app/context.ts'
import { lookInto } from '../../src/app/diagnosing/diagnosing.ts'
import { standingOf } from '../../src/app/standing.ts'
import type { SortedAlert } from '../../src/model/alert.ts'
import type { Diagnosis } from '../../src/model/diagnosis.ts'

let count = 0

/** One alert: told, waited for, and looked into as the daemon does it. */
export async function askAbout(
  app: App,
  labels: Record<string, string>,
  more: Partial<SortedAlert> = {},
): Promise<Diagnosis> {
  count += 1
  const now = app.now()
  const alert: SortedAlert = {
    fingerprint: `f${count}`,
    status: 'firing',
    labels,
    annotations: {},
    startsAt: now,
    counts: true,
    group: `g${count}`,
    way: 'webhook',
    receivedAt: now,
    truncated: 0,
    ...more,
  }
  await app.ledger.digest({ intakes: [], alerts: [alert], now, waitMs: 0, opensWhenResolved: true })
  const diagnosis = await app.ledger.claimDiagnosis(app.now(), 60_000)
  if (diagnosis === undefined) throw new Error('nothing waits')
  const { signal } = new AbortController()
  await lookInto(app, diagnosis, () => standingOf(app, { configLoadedAt: now }), signal)
  const [done] = await app.ledger.diagnoses({ most: 1 })
  if (done?.id !== diagnosis.id || done.finding === undefined) throw new Error('nothing was concluded')
  return done
}
