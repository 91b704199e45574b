/** The sections of `/metrics`, and the families of each, for one repository at a time. */
import type { SetStanding } from '../../model/standing.ts'
import { cappedSets } from './cap.ts'
import { isPlain } from './exposition.ts'
import type { Family, Kind } from './family.ts'
import { jobFamilies } from './job-families.ts'
import type { Part } from './parts.ts'
import { labelsOf, repositoryFamilies, setFamilies } from './repository-families.ts'

export interface Section {
  /** In order; `steps` yields as many families each time. */
  readonly kinds: readonly Kind[]
  /** What its text is made from: while these are the same objects, so is the text. */
  inputs(part: Part): readonly unknown[]
  /** Families whose lines belong behind one another, in steps small enough to do something else between two. */
  steps(part: Part, maxSeries: number): Iterable<readonly Family[]>
}

/** So many backup sets a step. */
const setsAtOnce = 200

export const sections: readonly Section[] = [
  {
    kinds: repositoryFamilies([]),
    inputs: ({ repository }) => [repository],
    *steps({ repository }) {
      if (repository !== undefined) yield repositoryFamilies([repository])
    },
  },
  {
    kinds: setFamilies('', [], undefined),
    inputs: ({ repository }) => [repository?.name, repository?.sets],
    *steps({ repository }, maxSeries) {
      if (repository === undefined) return
      const { sets, dropped } = cappedSets(repository.sets, maxSeries)
      yield setFamilies(repository.name, [], dropped)
      // Two names that are the same once they are replaced or cut are found only among all of them.
      const most = sets.every(isWritable) ? setsAtOnce : sets.length
      for (let at = 0; at < sets.length; at += most)
        yield setFamilies(repository.name, sets.slice(at, at + most), undefined)
    },
  },
  {
    kinds: jobFamilies([], [], []),
    inputs: ({ repository, jobs, totals }) => [repository?.name, repository?.operations, ...jobs, ...totals],
    *steps({ repository, jobs, totals }) {
      yield jobFamilies(jobs, repository === undefined ? [] : [repository], totals)
    },
  },
]

const isWritable = (set: SetStanding): boolean => Object.values(labelsOf('', set)).every(isPlain)
