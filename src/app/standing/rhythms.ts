/** What was learned of backup sets of which nobody said when they are due. */
import { setImmediate } from 'node:timers/promises'
import type { BackupSet } from '../../model/reading.ts'
import { keyOf } from '../../model/set-name.ts'
import { type Cadence, denseTaken, isDense, learnCadence, usualTaken } from '../../verdict/cadence.ts'
import type { App } from '../context.ts'
import { declaredFor, jobsOf, mayLearn } from './expectation.ts'

/** By `keyOf` a set. */
export type Rhythms = ReadonlyMap<string, Cadence>

/** Others are answered between so many sets. */
const setsAtOnce = 20

export async function rhythmsOf(app: App, sets: readonly BackupSet[]): Promise<Rhythms> {
  const rhythms = new Map<string, Cadence>()
  let asked = 0
  for (const set of sets) {
    if (declaredFor(app, set, jobsOf(app, set)) !== undefined || !mayLearn(app, set)) continue
    const usual = await app.ledger.takenTimes(set.repository, set, usualTaken)
    const taken = isDense(usual) ? await app.ledger.takenTimes(set.repository, set, denseTaken) : usual
    const cadence = learnCadence(taken, set.newestAt)
    if (cadence !== undefined) rhythms.set(keyOf(set), cadence)
    if (++asked % setsAtOnce === 0) await setImmediate()
  }
  return rhythms
}
