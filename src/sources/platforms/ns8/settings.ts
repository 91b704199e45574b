import type { Secret } from '../../../model/secret.ts'

/** How NethServer 8 is asked; secrets loaded, durations in milliseconds. */
export interface Ns8Settings {
  readonly redis: {
    readonly url?: string | undefined
    /** Takes the place of `url`. */
    readonly socket?: string | undefined
    readonly user?: string | undefined
    readonly password?: Secret | undefined
    /** For all questions together. */
    readonly timeout: number
  }
  /** Program and arguments before its own. */
  readonly runagent: readonly string[]
}
