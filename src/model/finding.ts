/** One thing a look at the installation found, good or bad. */
export interface Finding {
  readonly level: 'fine' | 'warning' | 'error'
  /** What was looked at: `repository offsite`, `job nfs`, `ledger`. */
  readonly subject: string
  readonly message: string
  /** What to do now; empty when all is well. */
  readonly next: string
  readonly code?: string
}
