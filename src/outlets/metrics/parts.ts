/** A standing cut into repositories, each with its jobs and totals, so that what did not change need not be written again. */
import type { JobStanding, RepositoryStanding, Standing } from '../../model/standing.ts'

export interface Part {
  /** Absent for jobs of repositories that are not there. */
  readonly repository?: RepositoryStanding
  readonly jobs: readonly JobStanding[]
  readonly totals: Standing['totals']
}

/** In the order of the repositories. */
export function partsOf({ repositories, jobs, totals }: Pick<Standing, 'repositories' | 'jobs' | 'totals'>): Part[] {
  const own = Map.groupBy(jobs, ({ repository }) => repository)
  const counted = Map.groupBy(totals, ({ repository }) => repository)
  const parts = repositories.map((repository): Part => {
    const part = { repository, jobs: own.get(repository.name) ?? [], totals: counted.get(repository.name) ?? [] }
    own.delete(repository.name)
    counted.delete(repository.name)
    return part
  })
  return own.size + counted.size === 0
    ? parts
    : [...parts, { jobs: [...own.values()].flat(), totals: [...counted.values()].flat() }]
}
