/** What the other side made of what it was given. */
import type { Problem } from '../../../model/problem.ts'

export type Pushed =
  | {
      readonly ok: true
      /** In its own words, cut. */
      readonly answer: string
      /** By the clock of the other side. */
      readonly at?: Date
    }
  | {
      readonly ok: false
      readonly problem: Problem
      /** `never`: the same will not be taken while nothing changes there. */
      readonly trouble: 'unreachable' | 'later' | 'never'
      readonly retryAfterMs?: number
      readonly answer?: string
    }

export const notTaken = (
  code: string,
  message: string,
  next: string,
  trouble: (Pushed & { ok: false })['trouble'],
): Pushed & { ok: false } => ({
  ok: false,
  problem: { code, message: `${message}.`, next, retry: trouble === 'never' ? 'never' : 'soon' },
  trouble,
})
