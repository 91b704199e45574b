/** Metrics under the names of another exporter, so that dashboards and alerts stay as they are. Renderers are pure. */
import type { BackupCounters } from '../../../model/run.ts'
import type { Snapshot } from '../../../model/snapshot.ts'
import type { JobStanding, RepositoryStanding } from '../../../model/standing.ts'

/** Of everything that is watched: `/compat/SYSTEM/metrics`. */
export interface AllFacts {
  readonly now: Date
  readonly repositories: readonly RepositoryStanding[]
  readonly jobs: readonly JobStanding[]
  /** When the newest collection of all repositories ended. */
  readonly collectedAt: Date | undefined
  /** The address of a repository as it may be shown. */
  urlOf(repository: RepositoryStanding): string
  /** Of a repository that cannot be read, tell what was last known; the other program may tell nothing. */
  readonly keepsKnown: boolean
}

/** What a run of ours says of the snapshot it made. */
export interface MadeBy {
  readonly counters: BackupCounters
  readonly durationMs: number
}

/** Of one repository: `/compat/SYSTEM/REPOSITORY/metrics`. */
export interface RepositoryFacts {
  readonly repository: RepositoryStanding
  /** All that are there, in any order. */
  readonly snapshots: readonly Snapshot[]
  /** By the id of the snapshot; only for those that Muster made. */
  readonly made: ReadonlyMap<string, MadeBy>
}

interface Named {
  readonly system: string
  /** For the reference, of names that are written without a HELP. */
  readonly meanings?: Readonly<Record<string, string>>
}

export type OfAll = Named & { readonly scope: 'all'; render(facts: AllFacts): string }
export type OfOne = Named & { readonly scope: 'repository'; render(facts: RepositoryFacts): string }
/** One text for all repositories of a tool, with their snapshots: `/compat/SYSTEM/metrics`. */
export type OfEach = Named & {
  readonly scope: 'tool'
  readonly tool: string
  render(facts: readonly RepositoryFacts[]): string
}

export type Compat = OfAll | OfOne | OfEach
