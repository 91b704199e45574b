/** What of a group fires: told since its incident opened, and not called off since. */
import { alertKey, type SortedAlert } from '../../model/alert.ts'
import { incidentKey } from '../../verdict/diagnosis/answer.ts'
import type { App } from '../context.ts'

/** Longer than the first of a group waits and is looked into before its incident opens. */
const aheadMs = 3_600_000
const most = 20_000

export async function firingOf(app: App, group: string): Promise<readonly SortedAlert[]> {
  const open = (await app.ledger.incidents({})).find(({ key }) => key === incidentKey(group))
  const since = new Date((open?.openedAt ?? app.now()).getTime() - aheadMs - app.config.diagnose.wait)
  const alerts = (await app.ledger.alerts({ group, since, most })).filter(({ counts }) => counts)
  const firing = alerts.filter(({ status }) => status === 'firing')
  const over = await app.ledger.knownAlerts(firing.map((alert) => alertKey({ ...alert, status: 'resolved' })))
  return firing.filter((alert) => !over.has(alertKey({ ...alert, status: 'resolved' })))
}
