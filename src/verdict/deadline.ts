/** When the next backup has to be there: from the declared schedule and zone, from an age, or from what was learned. */
import { sayDuration } from '../model/units.ts'
import type { Cadence } from './cadence.ts'
import { nextAfter } from './schedule/next.ts'
import type { Schedule } from './schedule/parse.ts'

export type Expectation =
  | { readonly kind: 'schedule'; readonly schedule: Schedule; readonly zone: string; readonly graceMs: number }
  | { readonly kind: 'max-age'; readonly maxAgeMs: number }
  | { readonly kind: 'every'; readonly everyMs: number; readonly graceMs: number }
  | ({ readonly kind: 'learned' } & Cadence)
  /** Kept on purpose: nothing new is expected, and nothing is wrong with that. */
  | { readonly kind: 'archived' }

/**
 * The deadline for the backup that has to follow the one at `newestAt`.
 * @returns Undefined where nothing is expected, or the schedule never fires again.
 */
export function deadlineAfter(expectation: Expectation | undefined, newestAt: Date): Date | undefined {
  switch (expectation?.kind) {
    case undefined:
    case 'archived':
      return undefined
    case 'max-age':
      return new Date(newestAt.getTime() + expectation.maxAgeMs)
    case 'every':
    case 'learned':
      return new Date(newestAt.getTime() + expectation.everyMs + expectation.graceMs)
    case 'schedule': {
      const next = nextAfter(expectation.schedule, expectation.zone, newestAt)
      return next === undefined ? undefined : new Date(next.getTime() + expectation.graceMs)
    }
  }
}

/** Where a deadline comes from that nobody declared; nothing for one that somebody did. */
export function sayLearned(expectation: Expectation | undefined): string {
  if (expectation?.kind !== 'learned') return ''
  const { n, everyMs, graceMs, pattern } = expectation
  const rhythm =
    pattern === 'weekly'
      ? `the same days each week, the next ${sayDuration(everyMs)} after this one`
      : `one each ${sayDuration(everyMs).replace(/^1 (?=\w+$)/, '')}`
  return `; learned from ${n + 1} snapshots: ${rhythm}, give or take ${sayDuration(graceMs)}`
}
