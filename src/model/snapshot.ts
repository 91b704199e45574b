import type { BackupCounters } from './run.ts'

/** One point in time in a repository (borg: archive; rclone: dated folder). */
export interface Snapshot {
  /** The full id, 64 hex digits for restic. */
  readonly id: string
  /** The time the snapshot claims. */
  readonly takenAt: Date
  /** Where a snapshot has a name of its own (borg). */
  readonly name?: string
  readonly host: string
  readonly user: string
  readonly tags: readonly string[]
  readonly paths: readonly string[]
  /** Bytes and files the snapshot holds; absent where the tool does not say (restic before 0.17). */
  readonly sizeBytes?: number
  readonly files?: number
  /** Version of the program that wrote it, such as `restic 0.18.0`. */
  readonly program?: string
  /** Zone of `takenAt` as it was written, in minutes east of UTC: policies count days in it. */
  readonly offsetMinutes?: number
  /** When the backup ended; `takenAt` is when it began. Absent where the tool does not say. */
  readonly finishedAt?: Date
  /** Id of the snapshot this one was first, before it was tagged, rewritten or copied. */
  readonly original?: string
  /** Id of the newest snapshot of its like when the backup began. Absent where there was none, or it was not looked for. */
  readonly parent?: string
  /** What the backup did, by its own summary. */
  readonly counters?: BackupCounters
  /** How a person removes it, where that is not `restic forget`. Known of what was just read alone. */
  readonly removal?: string
  /** A state of something that lives on: one with the same word takes its place, and this one was not deleted then. */
  readonly living?: string
}

/** One snapshot, as far as its time goes. */
export interface Taken {
  /** The time it claims. */
  readonly takenAt: Date
  readonly seenAt: Date
  /** Tagged, rewritten or copied: made by somebody's hand, whenever that was. */
  readonly isRewritten: boolean
}

/** A lock somebody holds on a repository. */
export interface Lock {
  readonly id: string
  readonly takenAt: Date
  readonly exclusive: boolean
  readonly host: string
  readonly user: string
  readonly pid: number
}
