/** What an Alertmanager tells of one alert. Source: Alertmanager, "Webhook receiver", version 4, and its API v2. */
export interface Alert {
  /** As it came; where it came without, made from the labels. */
  readonly fingerprint: string
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: Date
  /** Only of one that is over. */
  readonly endsAt?: Date
  /** Where the rule can be looked at. */
  readonly generatorURL?: string
}

/** How alerts reach Muster: somebody posts them, or they are asked for. */
export const intakeWays = ['webhook', 'poll'] as const
export type IntakeWay = (typeof intakeWays)[number]

/** What became of an alert: it is looked into, it is over, it is not about backups, or it was told before. */
export const alertFates = ['firing', 'resolved', 'ignored', 'repeated'] as const
export type AlertFate = (typeof alertFates)[number]

export interface AlertTotal {
  readonly way: IntakeWay
  readonly fate: AlertFate
  readonly alerts: number
}

/** A body that was accepted, on the disk before anybody was told so; what it says is sorted afterwards. */
export interface Intake {
  readonly way: IntakeWay
  readonly receivedAt: Date
  /** JSON, as it came. */
  readonly body: Uint8Array
}

/** An alert and what Muster makes of it. */
export interface SortedAlert extends Alert {
  /** About backups, so that it is looked into; others are kept and counted, and nothing more. */
  readonly counts: boolean
  /** Those with the same key are looked into together; only where it counts. */
  readonly group: string
  readonly way: IntakeWay
  readonly receivedAt: Date
  /** How many of its group the sender left out of the body. */
  readonly truncated: number
  /** Where the Alertmanager itself can be looked at. */
  readonly externalURL?: string
}

/** The same alert, told twice, is one: by what it is, when it began, and whether it is over. */
export const alertKey = ({ fingerprint, startsAt, status }: Pick<Alert, 'fingerprint' | 'startsAt' | 'status'>) =>
  `${fingerprint} ${startsAt.getTime()} ${status}`
