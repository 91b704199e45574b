/** The one place where facts are kept. Every engine passes the same contract (`test/contracts/ledger.contract.ts`). */
import type { AlertTotal, Intake, SortedAlert } from '../model/alert.ts'
import type { Delivery, DeliveryState } from '../model/delivery.ts'
import type { Cause, Diagnosis, DiagnosisOutcome, DiagnosisState, Finding } from '../model/diagnosis.ts'
import type { HistoryFinding, KeptFinding } from '../model/history.ts'
import type { Incident, IncidentChanges, IncidentFacts, Told } from '../model/incident.ts'
import type { Problem } from '../model/problem.ts'
import type { ProcessMark } from '../model/process-mark.ts'
import type { Push, PushAttempt, PushTarget, PushTotal, WantedPush } from '../model/push.ts'
import type { BackupSet, Reading } from '../model/reading.ts'
import type { BackupCounters, Operation, Outcome, Run, SkippedFile, Trigger } from '../model/run.ts'
import type { SetKey, SetName } from '../model/set-name.ts'
import type { Lock, Snapshot, Taken } from '../model/snapshot.ts'
import type { SpaceMeasure } from '../model/space.ts'

export interface RunStart {
  readonly id: string
  readonly roundId: string
  readonly job?: string
  readonly repository: string
  readonly operation: Operation
  readonly trigger: Trigger
  readonly scheduledFor?: Date
  readonly startedAt: Date
  readonly owner: ProcessMark
  /** Name of the schedule this run answers; marks the instant as handled in the same transaction. */
  readonly task?: string
  /** Refuse when another run of the same job and operation is open. */
  readonly exclusive: boolean
}

/** `overlap`: another run of the job is open. `taken`: somebody else has this instant already. */
export type Begun =
  | { readonly begun: true }
  | { readonly begun: false; readonly why: 'overlap' | 'taken'; readonly other?: Run }

export interface RunEnd {
  readonly endedAt: Date
  readonly outcome: Outcome
  readonly exitCode?: number
  readonly problem?: Problem
  readonly snapshotId?: string
  readonly counters?: BackupCounters
  readonly skipped?: readonly SkippedFile[]
  readonly skippedCount?: number
  readonly toolVersion?: string
  /** The end of what the tool said, redacted; only of a run that did not go well. */
  readonly log?: string
}

/** What another program told of its runs: one that began there, how one ended, what it said. */
export type ToldStep =
  | { readonly begin: Omit<RunStart, 'task' | 'scheduledFor' | 'exclusive'> }
  | { readonly close: string; readonly end: RunEnd }
  /** In place of what the run has; of one that ended too. */
  | { readonly log: string; readonly text: string }

/** What is told depends on what is there; no other process writes between the look and what comes of it. */
export interface ToldPlan {
  readonly job: string
  /** How many of those that ended are looked at. */
  readonly mostEnded: number
  /**
   * May be asked again where it could not be written down.
   * @param open Those of the job that other programs told of, oldest first.
   * @param ended The newest of the job's backups, newest first.
   */
  plan(open: readonly Run[], ended: readonly Run[]): readonly ToldStep[]
}

export interface OpenRun {
  readonly run: Run
  readonly phase: 'waiting' | 'running'
  readonly owner: ProcessMark
}

export interface RunFilter {
  readonly job?: string
  readonly repository?: string
  readonly operation?: Operation
  readonly outcomes?: readonly Outcome[]
  readonly closedOnly?: boolean
  /** Without runs that ended with one of these problem codes. */
  readonly withoutProblems?: readonly string[]
  /** Only runs started at or after this instant. */
  readonly since?: Date
  readonly most: number
}

export interface RunTotal {
  readonly job?: string
  readonly repository: string
  readonly operation: Operation
  readonly outcome: Outcome
  readonly runs: number
}

export type LaneMode = 'shared' | 'exclusive'
export interface Lane {
  readonly id: string
  readonly repository: string
  readonly mode: LaneMode
  /** For people: `backup of nfs-daily`. */
  readonly purpose: string
  readonly owner: ProcessMark
  readonly waiting: boolean
  readonly since: Date
  readonly beatAt: Date
}

export interface ScheduleMark {
  /** When the task was first heard of: nothing before it was missed. */
  readonly since: Date
  readonly handled?: Date
}

export interface StoredSnapshot extends Snapshot {
  readonly firstSeen: Date
  readonly goneAt?: Date
}

/** What a reading saw that looks only at what is new: every id that is there, and the content of those not known before. */
export interface SeenSnapshots {
  readonly ids: readonly string[]
  readonly fresh: readonly Snapshot[]
}

/** What a reading tells of the history of a repository beside its snapshots; kept in the same transaction. */
export interface SeenHistory {
  readonly findings: readonly HistoryFinding[]
  /** What is to be remembered until the next look; absent: what is there stays. */
  readonly marks?: string
}

/** With tags and paths where asked for. */
export type TakenOf = Taken & Pick<SetName, 'tags' | 'paths'>

/** What changed about repositories and jobs after some sequence, whichever process wrote. Lanes do not count. */
export interface Changes {
  /** For the next question. */
  readonly sequence: number
  /** Those with a new reading, or a run that began, went on or ended. */
  readonly repositories: ReadonlySet<string>
  /** Those of whose runs one began, went on or ended, in whichever repository. */
  readonly jobs: ReadonlySet<string>
}

/** The newest a repository's readings told, and its backup sets. */
export interface RepositoryFacts {
  readonly lastReading?: Reading
  readonly lastGoodReading?: Reading
  /** Of the newest reading that measured it. */
  readonly size?: { readonly at: Date; readonly sizeBytes: number }
  /** Of the newest reading that looked. */
  readonly locks?: { readonly at: Date; readonly locks: readonly Lock[] }
  readonly sets: readonly BackupSet[]
  /** Open ones. */
  readonly findings: readonly KeptFinding[]
  /** The newest look at the room in its store. */
  readonly space?: SpaceMeasure
}

/** Runs ever with one outcome, and the newest of them. */
export interface RunHead extends RunTotal {
  readonly newest?: Run
}

/** By quarters of an hour, which `at` begins: whoever shows days knows the zone. */
export interface RepositoryDays {
  readonly snapshots: readonly (SetName & { readonly at: Date; readonly snapshots: number })[]
  /** Backups that ended, once an outcome and quarter. */
  readonly runs: readonly { readonly job: string; readonly outcome: Outcome; readonly at: Date }[]
}

/** What became of one attempt to deliver. */
export interface Attempt {
  readonly state: DeliveryState
  readonly at: Date
  /** When it is tried again. */
  readonly nextAt?: Date
  readonly answer?: string
  readonly problem?: Problem
  /** Put down in its place, for another notifier. */
  readonly instead?: Delivery
  /** How often the other side said so far that it cannot now. */
  readonly refusals?: number
  /** What was taken so far of a message that goes in several parts. */
  readonly parts?: readonly string[]
}

/** Deliveries ever that ended so. */
export interface DeliveryTotal {
  readonly notifier: string
  readonly state: DeliveryState
  readonly deliveries: number
}

export interface DeliveryHead {
  readonly notifier: string
  readonly pending: number
  readonly oldestPending?: Delivery
  readonly lastDelivered?: Delivery
  readonly lastDead?: Delivery
}

/** A push with the number of its body: what became of an older one says nothing of a newer. */
export interface StoredPush extends Push {
  readonly version: number
}

export interface StoredIntake extends Intake {
  readonly number: number
}

/** Bodies and what they say. */
export interface Digest {
  /** They go. */
  readonly intakes: readonly number[]
  readonly alerts: readonly SortedAlert[]
  readonly now: Date
  /** How long the first of a group waits for others. */
  readonly waitMs: number
  /** Whether one that is over is looked into too, where nothing of its group waits. */
  readonly opensWhenResolved: boolean
}

/** What one diagnosis came to. */
export interface Conclusion {
  readonly at: Date
  /** `alertKey`s of those that were looked into. Others of the group that came meanwhile wait for their own turn. */
  readonly seen: readonly string[]
  readonly finding: Finding
  /** Opened, or brought up to date; told by these messages. */
  readonly incident?: IncidentFacts
  /** Keys of incidents that are over by it. */
  readonly closes: readonly string[]
  readonly deliveries: readonly Delivery[]
}

export interface DiagnosisTotal {
  readonly outcome: DiagnosisOutcome
  readonly cause: Cause
  readonly diagnoses: number
}

export interface Ledger extends AsyncDisposable {
  /** Why the ledger is not to be trusted fully: damage was found in it, or in an earlier file that was set aside. */
  readonly degraded: Problem | undefined

  beginRun(start: RunStart): Promise<Begun>
  /** Notes how far a run is: it got its lane, its child process has this mark. */
  noteRun(
    id: string,
    note: { readonly phase?: 'running'; readonly child?: ProcessMark; readonly toolVersion?: string },
  ): Promise<void>
  /** Closes a run exactly once. @returns false when it was closed before; then nothing changes. */
  closeRun(id: string, end: RunEnd): Promise<boolean>
  /**
   * Writes down what was told, all of it or nothing, in this order. What is told in one turn of the event loop is committed
   * together, and is on the disk when this resolves. A run that was closed before stays as it ended.
   */
  tellRuns(steps: readonly ToldStep[] | ToldPlan): Promise<void>
  openRuns(): Promise<readonly OpenRun[]>
  /** Newest first. */
  runs(filter: RunFilter): Promise<readonly Run[]>
  run(id: string): Promise<Run | undefined>
  totals(): Promise<readonly RunTotal[]>
  /** For each job or repository named: its totals with the newest run of each, whatever is configured now. */
  runHeads(of: 'job' | 'repository', names: readonly string[]): Promise<readonly RunHead[]>

  /**
   * Records a look at a repository. With `seen` (all snapshots that are there now, or their ids and those that are new) the
   * history is brought up to date in the same transaction: new ones get their first-seen time, missing ones their going time.
   * A snapshot of which only the file was known gets its content. An id that is neither known nor among the new ones, such as that of a damaged file, leaves no trace. What a reading
   * noticed that ended after this one began stays as it is. Readings of one turn of the event loop are committed together.
   */
  recordReading(reading: Reading, seen?: readonly Snapshot[] | SeenSnapshots, history?: SeenHistory): Promise<void>
  /** What `recordReading` was told to remember. */
  marks(repository: string): Promise<string | undefined>
  /** Oldest first. */
  findings(filter?: {
    readonly repositories?: readonly string[]
    readonly open?: boolean
  }): Promise<readonly KeptFinding[]>
  /** Two looks at one instant are one. Looks of one turn of the event loop are committed together. */
  recordSpace(measure: SpaceMeasure): Promise<void>
  /** Oldest first. */
  spaceSince(repositories: readonly string[], since: Date): Promise<ReadonlyMap<string, readonly SpaceMeasure[]>>
  lastSpace(repository: string): Promise<SpaceMeasure | undefined>
  /** @returns Those that were open and are settled now. */
  settleFindings(numbers: readonly number[], at: Date, note?: string): Promise<readonly KeptFinding[]>
  /** Open ones, and those that closed since; in order of their numbers. */
  incidents(filter: { readonly closedSince?: Date }): Promise<readonly Incident[]>
  changeIncidents(changes: IncidentChanges, now: Date): Promise<void>
  /** What a notifier was told of these and later incidents. */
  told(notifier: string, incidents: readonly number[]): Promise<readonly Told[]>

  /**
   * Puts a message down together with what it tells. @returns false, and nothing changed, when some of it was told meanwhile, or
   * there is a message of this id.
   */
  enqueue(delivery: Delivery, told: readonly Pick<Told, 'incident' | 'event'>[]): Promise<boolean>
  /** The oldest that is due, for this process alone until the lease ends; the attempt is counted. */
  claimDelivery(notifier: string, now: Date, leaseMs: number): Promise<Delivery | undefined>
  noteAttempt(id: string, attempt: Attempt): Promise<void>
  /** Newest first. */
  deliveries(filter: {
    readonly states?: readonly DeliveryState[]
    readonly notifier?: string
    readonly most: number
  }): Promise<readonly Delivery[]>
  deliveryTotals(): Promise<readonly DeliveryTotal[]>
  /** What is on its way to each notifier that something is on its way to, and the newest that ended in each state. */
  deliveryHeads(): Promise<readonly DeliveryHead[]>

  /**
   * Puts down what is to be in a place. A body that is new or another one is to be sent; what is not wanted any more is to be deleted.
   * `again`: what was refused or waits is tried again now. @returns How many are to be sent for that.
   */
  wantPushes(
    target: PushTarget,
    place: string,
    wanted: readonly WantedPush[],
    how: { readonly now: Date; readonly again?: boolean },
  ): Promise<number>
  /** Sends what was kept once more: it was lost there. Without keys: all. @returns How many. */
  resendPushes(target: PushTarget, place: string, keys: readonly string[] | undefined, now: Date): Promise<number>
  /** Forgets what is in other places, without deleting it there. @returns What was forgotten. */
  forgetPushes(target: PushTarget, exceptPlace: string | undefined): Promise<readonly Push[]>
  /** One that is due, for this process alone until the lease ends; the attempt is counted. */
  claimPush(target: PushTarget, now: Date, leaseMs: number): Promise<StoredPush | undefined>
  /** What was deleted is forgotten. Where it is to be tried `soon`, so is what waits in the same place. */
  notePush(push: StoredPush, attempt: PushAttempt): Promise<void>
  pushes(target?: PushTarget): Promise<readonly StoredPush[]>
  pushTotals(): Promise<readonly PushTotal[]>

  /** Resolves when the body is on the disk, synced. Those of one turn of the event loop are committed together. */
  recordIntake(intake: Intake): Promise<void>
  /**
   * Oldest first, no more of either; one at least. Bodies that cannot be read stand in nobody's way: they are kept apart for a
   * person to look at, `degraded` tells of them from then on, and so does `onDamaged`, once.
   */
  intakes(
    most: { readonly bodies: number; readonly bytes: number },
    onDamaged?: (damaged: { readonly bodies: number; readonly bytes: number; readonly problem: Problem }) => void,
  ): Promise<readonly StoredIntake[]>
  intakeBacklog(): Promise<{ readonly bodies: number; readonly bytes: number; readonly oldest?: Date }>
  /** Sorts bodies: their alerts are put down once each, those that count are looked into, and the bodies go. @returns How many were new. */
  digest(digest: Digest): Promise<{ readonly fresh: number }>
  /** Which of these `alertKey`s were told before. */
  knownAlerts(keys: readonly string[]): Promise<ReadonlySet<string>>
  /** Newest first. */
  alerts(filter: {
    readonly diagnosis?: string
    readonly group?: string
    readonly since?: Date
    readonly most: number
  }): Promise<readonly SortedAlert[]>
  alertTotals(): Promise<readonly AlertTotal[]>
  /** Something else than an alert says that a group is to be looked into; nothing where it waits already. */
  openDiagnosis(group: string, now: Date, waitMs: number): Promise<void>
  /** The one that is due for the longest, for this process alone until the lease ends; the attempt is counted. */
  claimDiagnosis(now: Date, leaseMs: number): Promise<Diagnosis | undefined>
  /** Finding, incident and messages, all or nothing. @returns false, and nothing changed, when it was concluded before. */
  concludeDiagnosis(id: string, conclusion: Conclusion): Promise<boolean>
  nextDiagnosisAt(): Promise<Date | undefined>
  /** How many are to be looked into. */
  waitingDiagnoses(): Promise<number>
  /** Newest first. */
  diagnoses(filter: {
    readonly states?: readonly DiagnosisState[]
    readonly openedSince?: Date
    readonly group?: string
    readonly most: number
  }): Promise<readonly Diagnosis[]>
  diagnosisTotals(): Promise<readonly DiagnosisTotal[]>

  /** What `lastReading`, `lastSize`, `lastLocks` and `sets` say, for many at once. */
  repositoryFacts(names: readonly string[]): Promise<ReadonlyMap<string, RepositoryFacts>>
  /** Snapshots that are there, and backups, since an instant. */
  days(names: readonly string[], since: Date): Promise<ReadonlyMap<string, RepositoryDays>>
  changesSince(sequence: number): Promise<Changes>
  /** Whether the snapshots that are there, as far as known, are exactly these, each with its content. */
  sees(repository: string, ids: readonly string[]): Promise<boolean>
  /** Ids of all snapshots, those that are gone included. `content`: only those of which more than the file was read. */
  knownSnapshots(repository: string, content?: boolean): Promise<ReadonlySet<string>>
  lastReading(repository: string, good?: boolean): Promise<Reading | undefined>
  /** Of the newest reading that measured the size; or of the newest that had by then. */
  lastSize(repository: string, by?: Date): Promise<{ readonly at: Date; readonly sizeBytes: number } | undefined>
  /** The newest reading that looked at the locks. */
  lastLocks(repository: string): Promise<{ readonly at: Date; readonly locks: readonly Lock[] } | undefined>
  /** Snapshots that are there as far as known; newest last. `since` looks at the claimed time. */
  snapshots(
    repository: string,
    filter?: { readonly gone?: boolean; readonly since?: Date },
  ): Promise<readonly StoredSnapshot[]>
  sets(repository: string): Promise<readonly BackupSet[]>
  /** Tells the sets of these repositories apart by so much from now on; where that is new, they are made anew from what is known. */
  groupSets(by: ReadonlyMap<string, readonly SetKey[]>): Promise<void>
  /** Times of the newest snapshots of a host and user, newest first, those that are gone too; with what is asked for beside. */
  takenTimes(
    repository: string,
    of: Pick<SetName, 'host' | 'user'>,
    most: number,
    by?: readonly SetKey[],
  ): Promise<readonly TakenOf[]>

  /** Takes the lane, or lines up for it. Lanes whose owner is `dead` do not count. @returns whether it was granted now. */
  requestLane(
    lane: Omit<Lane, 'waiting' | 'beatAt'>,
    now: Date,
    dead: (owner: ProcessMark, beatAt: Date) => boolean,
  ): Promise<boolean>
  releaseLane(id: string): Promise<void>
  beatLane(id: string, now: Date): Promise<void>
  lanes(): Promise<readonly Lane[]>

  /** The mark of a schedule; made with `now` as `since` when it is new. */
  scheduleMark(task: string, now: Date): Promise<ScheduleMark>

  readMeta(key: string): Promise<string | undefined>
  writeMeta(key: string, value: string): Promise<void>

  /** Removes old rows; the newest of each kind and everything open stays. @returns how many rows went. */
  trim(limits: { readonly runsBefore: Date; readonly readingsBefore: Date; readonly goneBefore: Date }): Promise<number>
  /** Reads everything once, a little at a time. @returns what is damaged, in words. */
  verify(): Promise<readonly string[]>
  /** Tells in `degraded` what was found damaged. The next to open the ledger looks at all of it, and sets it aside. */
  distrust(why: string): Promise<void>
}
