import type { RepositoryFacts } from './compat.ts'
import type { GoGauge } from './go-text.ts'

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
