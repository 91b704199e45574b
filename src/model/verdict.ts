import type { Problem } from './problem.ts'

export const verdictStates = [
  'fresh',
  'late',
  'ahead',
  'absent',
  'failing',
  'unreadable',
  'running',
  'stalled',
  'suspect',
  'full',
] as const
export type VerdictState = (typeof verdictStates)[number]

/** What stands behind every verdict: why, and what to do now (empty when all is well). */
interface Why {
  readonly reason: string
  readonly next: string
}

/** How a backup set or job stands now: a pure function of what is expected, what is known, and now. */
export type Verdict = Why &
  (
    | { readonly state: 'fresh'; readonly newestAt: Date; readonly expectedBefore?: Date }
    | { readonly state: 'late'; readonly newestAt: Date; readonly expectedBefore: Date; readonly lateMs: number }
    /** The newest is dated in the future: some clock is wrong, and later gaps would stay hidden. */
    | { readonly state: 'ahead'; readonly newestAt: Date; readonly aheadMs: number }
    | { readonly state: 'absent'; readonly expectedBefore?: Date }
    | {
        readonly state: 'failing'
        readonly since: Date
        readonly failures: number
        readonly problem?: Problem
        readonly newestAt?: Date
        readonly expectedBefore?: Date
      }
    | {
        readonly state: 'unreadable'
        readonly since: Date
        readonly problem: Problem
        readonly newestAt?: Date
        readonly expectedBefore?: Date
      }
    | { readonly state: 'running'; readonly since: Date; readonly newestAt?: Date; readonly expectedBefore?: Date }
    /** The history of a repository shows what nobody explained; only ever said of a repository. */
    | { readonly state: 'suspect'; readonly since: Date }
    /** The store of a repository has hardly any room left; only ever said of a repository. */
    | { readonly state: 'full'; readonly since: Date }
    | { readonly state: 'stalled'; readonly since: Date; readonly newestAt?: Date; readonly expectedBefore?: Date }
  )

/** The states of backup sets and jobs. */
export const ownStates = verdictStates.filter((state) => state !== 'suspect' && state !== 'full')

/** Passes muster: nobody has to look. */
export const isFine = (verdict: Pick<Verdict, 'state'>): boolean =>
  verdict.state === 'fresh' || verdict.state === 'running'
