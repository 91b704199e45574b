import type { IncidentEvent, Severity } from './incident.ts'
import type { Problem } from './problem.ts'
import type { Outcome } from './run.ts'

/** One line of a message: something that stands badly, or does so no more. */
export interface Entry {
  readonly event: IncidentEvent
  readonly kind: string
  readonly name: string
  readonly within?: string
  readonly state: string
  readonly severity: Severity
  readonly reason: string
  readonly next: string
  readonly openedAt: Date
  readonly since?: Date
  readonly lastGood?: Date
  readonly closedAt?: Date
  /** How often it came and went lately, where that is too often to tell each time. */
  readonly changes?: number
}

/** A figure of a report: what it is, and its value in words. */
export interface Figure {
  readonly name: string
  readonly value: string
}

/** A table of a report. Every row has as many cells as there are columns. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A backup that began or ended. */
export interface RunNews {
  readonly id: string
  readonly job: string
  readonly repository: string
  readonly event: 'began' | 'ended'
  /** Jobs that this notifier tells of. */
  readonly ofJobs?: number
  readonly outcome?: Outcome
  readonly exitCode?: number
}

/** What is told, in no form yet: each notifier writes it as its readers expect it. No secrets: log tails are redacted before. */
export interface Message {
  readonly kind: 'incidents' | 'report' | 'run' | 'test' | 'answer'
  /** One line, of at most 120 characters. */
  readonly title: string
  readonly severity: Severity | 'good'
  /** The whole subject of a mail, where it is to be another than mark and title. */
  readonly subject?: string
  readonly entries: readonly Entry[]
  /** Where it tells of one run alone. */
  readonly run?: RunNews
  readonly figures?: readonly Figure[]
  readonly tables?: readonly Table[]
  /** The end of what a program printed. */
  readonly log?: string
  /** The page, where its address is known. */
  readonly link?: string
  /** Who speaks: the name of this machine. */
  readonly host: string
  readonly at: Date
}

export const deliveryStates = ['pending', 'delivered', 'dead'] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** One message to one notifier, with its attempts: a row of the ledger. */
export interface Delivery {
  /** Goes along with each attempt, so that a receiver can tell a repetition: ntfy's sequence id, the Message-ID of a mail. */
  readonly id: string
  /** Name of the notifier in the configuration. */
  readonly notifier: string
  readonly message: Message
  readonly madeAt: Date
  readonly state: DeliveryState
  readonly attempts: number
  /** How often the other side answered that it cannot take it now. */
  readonly refusals?: number
  /** What was taken already of a message that goes in several parts, such as recipients or pages. */
  readonly parts?: readonly string[]
  /** When it is tried next. */
  readonly nextAt: Date
  /** What the other side answered last, redacted and cut. */
  readonly answer?: string
  /** Why the last attempt failed. */
  readonly problem?: Problem
  readonly doneAt?: Date
  /** The notifier that could not be reached, where this one took over. */
  readonly insteadOf?: string
}
