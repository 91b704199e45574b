/** Metrics under the names of another exporter, so that dashboards and alerts stay as they are. Renderers are pure. */
import type { BackupCounters } from '../../../model/run.ts'
import type { Snapshot } from '../../../model/snapshot.ts'
import type { RepositoryStanding } from '../../../model/standing.ts'

/** Of everything that is watched: `/compat/SYSTEM/metrics`. */
export interface AllFacts {
  readonly now: Date
  readonly repositories: readonly RepositoryStanding[]
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

export type Compat =
  | { readonly system: string; readonly scope: 'all'; render(facts: AllFacts): string }
  | { readonly system: string; readonly scope: 'repository'; render(facts: RepositoryFacts): string }
