import type { Snapshot } from '../../../model/snapshot.ts'
import type { RepositoryFacts } from './compat.ts'
import type { GoGauge } from './go-text.ts'
import { newestOf } from './newest.ts'

export type GaugeOf = (name: string, help: string, value: (facts: RepositoryFacts) => number | undefined) => GoGauge

/** One series a repository, by its address under this label; none where the value is not known. */
export const gaugesOf =
  (label: string, all: readonly RepositoryFacts[]): GaugeOf =>
  (name, help, value) => ({
    name,
    help,
    samples: all.flatMap((facts) => {
      const known = value(facts)
      return known === undefined ? [] : [{ labels: { [label]: facts.repository.location }, value: known }]
    }),
  })

/** How many snapshots there are; unknown before the first reading. */
export const countOf = ({ repository, snapshots }: RepositoryFacts): number | undefined =>
  repository.lastGoodReading === undefined ? undefined : snapshots.length

/** Of the newest snapshot, where there is one. */
export const ofNewest =
  (value: (newest: Snapshot, facts: RepositoryFacts) => number | undefined) =>
  (facts: RepositoryFacts): number | undefined => {
    const newest = newestOf(facts.snapshots)
    return newest && value(newest, facts)
  }

export const tookSeconds = ({ takenAt, finishedAt }: Snapshot): number | undefined =>
  finishedAt && (finishedAt.getTime() - takenAt.getTime()) / 1000

/** Bytes it added to the repository; known of what Muster made. */
export const addedBytes = ({ id }: Snapshot, { made }: RepositoryFacts): number | undefined =>
  made.get(id)?.counters.addedBytes
