/** What became of a backup that somebody raised an alarm about, and why: the words of an answer. */
import type { SortedAlert } from './alert.ts'
import type { Problem } from './problem.ts'

/** `UNKNOWN`: nobody could be asked. It is neither success nor a fault of the repository. */
export const diagnosisOutcomes = ['SUCCESS', 'PARTIAL', 'REPO_FAILURE', 'UNKNOWN'] as const
export type DiagnosisOutcome = (typeof diagnosisOutcomes)[number]

export const causes = [
  'source',
  'host offline',
  'network',
  'store unreachable',
  'credentials',
  'host key',
  'lock',
  'space',
  'tool error',
  'partial',
  'schedule did not fire',
  'history changed',
  'false alarm',
  'unknown',
] as const
export type Cause = (typeof causes)[number]

/** Who says so. */
export type FactSource = 'alert' | 'ledger' | 'redis' | 'probe'

export const partStates = ['ok', 'warning', 'failed', 'missing', 'unknown'] as const
export type PartState = (typeof partStates)[number]

/** `alert`: what an alert is about, where nothing of it is known here. */
export const partKinds = ['module', 'job', 'backup set', 'repository', 'alert'] as const
export type PartKind = (typeof partKinds)[number]

/** How one part of a backup ended, as far as anybody knows: a module of NethServer 8, a job, a backup set. */
export interface Part {
  readonly kind: PartKind
  /** `mail1`, or the name of the job. */
  readonly name: string
  /** The name people gave it. */
  readonly title?: string
  /** Of the cluster. */
  readonly node?: string
  /** Id of the backup plan. */
  readonly plan?: string
  /** As the configuration names it; of a module, the address of its destination without login. */
  readonly repository?: string
  readonly state: PartState
  /** When that state was written down: the end of the newest run. */
  readonly at?: Date
  /** Since when it fails. */
  readonly since?: Date
  readonly lastGood?: Date
  readonly errors?: number
  /** The tool's own words, redacted. */
  readonly message?: string
  /** Where Muster itself saw it fail. */
  readonly problem?: Problem
  readonly source: FactSource
}

/** The plan of a platform that runs backups itself. */
export interface Plan {
  readonly id: string
  readonly name?: string
  readonly schedule?: string
  readonly enabled?: boolean
  /** Its destination. */
  readonly repository?: string
}

/** What a platform that runs backups itself knows of them. */
export interface PlatformFacts {
  readonly plans: readonly Plan[]
  readonly parts: readonly Part[]
  /** Why it could not be asked, or not about everything; then what is missing here is unknown, and no fault of anybody. */
  readonly problem?: Problem
  /** In which shapes the facts were found, and what could not be read, in words: for the log and as evidence. */
  readonly notes: readonly string[]
}

/** `empty`: it opens, and there is nothing in it. `gone`: there is none at its address. */
export const soundness = [
  'sound',
  'empty',
  'damaged',
  'locked',
  'credentials',
  'host key',
  'gone',
  'unreachable',
  'full',
  'tool error',
  'unknown',
] as const
export type Soundness = (typeof soundness)[number]

/** A short, read-only look at a repository. */
export interface Probe {
  readonly repository: string
  /** The part whose repository it is, where each part has its own. */
  readonly part?: string
  readonly soundness: Soundness
  readonly snapshots?: number
  readonly newestAt?: Date
  readonly problem?: Problem
  /** What the tool said, redacted and cut. */
  readonly words?: string
  readonly exitCode?: number
  /** How it was looked at: `native`, `restic`, `runagent restic-wrapper`. */
  readonly way: string
  readonly tookMs: number
}

/** Something that speaks for the cause. */
export interface Evidence {
  readonly text: string
  readonly source: FactSource
}

/** What one group of alerts came to. */
export interface Finding {
  readonly outcome: DiagnosisOutcome
  readonly cause: Cause
  readonly evidence: readonly Evidence[]
  readonly next: string
  readonly plans: readonly Plan[]
  readonly parts: readonly Part[]
  readonly probes: readonly Probe[]
}

/** `waiting`: others of its group may still come, and modules still write how they ended. */
export const diagnosisStates = ['waiting', 'done'] as const
export type DiagnosisState = (typeof diagnosisStates)[number]

/** Alerts of one group, looked into together: a row of the ledger from the first of them on. */
export interface Diagnosis {
  readonly id: string
  readonly group: string
  readonly openedAt: Date
  /** When it is looked into. */
  readonly dueAt: Date
  readonly state: DiagnosisState
  /** Why nothing came of it yet, where somebody began before. */
  readonly attempts: number
  readonly alerts: readonly SortedAlert[]
  readonly doneAt?: Date
  readonly finding?: Finding
}
