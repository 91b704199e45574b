/** How notifiers stand: whether what they are given is heard. */
import type { NotifierStanding } from '../../model/standing.ts'
import type { App } from '../context.ts'

export async function notifiersOf(app: App): Promise<NotifierStanding[]> {
  const configured = Object.entries(app.config.notify)
  if (configured.length === 0) return []
  const [heads, totals] = [await app.ledger.deliveryHeads(), await app.ledger.deliveryTotals()]
  return configured.map(([name, { kind }]) => {
    const head = heads.find(({ notifier }) => notifier === name)
    const totalOf = (state: 'delivered' | 'dead'): number =>
      totals.find((total) => total.notifier === name && total.state === state)?.deliveries ?? 0
    const { oldestPending, lastDelivered, lastDead } = head ?? {}
    const deliveredAt = lastDelivered?.doneAt
    const isDead = lastDead?.doneAt !== undefined && (deliveredAt === undefined || lastDead.doneAt > deliveredAt)
    const problem = isDead ? lastDead.problem : oldestPending?.problem
    return {
      name,
      kind,
      pending: head?.pending ?? 0,
      ...(oldestPending && { oldestPending: oldestPending.madeAt }),
      ...(deliveredAt && { lastDelivered: deliveredAt }),
      ...(lastDead?.doneAt && { lastDead: lastDead.doneAt }),
      ...(problem && { problem }),
      totals: { delivered: totalOf('delivered'), dead: totalOf('dead') },
    }
  })
}
