/** The seam every backup tool fits into: restic, borg, rclone. One folder each; nothing outside asks which one it is. */
import type { Problem, Result } from '../../model/problem.ts'
import type { BackupCounters, Outcome, SkippedFile } from '../../model/run.ts'
import type { Secret } from '../../model/secret.ts'
import type { Lock, Snapshot } from '../../model/snapshot.ts'
import type { SshPlace } from '../../system/ssh/place.ts'
import type { SshEnd } from '../rclone/ssh-ends.ts'

/** Everything a tool needs to reach one repository; secrets already loaded. */
export interface RepositoryAccess {
  /** The name the user gave it. */
  readonly name: string
  /** In the tool's own syntax; may hold credentials, so it goes to the child by environment and is masked in messages. */
  readonly url: Secret
  readonly password?: Secret
  /** Further variables for the child, such as `AWS_ACCESS_KEY_ID`. */
  readonly environment: Readonly<Record<string, Secret>>
  /** Path or name of the program; default: the tool's own name, looked up in PATH. */
  readonly program?: string
  readonly cacheDir?: string
  /** How ssh is started, where the repository is behind it. */
  readonly ssh?: SshCommand
  /** Backend options, passed as `-o key=value`. */
  readonly options: readonly string[]
  /** The tool's own settings of the repository, as its `repositoryShape` parsed them. */
  readonly own?: Readonly<Record<string, unknown>>
}

/** The ssh that reaches a repository: with Muster's own host keys, and without questions. */
export interface SshCommand {
  /** Program and options, the host not among them. */
  readonly argv: readonly string[]
  /** Muster's own file of trusted host keys, for tools that speak ssh themselves. */
  readonly knownHosts: string
  /** Private key, where one is named. */
  readonly identity?: string
  /** The servers, as `muster hostkeys` takes them. */
  readonly hosts: readonly string[]
  /** For tools that speak ssh themselves: types of the trusted keys (none: whatever the file says), and a port of the settings. */
  readonly own?: { readonly types: readonly string[]; readonly port?: number }
}

export interface Limits {
  readonly cpus?: number
  readonly nice?: number
  readonly ionice?: { readonly class: 'idle' | 'best-effort' | 'realtime'; readonly level?: number }
  /** Bytes a second. */
  readonly uploadBytesPerSecond?: number
  readonly downloadBytesPerSecond?: number
}

/** How far a long operation is; absent fields are not known (yet). */
export interface Progress {
  readonly filesDone?: number
  readonly totalFiles?: number
  readonly bytesDone?: number
  readonly totalBytes?: number
  readonly secondsRemaining?: number
  readonly errors?: number
  readonly currentFile?: string
}

/** What surrounds one operation. */
export interface OperationIo {
  /** Aborting it cancels: INT to the process group, grace, KILL. */
  readonly signal: AbortSignal
  readonly limits?: Limits
  readonly timeLimitMs?: number
  /** No progress for this long ends the operation with `timed-out` and a problem that says so. */
  readonly stallLimitMs?: number
  readonly onProgress?: (progress: Progress) => void
  /** A person watches a progress bar: the tool is asked for four reports a second instead of one. */
  readonly live?: boolean
  /** Called with the child's pid before anything waits for it, so that a crash leaves a trace of whom to look for. */
  readonly onSpawn?: (pid: number) => Promise<void> | void
}

/** What every operation answers, well or ill. */
export interface OperationResult {
  readonly outcome: Outcome
  /** Always present unless the outcome is `ok`. */
  readonly problem?: Problem
  readonly exitCode?: number
  readonly durationMs: number
  /** The end of what the tool said, redacted; where something went wrong. */
  readonly log?: string
}

/** What a source holds, excludes left out. */
export interface SourceCount {
  readonly files: number
  readonly bytes: number
}

export interface BackupSpec {
  readonly sources: readonly string[]
  readonly exclude: readonly string[]
  readonly excludeFile: readonly string[]
  readonly excludeIfPresent: readonly string[]
  readonly excludeCaches: boolean
  readonly oneFileSystem: boolean
  readonly tags: readonly string[]
  readonly host?: string
  readonly dryRun: boolean
  /** The tool's own settings of the job, as its `jobShape` parsed them. */
  readonly own: Readonly<Record<string, unknown>>
  /**
   * Asked by tools that may delete what the source has no more, before they write anything; a problem stops them.
   * Other tools make a new snapshot, which is judged afterwards.
   */
  readonly approve?: (
    source: SourceCount,
    run: { readonly mayDelete: boolean; readonly mayBeEmpty: boolean },
  ) => Promise<Problem | undefined>
}

export interface BackupResult extends OperationResult {
  readonly counters?: BackupCounters
  /** As the tool printed it; may be a prefix of the full id with old versions. */
  readonly snapshotId?: string
  readonly skipped: readonly SkippedFile[]
  readonly skippedCount: number
}

/** Retention policy; counts as `keep-*`, durations as restic writes them (`2y5m7d3h`). */
export interface Retention {
  readonly group: readonly ('host' | 'paths' | 'tags')[]
  readonly keepLast?: number
  readonly keepHourly?: number
  readonly keepDaily?: number
  readonly keepWeekly?: number
  readonly keepMonthly?: number
  readonly keepYearly?: number
  readonly keepWithin?: string
  readonly keepWithinHourly?: string
  readonly keepWithinDaily?: string
  readonly keepWithinWeekly?: string
  readonly keepWithinMonthly?: string
  readonly keepWithinYearly?: string
  readonly keepTags: readonly string[]
}

export interface ForgetSpec {
  readonly retention: Retention
  /** Only snapshots of this host, with all these tags and paths, are looked at. */
  readonly host?: string
  readonly tags: readonly string[]
  readonly paths: readonly string[]
  readonly dryRun: boolean
  /** The tool's own settings of the job, as its `jobShape` parsed them. */
  readonly own: Readonly<Record<string, unknown>>
}

export interface ForgetResult extends OperationResult {
  readonly kept?: number
  readonly removed?: readonly string[]
}

export interface CheckSpec {
  /** Whole: all data is read; a subset as the tool writes it (`1/10`, `5%`, `2G`). */
  readonly readData?: 'all' | string
  /** Jobs of this machine that write the repository: for tools that verify it by comparing it with its source. */
  readonly against?: readonly CheckAgainst[]
}

export interface CheckAgainst {
  readonly spec: BackupSpec
  /** When the last good backup began: what changed in the source since then says nothing about the repository. */
  readonly since?: Date
}

export interface CheckResult extends OperationResult {
  /** What the tool found wrong, in its own words; capped. */
  readonly findings: readonly string[]
}

export interface RestoreSpec {
  readonly snapshotId: string
  readonly target: string
  /** Absolute paths inside the snapshot; empty: everything. */
  readonly include: readonly string[]
}

export interface RepositoryStats {
  /** Stored bytes, as the repository holds them. */
  readonly sizeBytes: number
}

export interface SurveyWish {
  /** Snapshots whose content is known already; only others are looked into. */
  readonly known: ReadonlySet<string>
  readonly locks: boolean
  readonly size: boolean
  /** Files that look as at the last look may count as unchanged; see `read.trustFolderTimes`. */
  readonly trustTimes?: boolean
}

/** What one look finds. No lock, nothing written. */
export interface Survey {
  /** All snapshots that are there, newest last. */
  readonly ids: readonly string[]
  /** Those that were not known. */
  readonly fresh: readonly Snapshot[]
  /** Random id of the repository, where it has one: another one tells that it was replaced. */
  readonly repositoryId?: string
  readonly locks?: readonly Lock[]
  readonly sizeBytes?: number
}

/** A lock, judged: may it be removed because it is ours and its process is gone? */
export type LockProof = (lock: Lock) => boolean

export interface Tool {
  readonly name: string
  /** The versions this adapter is tested with; `doctor` warns outside. */
  readonly versions: { readonly oldest: string; readonly newestTested: string }
  /** Whether two backups may write into one repository at the same time. */
  readonly backupLane: 'shared' | 'exclusive'
  /** Of its locks: what a person runs to remove one whose holder is dead, and whether the living write theirs anew. */
  readonly locking?: { readonly remove: string; readonly isRenewed: boolean }
  /** Where its policies are not restic's: by which rules, and which snapshots a job's policy looks at, by their names. */
  readonly retention?: {
    readonly rules: 'borg'
    namesOf(own: Readonly<Record<string, unknown>>, host: string): RegExp
  }
  /** Its repository is a tree that bears a name and no host: whatever is in there is of the jobs that write it. */
  readonly namesTree?: true
  /** Whether a job with these settings of its own forgets, without a policy of its own. */
  forgets?(own: Readonly<Record<string, unknown>>): boolean
  /** Whether it may speak ssh itself behind an address, to servers that only its own settings name. */
  speaksSsh?(url: string, options: readonly string[]): boolean
  /**
   * Those servers. It is started with host keys of these alone.
   * @param sources What jobs copy from, where that may be a server too.
   */
  sshEnds?(access: RepositoryAccess, sources: readonly string[], signal: AbortSignal): Promise<readonly SshEnd[]>
  /** Where an address leads that goes over ssh; undefined for others, and where the user starts a program of his own. */
  sshPlace?(url: string, options: readonly string[]): SshPlace | undefined
  version(access: Pick<RepositoryAccess, 'program'>, io: OperationIo): Promise<Result<string>>
  /** Makes a new repository. Never called because opening failed for another reason. */
  init(access: RepositoryAccess, io: OperationIo): Promise<OperationResult>
  backup(access: RepositoryAccess, spec: BackupSpec, io: OperationIo): Promise<BackupResult>
  forget(access: RepositoryAccess, spec: ForgetSpec, io: OperationIo): Promise<ForgetResult>
  prune(access: RepositoryAccess, own: Readonly<Record<string, unknown>>, io: OperationIo): Promise<OperationResult>
  check(access: RepositoryAccess, spec: CheckSpec, io: OperationIo): Promise<CheckResult>
  restore(access: RepositoryAccess, spec: RestoreSpec, io: OperationIo): Promise<OperationResult>
  /** Where one call, or fewer, can answer what `snapshots`, `locks` and `stats` do, and known snapshots need no look. */
  survey?(access: RepositoryAccess, wish: SurveyWish, io: OperationIo): Promise<Result<Survey>>
  /** Lists without a lock and writes nothing. Newest last. */
  snapshots(access: RepositoryAccess, io: OperationIo): Promise<Result<readonly Snapshot[]>>
  locks(access: RepositoryAccess, io: OperationIo): Promise<Result<readonly Lock[]>>
  stats(access: RepositoryAccess, io: OperationIo): Promise<Result<RepositoryStats>>
  /** Files of a snapshot with their sizes, for sampling a restore; at most `most`. */
  files(
    access: RepositoryAccess,
    snapshotId: string,
    most: number,
    io: OperationIo,
  ): Promise<Result<readonly { path: string; sizeBytes: number }[]>>
  /**
   * Removes stale locks only if every lock the tool would remove passes `proof`; else answers `restic.lock-not-ours`
   * (or the like) and removes nothing.
   */
  unlock(
    access: RepositoryAccess,
    proof: LockProof,
    io: OperationIo,
  ): Promise<OperationResult & { readonly removed: number }>
}
