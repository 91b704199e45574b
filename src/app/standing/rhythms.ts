/** What was learned of backup sets of which nobody said when they are due. */
import { setImmediate } from 'node:timers/promises'
import type { BackupSet } from '../../model/reading.ts'
import { keyOf, setKeys } from '../../model/set-name.ts'
import type { Taken } from '../../model/snapshot.ts'
import { type Cadence, denseTaken, isDense, learnCadence, usualTaken } from '../../verdict/cadence.ts'
import type { App } from '../context.ts'
import { declaredFor, jobsOf, mayLearn } from './expectation.ts'

/** By `keyOf` a set. */
export type Rhythms = ReadonlyMap<string, Cadence>

/** A repository to which somebody adds hosts or tags without end does not keep us busy with them. */
const mostSets = 1_000
/** So many snapshots of one host and user, where they are told apart by more. */
const mostTaken = 20_000
/** Others are answered between so many sets. */
const setsAtOnce = 20

export async function rhythmsOf(app: App, sets: readonly BackupSet[]): Promise<Rhythms> {
  const rhythms = new Map<string, Cadence>()
  const open = sets.filter((set) => mayLearn(app, set) && declaredFor(app, set, jobsOf(app, set)) === undefined)
  // The sort is stable, and sets come by their names.
  const asked = open.toSorted((a, b) => b.snapshots - a.snapshots).slice(0, mostSets)
  let count = 0
  for (const own of Map.groupBy(asked, ({ host, user }) => keyOf({ host, user })).values()) {
    const takenOf = await readerOf(app, own)
    for (const set of own) {
      const cadence = learnCadence(await takenOf(set), set.newestAt)
      if (cadence !== undefined) rhythms.set(keyOf(set), cadence)
      if (++count % setsAtOnce === 0) await setImmediate()
    }
  }
  return rhythms
}

/** For sets of one host and user; where tags or paths tell them apart, the newest of all are looked at together. */
async function readerOf({ ledger }: App, own: readonly BackupSet[]) {
  const { repository, host, user } = own[0] as BackupSet
  const by = setKeys.filter((key) => own[0]?.[key] !== undefined)
  if (by.length === 0)
    return async (): Promise<readonly Taken[]> => {
      const usual = await ledger.takenTimes(repository, { host, user }, usualTaken)
      return isDense(usual) ? ledger.takenTimes(repository, { host, user }, denseTaken) : usual
    }
  const most = Math.min(mostTaken, denseTaken * own.length)
  const all = await ledger.takenTimes(repository, { host, user }, most, by)
  const groups = Map.groupBy(all, ({ tags, paths }) =>
    keyOf({ host, user, ...(tags && { tags }), ...(paths && { paths }) }),
  )
  return async (set: BackupSet): Promise<readonly Taken[]> => {
    const taken = groups.get(keyOf(set)) ?? []
    const usual = taken.slice(0, usualTaken)
    return isDense(usual) ? taken.slice(0, denseTaken) : usual
  }
}
