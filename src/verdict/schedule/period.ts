import { nextAfter, previousAtOrBefore } from './next.ts'
import type { Schedule } from './parse.ts'

/** Distances between consecutive instants. */
export interface Period {
  readonly shortestMs: number
  readonly longestMs: number
}

const hourMs = 3_600_000

/** Instants looked at one after the other: with daily ones a year and its clock changes. */
const consecutive = 500

/** Hours looked at besides: two weeks, so that nights and weekends of a schedule that runs every minute are seen. */
const probedHours = 15 * 24

/**
 * The shortest and the longest distance between consecutive instants, from a sample that starts at `from`: the next 500
 * instants, and every pause of an hour or more within 15 days. Pauses that come later than the sample are not seen
 * (every minute, but not in August); clock changes count with what they add or take away.
 *
 * @returns Undefined for a schedule with fewer than two instants to come.
 */
export function periodOf(schedule: Schedule, zone: string, from: Date): Period | undefined {
  if (schedule.kind === 'every') return { shortestMs: schedule.periodMs, longestMs: schedule.periodMs }
  let last = nextAfter(schedule, zone, from)
  if (last === undefined) return undefined
  const first = last.getTime()
  let [shortestMs, longestMs] = [Number.POSITIVE_INFINITY, 0]
  for (let count = 0; count < consecutive; count++) {
    const instant = nextAfter(schedule, zone, last)
    if (instant === undefined) break
    const distance = instant.getTime() - last.getTime()
    shortestMs = Math.min(shortestMs, distance)
    longestMs = Math.max(longestMs, distance)
    last = instant
  }
  if (longestMs === 0) return undefined
  for (let hours = 1; hours <= probedHours; hours++) {
    const at = new Date(first + hours * hourMs)
    const before = previousAtOrBefore(schedule, zone, at)
    const after = nextAfter(schedule, zone, at)
    if (before && after) longestMs = Math.max(longestMs, after.getTime() - before.getTime())
  }
  return { shortestMs, longestMs }
}
