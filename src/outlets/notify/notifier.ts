/** The seam every way to tell a person fits into. One folder each; nothing outside asks which one it is. */
import type { Message } from '../../model/delivery.ts'
import type { Problem } from '../../model/problem.ts'
import type { Redact } from '../../system/redact.ts'

/** What the other side made of one message. */
export type Sent =
  | { readonly ok: true /** In its own words, cut and redacted. */; readonly answer: string }
  | {
      readonly ok: false
      readonly problem: Problem
      /**
       * `unreachable`: nobody answered, so it is tried until somebody does. `later`: it answered that it cannot now. `never`: the same
       * message will never be taken.
       */
      readonly trouble: 'unreachable' | 'later' | 'never'
      /** What it asked to wait, in milliseconds. */
      readonly retryAfterMs?: number
      readonly answer?: string
      /** What was taken nevertheless, of this try and those before: it is not sent again. Absent: nothing. */
      readonly parts?: readonly string[]
    }

/** One message on its way. */
export interface Outgoing {
  /** The same in each attempt: the receiver tells a repetition by it. At most 64 of `[A-Za-z0-9-]`. */
  readonly id: string
  readonly message: Message
  /** What was taken in earlier tries, as `Sent` told it. */
  readonly parts?: readonly string[] | undefined
}

export interface SendIo {
  readonly signal: AbortSignal
  readonly timeLimitMs: number
  readonly env: NodeJS.ProcessEnv
  /** Of what others answer, before it is cut: half a secret would not be found any more. */
  readonly redact?: Redact
}

export interface Notifier<Settings = never> {
  readonly kind: string
  /** @param settings As its `shape` parsed them, every secret loaded (`Secret` in place of its source). Never throws. */
  send(settings: Settings, outgoing: Outgoing, io: SendIo): Promise<Sent>
}
