/** What another program tells of the backups it runs. */

/** Whose way of telling it is. */
export const pingForms = ['healthchecks', 'uptime-kuma'] as const
export type PingForm = (typeof pingForms)[number]

/** A request as it came, nothing of it checked yet. */
export interface PingRequest {
  readonly form: PingForm
  readonly key: string
  /** What stands behind the key in the path. */
  readonly signal?: string
  readonly query: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** What it means. `log`: a word in between, which changes nothing. */
export type PingEvent = {
  /** Tells the runs of one job apart that go on side by side; a UUID in lower case. */
  readonly runId?: string
  /** What the program said, safe to be shown; at most 10 kB, the end of it. */
  readonly text: string
} & (
  | { readonly kind: 'start' }
  | { readonly kind: 'log' }
  | { readonly kind: 'end'; readonly isGood: boolean; readonly exitCode?: number }
)

/** `taken`: it is on the disk. `busy`: nothing was written, and it is to be told again a little later. */
export type PingAnswer =
  | { readonly state: 'taken' }
  | { readonly state: 'unknown' }
  | { readonly state: 'refused'; readonly message: string }
  | { readonly state: 'busy'; readonly againInSeconds: number }
