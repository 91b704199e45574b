import type { VerdictState } from './verdict.ts'

/** How much it matters: `critical` where a backup is missing or may be worthless, else `warning`. */
export const severities = ['warning', 'critical'] as const
export type Severity = (typeof severities)[number]

/** A verdict that is not fine, from when it opened to when it closed: a row of the ledger. */
export interface Incident {
  readonly number: number
  /** Of what stands badly; the same thing has one open incident at most. */
  readonly key: string
  /** What kind of thing it is: `job`, `backup set`, `repository`, an operation … */
  readonly kind: string
  readonly name: string
  /** The repository it is about, where the name does not say it. */
  readonly within?: string
  readonly state: VerdictState
  readonly severity: Severity
  readonly reason: string
  readonly next: string
  /** When Muster noticed. */
  readonly openedAt: Date
  /** Since when it stands so, as far as known; may be long before it was noticed. */
  readonly since?: Date
  /** The newest good snapshot. */
  readonly lastGood?: Date
  readonly closedAt?: Date
}

/** What an incident knows of its trouble. */
export type IncidentFacts = Omit<Incident, 'number' | 'openedAt' | 'closedAt'>

export interface IncidentChanges {
  readonly opened: readonly IncidentFacts[]
  /** Still open, and told otherwise now. */
  readonly changed: readonly { readonly number: number; readonly facts: IncidentFacts }[]
  /** Numbers of those that are over. */
  readonly closed: readonly number[]
}

/** What about an incident was told, and when. */
export const incidentEvents = ['opened', 'reminder', 'closed'] as const
export type IncidentEvent = (typeof incidentEvents)[number]

/** That somebody was told of an incident: put down together with the delivery that does it. */
export interface Told {
  readonly incident: number
  readonly event: IncidentEvent
  readonly at: Date
}
