/** What rules have to know of a configuration: names, and how often things are due. Times in milliseconds. */
import type { PushTarget } from '../../model/push.ts'

export interface RepositoryFacts {
  readonly name: string
  /** `restic`, `borg`, `rclone`. */
  readonly tool: string
  /** The address as metrics show it, credentials masked. */
  readonly shownUrl: string
  /** The longest pause between two readings, and how long one may take. */
  readonly readEveryMs: number
  readonly readLimitMs: number
  /** Where sets that something else writes have their deadline from: `declared` for some of them at least. */
  readonly deadlines: 'declared' | 'learned' | 'archived' | 'none'
  /** The longest time between two; absent without a schedule. */
  readonly checkEveryMs?: number
  readonly pruneEveryMs?: number
  /** More used than this share is too much; absent where nothing tells the room of the store. */
  readonly spaceAlarm?: number
  /** Somebody wants its room watched. */
  readonly isSpaceAsked?: boolean
}

export interface JobFacts {
  readonly name: string
  /** Absent where another program runs it and tells of it. */
  readonly repository?: string
  /** The longest time between two backups; absent where nothing says when the next is due. */
  readonly everyMs?: number
  readonly hasRetention: boolean
}

export interface RuleFacts {
  readonly repositories: readonly RepositoryFacts[]
  readonly jobs: readonly JobFacts[]
  /** Names of notifiers. */
  readonly notifiers: readonly string[]
  /** Where metrics are handed on to. */
  readonly pushes: readonly PushTarget[]
}

/** What groups of alerts are printed: Muster's own, and those on the names of other exporters. */
export type RuleSet = 'muster' | 'restic-reporter' | 'borg-exporter'
