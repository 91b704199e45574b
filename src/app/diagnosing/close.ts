/** Closing what an alert told of by hand: where the alert is never called off, and what it is about cannot be seen from here. */
import { fail, ok, type Result } from '../../model/problem.ts'
import { incidentKey } from '../../verdict/diagnosis/answer.ts'
import type { App } from '../context.ts'

/** @param id Of the diagnosis, or its beginning. @returns The name of what is closed, or why nothing is. */
export async function closeAlarm(app: App, id: string): Promise<Result<string>> {
  const open = (await app.ledger.incidents({})).filter(({ kind }) => kind === 'alert')
  const diagnoses = await app.ledger.diagnoses({ most: 1_000 })
  const groups = new Set(
    diagnoses.filter((one) => id !== '' && one.id.includes(id)).map(({ group }) => incidentKey(group)),
  )
  const mine = open.filter(({ key }) => groups.has(key))
  const [only] = mine
  if (only === undefined || mine.length > 1)
    return fail({
      code: 'diagnosis.not-open',
      message: mine.length > 1 ? `${id} is part of several ids.` : `Nothing is open by the id ${id}.`,
      next: 'Take the whole id: muster alerts shows it.',
      retry: 'never',
    })
  await app.ledger.changeIncidents({ opened: [], changed: [], closed: [only.number] }, app.now())
  return ok(only.name)
}
