/** The cap on series of one repository. */
import { keyOf } from '../../model/set-name.ts'
import type { SetStanding } from '../../model/standing.ts'
import { ownStates } from '../../model/verdict.ts'

/** How many series a backup set has in the families of `setFamilies`. */
const seriesOf = ({ set, verdict, expectation }: SetStanding): number =>
  2 +
  ownStates.length +
  Number('expectedBefore' in verdict && verdict.expectedBefore !== undefined) +
  Number(expectation !== undefined) +
  Number(expectation?.confidence !== undefined) +
  Number(set.sizeBytes !== undefined) +
  Number(set.files !== undefined)

export interface Capped {
  readonly sets: readonly SetStanding[]
  /** Series left out. */
  readonly dropped: number
}

/**
 * Leaves out whole backup sets beyond the cap, the same ones in every family, so that none is told by halves. Which ones
 * stay does not depend on time: the first ones by name.
 */
export function cappedSets(sets: readonly SetStanding[], maxSeries: number): Capped {
  let used = sets.reduce((sum, set) => sum + seriesOf(set), 0)
  if (used <= maxSeries) return { sets, dropped: 0 }
  const named = sets.map((set) => [keyOf(set.set), set] as const)
  const out = new Set<SetStanding>()
  let dropped = 0
  used = 0
  for (const [, set] of named.sort(([a], [b]) => (a < b ? -1 : 1))) {
    used += seriesOf(set)
    if (used <= maxSeries) continue
    out.add(set)
    dropped += seriesOf(set)
  }
  return { sets: sets.filter((set) => !out.has(set)), dropped }
}
