/** Whether what is handed on without being asked for arrives. */
import { pushTargets } from '../../model/push.ts'
import type { PushStanding } from '../../model/standing.ts'
import type { App } from '../context.ts'

export async function pushesOf(app: App): Promise<PushStanding[]> {
  const configured = pushTargets.filter((target) => app.config.metrics[target] !== undefined)
  if (configured.length === 0) return []
  const [pushes, totals] = [await app.ledger.pushes(), await app.ledger.pushTotals()]
  return configured.map((target) => {
    const own = pushes.filter((push) => push.target === target)
    const pending = own
      .filter(({ state }) => state === 'pending')
      .sort((a, b) => a.madeAt.getTime() - b.madeAt.getTime())
    const refused = own.filter(({ state }) => state === 'refused')
    const kept = own.flatMap(({ keptAt }) => keptAt?.getTime() ?? [])
    const problem = (refused[0] ?? pending.find((push) => push.problem !== undefined))?.problem
    const totalOf = (state: 'kept' | 'refused'): number =>
      totals.find((total) => total.target === target && total.state === state)?.pushes ?? 0
    return {
      target,
      pending: pending.length,
      ...(pending[0] && { oldestPending: pending[0].madeAt }),
      refused: refused.length,
      ...(refused[0] && { oldestRefused: new Date(Math.min(...refused.map(({ madeAt }) => madeAt.getTime()))) }),
      ...(kept.length > 0 && { lastKept: new Date(Math.max(...kept)) }),
      ...(problem && { problem }),
      totals: { kept: totalOf('kept'), refused: totalOf('refused') },
    }
  })
}
