/** When a repository is read next: a while after the last reading, or at the next instant of its schedule. */

import { jitterOf } from '../verdict/schedule/jitter.ts'
import { nextAfter } from '../verdict/schedule/next.ts'
import { parseSchedule } from '../verdict/schedule/parse.ts'
import { periodOf } from '../verdict/schedule/period.ts'

/** When a reading ended, by both clocks: schedules follow that of the wall, durations the steady one. */
export interface ReadAt {
  readonly wall: Date
  readonly steadyMs: number
}

/** `read.every`: milliseconds, or the text of a schedule. */
type Pace = number | string

/**
 * How long until the next reading, in milliseconds; 0 and less when it is due. The first one is at once. Durations are spread,
 * so that many repositories do not come due together; an instant of a schedule was chosen by somebody and stays.
 */
export function untilReadingMs(name: string, pace: Pace, last: ReadAt | undefined, zone: string, now: ReadAt): number {
  if (last === undefined) return 0
  if (typeof pace === 'number') {
    const spread = jitterOf(name, new Date(Math.floor(last.steadyMs)), Math.floor(pace / 10))
    return last.steadyMs + pace - spread - now.steadyMs
  }
  // A clock that was set back: what is to come counts from now.
  const since = last.wall < now.wall ? last.wall : now.wall
  const schedule = parseSchedule(pace)
  const next = schedule.ok ? nextAfter(schedule.value, zone, since) : undefined
  return next === undefined ? Number.POSITIVE_INFINITY : next.getTime() - now.wall.getTime()
}

/** The longest time between two readings, in milliseconds. */
export function longestPauseMs(pace: Pace, zone: string, now: Date): number {
  if (typeof pace === 'number') return pace
  const schedule = parseSchedule(pace)
  return (schedule.ok ? periodOf(schedule.value, zone, now)?.longestMs : undefined) ?? Number.POSITIVE_INFINITY
}
