/** How everything stands now: what the outlets (metrics, page, API, terminal) tell. Built from ledger and configuration. */
import type { AlertTotal } from './alert.ts'
import type { Cause, DiagnosisOutcome } from './diagnosis.ts'
import type { KeptFinding } from './history.ts'
import type { Incident } from './incident.ts'
import type { Problem } from './problem.ts'
import type { PushTarget } from './push.ts'
import type { BackupSet, Reading } from './reading.ts'
import type { Operation, Outcome, Run } from './run.ts'
import type { Lock } from './snapshot.ts'
import type { SpaceStanding } from './space.ts'
import type { Verdict } from './verdict.ts'

/** One day of the strip: what the set got on that day, in the zone of the configuration. */
export interface DayMark {
  /** `2026-11-21`. */
  readonly day: string
  readonly mark: 'snapshot' | 'warning' | 'failed' | 'none' | 'before'
  /** Snapshots taken on that day. */
  readonly snapshots: number
}

/** Where the deadline of a backup set comes from: a job, `expect`, or its own history. */
export interface SetExpectation {
  readonly source: 'job' | 'declared' | 'learned' | 'archived'
  /** Of what was learned: 0 to 1. */
  readonly confidence?: number
}

export interface SetStanding {
  readonly set: BackupSet
  /** Absent where nothing is expected. */
  readonly expectation?: SetExpectation
  readonly verdict: Verdict
  /** Jobs of this configuration that write it; empty for a set that something else writes. */
  readonly jobs: readonly string[]
  /** The last 30 days, oldest first. */
  readonly strip: readonly DayMark[]
}

/** The newest runs of one operation. */
export interface OperationStanding {
  readonly operation: Operation
  /** The newest run that ended. */
  readonly last?: Run
  readonly lastSuccessAt?: Date
  readonly next?: Date
  /** Why somebody has to look: the newest forget, prune, check or drill failed. Absent while all is well. */
  readonly verdict?: Verdict
}

export interface JobStanding {
  readonly name: string
  /** Absent where another program runs it and tells of it: where that writes to is not known. */
  readonly repository?: string
  readonly schedule?: string
  readonly verdict: Verdict
  readonly operations: readonly OperationStanding[]
  /** The run that is open now. */
  readonly running?: { readonly run: Run; readonly waiting: boolean }
}

export interface RepositoryStanding {
  readonly name: string
  readonly tool: string
  readonly toolVersion?: string
  /** Where it is, credentials masked. */
  readonly location: string
  readonly lastReading?: Reading
  readonly lastGoodReading?: Reading
  readonly size?: { readonly at: Date; readonly sizeBytes: number }
  readonly locks?: { readonly at: Date; readonly locks: readonly Lock[] }
  /** Room in its store; absent before the first look, and where nothing tells. */
  readonly space?: SpaceStanding
  readonly sets: readonly SetStanding[]
  /** It is to be made by the first backup (`create`), and nobody has seen it yet: that it cannot be read is no news. */
  readonly isYetToBeMade?: true
  /** Patterns of sets that are expected by a time, and of which none is there. Empty while it cannot be read. */
  readonly missing?: readonly { readonly match: string; readonly verdict: Verdict }[]
  /** Of its history, open ones. */
  readonly findings: readonly KeptFinding[]
  /** Prune, check and unlock: runs that belong to the repository and no job. */
  readonly operations: readonly OperationStanding[]
  /** Work on it now and work that waits for it, in words. */
  readonly lanes: readonly { readonly purpose: string; readonly waiting: boolean; readonly since: Date }[]
}

/** Whether somebody hears what a notifier is given. */
export interface NotifierStanding {
  readonly name: string
  readonly kind: string
  /** Messages on their way, and since when the oldest of them. */
  readonly pending: number
  readonly oldestPending?: Date
  /** The newest that was taken, and the newest that was given up. */
  readonly lastDelivered?: Date
  readonly lastDead?: Date
  /** Why the last one was not taken. */
  readonly problem?: Problem
  readonly totals: Readonly<Record<'delivered' | 'dead', number>>
}

/** Whether metrics that are handed on to a gateway, into files or to a receiver arrive. */
export interface PushStanding {
  readonly target: PushTarget
  /** Groups, files or bodies on their way, and since when the oldest of them. */
  readonly pending: number
  readonly oldestPending?: Date
  /** Those whose newest state was refused. */
  readonly refused: number
  readonly oldestRefused?: Date
  /** When the newest was taken. */
  readonly lastKept?: Date
  readonly problem?: Problem
  readonly totals: Readonly<Record<'kept' | 'refused', number>>
}

/** Signs of life for whoever notices when they stop. */
export interface HeartbeatStanding {
  readonly everyMs: number
  /** When they were first wanted. */
  readonly since: Date
  /** The newest that arrived. */
  readonly lastGood?: Date
  /** Why the newest did not arrive. */
  readonly problem?: Problem
}

/** Whether the Alertmanager that is asked for its alerts answers. */
export interface AlertmanagerStanding {
  /** When it was first to be asked. */
  readonly since: Date
  /** When it answered last. */
  readonly lastGood?: Date
  /** Why the newest question has no answer. */
  readonly problem?: Problem
}

/** Alerts that come in. */
export interface InboxStanding {
  readonly totals: readonly AlertTotal[]
  /** What is kept and not sorted yet; only the process that takes alerts knows. */
  readonly backlog?: { readonly bodies: number; readonly bytes: number }
  /** Absent where none is asked. */
  readonly alertmanager?: AlertmanagerStanding
}

/** What came of alerts that were told. */
export interface DiagnosesStanding {
  /** Groups that are to be looked into. */
  readonly waiting: number
  /** What is wrong by them, and not over. */
  readonly open: readonly Incident[]
  readonly totals: readonly { readonly outcome: DiagnosisOutcome; readonly cause: Cause; readonly diagnoses: number }[]
}

export interface Standing {
  readonly now: Date
  readonly version: string
  readonly repositories: readonly RepositoryStanding[]
  readonly jobs: readonly JobStanding[]
  /** Runs ever, by outcome; every configured job and outcome is there, at 0 when there was none. */
  readonly totals: readonly {
    readonly job?: string
    readonly repository: string
    readonly operation: Operation
    readonly outcome: Outcome
    readonly runs: number
  }[]
  readonly notifiers?: readonly NotifierStanding[]
  readonly heartbeat?: HeartbeatStanding
  readonly pushes?: readonly PushStanding[]
  /** Absent where no alert was ever told. */
  readonly diagnoses?: DiagnosesStanding
  /** Absent where none are taken and none came. */
  readonly inbox?: InboxStanding
  /** The ledger lost something. */
  readonly ledgerProblem?: Problem
  /** The last reload of the configuration failed; the old one is in force. */
  readonly configProblem?: Problem
  readonly configLoadedAt: Date
}
