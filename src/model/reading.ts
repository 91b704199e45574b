import type { Problem } from './problem.ts'
import type { SetName } from './set-name.ts'
import type { Lock } from './snapshot.ts'

/** One look at a repository: what is there now, what it cost, or why it could not be read. */
export interface Reading {
  readonly id: string
  readonly repository: string
  readonly startedAt: Date
  readonly endedAt: Date
  /** Why it could not be read; absent after a good reading. */
  readonly problem?: Problem
  /** How it was read: by the tool, or by a native reader. */
  readonly way: string
  /** What it cost, as far as the way can tell. */
  readonly requests?: number
  readonly bytes?: number
  /** Processor time in milliseconds, that of programs included; where several go on at once, its share. */
  readonly cpuMs?: number
  readonly snapshots?: number
  readonly locks?: readonly Lock[]
  /** Stored bytes of the repository; only when this reading measured it. */
  readonly sizeBytes?: number
  readonly toolVersion?: string
}

/** The snapshots of one (repository, host, user), and of tags or paths where asked for, as the last good reading left them. */
export interface BackupSet extends SetName {
  readonly repository: string
  readonly snapshots: number
  readonly newestId: string
  readonly newestAt: Date
  /** When Muster first saw the newest snapshot. */
  readonly newestSeenAt: Date
  /** Of the newest snapshot; absent where the tool does not say. */
  readonly sizeBytes?: number
  readonly files?: number
}
