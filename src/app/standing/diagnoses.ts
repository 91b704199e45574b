/** What came of alerts: what waits, what is open, what was found so far. */
import type { DiagnosesStanding } from '../../model/standing.ts'
import type { App } from '../context.ts'

export async function diagnosesOf(app: App): Promise<{ readonly diagnoses?: DiagnosesStanding }> {
  const [totals, waiting] = [await app.ledger.diagnosisTotals(), await app.ledger.waitingDiagnoses()]
  if (totals.length === 0 && waiting === 0 && app.config.inbox === undefined) return {}
  const open = totals.length === 0 ? [] : (await app.ledger.incidents({})).filter(({ kind }) => kind === 'alert')
  return { diagnoses: { waiting, open, totals } }
}
