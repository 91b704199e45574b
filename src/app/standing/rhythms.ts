/** What was learned of backup sets of which nobody said when they are due. */
import { setImmediate } from 'node:timers/promises'
import type { BackupSet } from '../../model/reading.ts'
import { keyOf } from '../../model/set-name.ts'
import { type Cadence, denseTaken, isDense, learnCadence, usualTaken } from '../../verdict/cadence.ts'
import type { App } from '../context.ts'
import { declaredFor, jobsOf, mayLearn } from './expectation.ts'

/** By `keyOf` a set. */
export type Rhythms = ReadonlyMap<string, Cadence>

/** A repository to which somebody adds hosts or tags without end does not keep us busy with them. */
const mostSets = 1_000
/** Others are answered between so many sets. */
const setsAtOnce = 20

export async function rhythmsOf(app: App, sets: readonly BackupSet[]): Promise<Rhythms> {
  const rhythms = new Map<string, Cadence>()
  const open = sets.filter((set) => mayLearn(app, set) && declaredFor(app, set, jobsOf(app, set)) === undefined)
  // The sort is stable, and sets come by their names.
  const asked = open.toSorted((a, b) => b.snapshots - a.snapshots).slice(0, mostSets)
  for (const [at, set] of asked.entries()) {
    const usual = await app.ledger.takenTimes(set.repository, set, usualTaken)
    const taken = isDense(usual) ? await app.ledger.takenTimes(set.repository, set, denseTaken) : usual
    const cadence = learnCadence(taken, set.newestAt)
    if (cadence !== undefined) rhythms.set(keyOf(set), cadence)
    if (at % setsAtOnce === 0) await setImmediate()
  }
  return rhythms
}
