/** Detection must be faster than retention: what is wrong has to be noticed before the last good snapshot is forgotten. */
import type { Schedule } from './schedule/parse.ts'
import { periodOf } from './schedule/period.ts'

const unitMs = { y: 365 * 86_400_000, m: 30 * 86_400_000, d: 86_400_000, h: 3_600_000 } as const

export interface KeepRules {
  readonly keepLast?: number | undefined
  readonly keepHourly?: number | undefined
  readonly keepDaily?: number | undefined
  readonly keepWeekly?: number | undefined
  readonly keepMonthly?: number | undefined
  readonly keepYearly?: number | undefined
  readonly keepWithin?: string | undefined
  readonly keepTags: readonly string[]
}

/**
 * How long a snapshot stays at least, by the rule that keeps longest.
 * @param schedule For `keepLast`, which counts runs; without one it says nothing about time.
 * @returns Milliseconds; infinite where tags keep for ever.
 */
export function keepWindow(
  rules: KeepRules,
  schedule: Schedule | undefined,
  zone: string,
  now: Date,
): number | undefined {
  if (rules.keepTags.length > 0) return Number.POSITIVE_INFINITY
  const period = schedule === undefined ? undefined : periodOf(schedule, zone, now)?.shortestMs
  const windows = [
    rules.keepLast !== undefined && period !== undefined ? rules.keepLast * period : undefined,
    times(rules.keepHourly, 3_600_000),
    times(rules.keepDaily, 86_400_000),
    times(rules.keepWeekly, 7 * 86_400_000),
    times(rules.keepMonthly, unitMs.m),
    times(rules.keepYearly, unitMs.y),
    rules.keepWithin === undefined ? undefined : withinMs(rules.keepWithin),
  ].filter((window) => window !== undefined)
  return windows.length === 0 ? undefined : Math.max(...windows)
}

const times = (count: number | undefined, ms: number): number | undefined =>
  count === undefined ? undefined : count * ms

const withinMs = (text: string): number =>
  [...text.matchAll(/(\d+)([ymdh])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * unitMs[unit as keyof typeof unitMs],
    0,
  )
