/** How alerts come in. */
import type { InboxStanding } from '../../model/standing.ts'
import type { App } from '../context.ts'
import { alertmanagerOf } from '../inbox/polled.ts'

export async function inboxOf(
  app: App,
  backlog: InboxStanding['backlog'],
): Promise<{ readonly inbox?: InboxStanding }> {
  const totals = await app.ledger.alertTotals()
  const alertmanager = await alertmanagerOf(app)
  if (totals.length === 0 && app.config.inbox === undefined) return {}
  const isTaken = app.config.inbox !== undefined && backlog !== undefined
  return { inbox: { totals, ...(isTaken && { backlog }), ...(alertmanager && { alertmanager }) } }
}
