/** Names under which a job is told of to those who do not ask: pushed, or laid into a file. One folder a set; pure. */
import type { JobStanding, RepositoryStanding, Standing } from '../../../model/standing.ts'
import type { Family } from '../family.ts'

/** What the configuration has to know of a set, without its code. */
export interface NameSettings {
  /** Group on a gateway, as templates; an empty instance is none. */
  readonly job: string
  readonly instance: string
  /** `post` leaves other metrics of the group alone. */
  readonly method: 'put' | 'post'
  /** Its series name their job, so that several jobs may be told of in one place. */
  readonly namesJob: boolean
}

/** What is known of one job. */
export interface JobFacts {
  readonly job: JobStanding
  readonly totals: Standing['totals']
  readonly repository: Pick<RepositoryStanding, 'name' | 'toolVersion' | 'operations'> | undefined
  /** Of Muster. */
  readonly version: string
}

export interface NameSet {
  /** @returns Nothing while there is nothing to tell: the job never ran. What is unknown has no sample. */
  families(facts: JobFacts): readonly Family[] | undefined
}
