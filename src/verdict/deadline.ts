/** When the next backup has to be there: from the declared schedule and zone, or from an age. */
import { nextAfter } from './schedule/next.ts'
import type { Schedule } from './schedule/parse.ts'

export type Expectation =
  | { readonly kind: 'schedule'; readonly schedule: Schedule; readonly zone: string; readonly graceMs: number }
  | { readonly kind: 'max-age'; readonly maxAgeMs: number }

/**
 * The deadline for the backup that has to follow the one at `newestAt`.
 * @returns Undefined where nothing is expected, or the schedule never fires again.
 */
export function deadlineAfter(expectation: Expectation | undefined, newestAt: Date): Date | undefined {
  if (expectation === undefined) return undefined
  if (expectation.kind === 'max-age') return new Date(newestAt.getTime() + expectation.maxAgeMs)
  const next = nextAfter(expectation.schedule, expectation.zone, newestAt)
  return next === undefined ? undefined : new Date(next.getTime() + expectation.graceMs)
}
