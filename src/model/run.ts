import type { Problem } from './problem.ts'
import type { ProcessMark } from './process-mark.ts'

/** What a run does. One word for it in configuration, ledger, metrics, API and page. */
export const operations = ['backup', 'forget', 'prune', 'check', 'copy', 'drill', 'init', 'unlock'] as const
export type Operation = (typeof operations)[number]

/**
 * How a run ended; the same for all tools and versions.
 * `warning`: the snapshot was made, something was left out. `interrupted`: Muster itself died while it ran (only ever
 * written by the recovery after a crash). `skipped`: it was not started, for a recorded reason.
 */
export const outcomes = ['ok', 'warning', 'failed', 'cancelled', 'timed-out', 'skipped', 'interrupted'] as const
export type Outcome = (typeof outcomes)[number]

/** Why a run was started; `recovery`: to clear up after a crash; `ping`: another program runs it, and told of it. */
export const triggers = ['manual', 'schedule', 'catch-up', 'recovery', 'ping'] as const
export type Trigger = (typeof triggers)[number]

/** What a backup did, in the words of the tool's summary. Absent fields are unknown, never 0. Sizes in bytes. */
export interface BackupCounters {
  readonly filesNew?: number
  readonly filesChanged?: number
  readonly filesUnmodified?: number
  readonly dirsNew?: number
  readonly dirsChanged?: number
  readonly dirsUnmodified?: number
  readonly processedFiles?: number
  readonly processedBytes?: number
  /** Bytes added to the repository, after compression where the tool says so. */
  readonly addedBytes?: number
  /** Snapshots a forget removed and kept. */
  readonly snapshotsRemoved?: number
  readonly snapshotsKept?: number
}

/** A file the tool could not read or had to leave out. */
export interface SkippedFile {
  readonly path: string
  readonly reason: string
}

/** One execution of an operation: a row of the ledger. */
export interface Run {
  readonly id: string
  /** All runs of one `muster run` of a job share it: backup, forget, prune … */
  readonly roundId: string
  /** Absent for runs that belong to a repository and no job (`prune`, `check`, `unlock`). */
  readonly job?: string
  /** Empty for a run that another program told of: where that writes to is not known. */
  readonly repository: string
  readonly operation: Operation
  readonly trigger: Trigger
  /** The scheduled instant this run answers; at most one run exists for each. */
  readonly scheduledFor?: Date
  readonly startedAt: Date
  readonly endedAt?: Date
  /** Absent while it runs. */
  readonly outcome?: Outcome
  readonly exitCode?: number
  readonly problem?: Problem
  readonly snapshotId?: string
  readonly counters?: BackupCounters
  /** Capped; `skippedCount` has the whole number. */
  readonly skipped?: readonly SkippedFile[]
  readonly skippedCount?: number
  readonly toolVersion?: string
  /** The end of what the tool said, redacted; only of a run that did not go well. What another program told of its own, always. */
  readonly log?: string
  /** The tool's process, as far as one was started. */
  readonly child?: ProcessMark
}
