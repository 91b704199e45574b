import type { CronSchedule, EverySchedule, Schedule } from './parse.ts'
import { wallFrom, wallUntil } from './wall.ts'
import { firstChange, lastChange, type OffsetChange, offsetAt } from './zone.ts'

export { isZone } from './zone.ts'

const hour = 3600
const day = 86_400

/** Schedules are computed from 1900 up to, not including, 9900; outside there are no instants. In seconds. */
const earliest = Date.UTC(1900, 0, 1) / 1000
const latest = Date.UTC(9900, 0, 1) / 1000

/**
 * Whether a fixed-time job owes one run for the wall-clock time that a change skips.
 * Source: Debian cron.c, `timeDiff` of at most 3 hours, which for a gap means less than 3 hours: at 3 hours and more
 * the clock counts as corrected, and what it skipped is gone.
 */
const catchesUp = (schedule: CronSchedule, change: OffsetChange): boolean =>
  !schedule.wildcard && change.after > change.before && change.after - change.before < 3 * hour

/**
 * Whether a fixed-time job stays silent while the wall clock repeats itself.
 * Source: as above; for a repetition the same comparison means 3 hours and less. Beyond, it runs again.
 */
const sitsOut = (schedule: CronSchedule, change: OffsetChange): boolean =>
  !schedule.wildcard && change.after < change.before && change.before - change.after <= 3 * hour

/**
 * The first instant of a schedule strictly after a point in time, by the rules of Debian's cron at clock changes:
 * a schedule whose minute or hour begins with `*` follows elapsed time; any other one runs once, right after the
 * change, for whatever was skipped, and only the first time in what is repeated. `docs/schedules.md` has examples.
 *
 * @param zone IANA name for which `isZone` holds; any other throws a RangeError.
 * @returns Undefined when it never fires: no match within 41 years (30 February), or outside the years 1900 to 9899.
 */
export function nextAfter(schedule: Schedule, zone: string, after: Date): Date | undefined {
  if (schedule.kind === 'every') return everyAt(schedule, Math.floor(after.getTime() / schedule.periodMs) + 1)
  return toDate(cronFrom(schedule, zone, Math.floor(after.getTime() / 1000) + 1))
}

/** The last instant of a schedule at or before a point in time, by the same rules as `nextAfter`. */
export function previousAtOrBefore(schedule: Schedule, zone: string, at: Date): Date | undefined {
  if (schedule.kind === 'every') return everyAt(schedule, Math.floor(at.getTime() / schedule.periodMs))
  return toDate(cronUntil(schedule, zone, Math.floor(at.getTime() / 1000)))
}

/** The instants after `from`, up to and with `to`, in order; at most `most` of them. */
export function instantsBetween(schedule: Schedule, zone: string, from: Date, to: Date, most: number): Date[] {
  const instants: Date[] = []
  let instant = nextAfter(schedule, zone, from)
  while (instant !== undefined && instant <= to && instants.length < most) {
    instants.push(instant)
    instant = nextAfter(schedule, zone, instant)
  }
  return instants
}

const inRange = (at: number): boolean => at >= earliest && at < latest

const toDate = (at: number | undefined): Date | undefined =>
  at !== undefined && inRange(at) ? new Date(at * 1000) : undefined

function everyAt(schedule: EverySchedule, count: number): Date | undefined {
  const ms = count * schedule.periodMs
  return inRange(ms / 1000) ? new Date(ms) : undefined
}

/** First instant at or after `from`, both in seconds since 1970. */
function cronFrom(schedule: CronSchedule, zone: string, from: number): number | undefined {
  if (!inRange(from)) return undefined
  let at = from
  let offset = offsetAt(zone, at)
  let wall = at + offset
  const past = lastChange(zone, at - 3 * hour, at)
  if (past && sitsOut(schedule, past)) wall = Math.max(wall, past.at + past.before)
  // `from` may be the very second of a change that owes a run.
  if (past && past.at === at && owes(schedule, past)) return at
  for (;;) {
    const match = wallFrom(schedule, wall)
    if (match === undefined) return undefined
    const found = match - offset
    const change = firstChange(zone, at, Math.min(found, at + 2 * day))
    if (change) {
      at = change.at
      offset = change.after
      if (catchesUp(schedule, change) && match < change.at + change.after) return change.at
      wall = sitsOut(schedule, change) ? change.at + change.before : change.at + change.after
    } else if (found > at + 2 * day) {
      // Nothing matches up to two days before: whatever the clock does until then does not matter.
      at = Math.max(found - 2 * day, at + 2 * day)
      offset = offsetAt(zone, at)
      wall = at + offset
    } else {
      return found
    }
  }
}

/** Last instant at or before `until`, both in seconds since 1970. */
function cronUntil(schedule: CronSchedule, zone: string, until: number): number | undefined {
  if (!inRange(until)) return undefined
  let at = until
  for (;;) {
    const offset = offsetAt(zone, at)
    const match = wallUntil(schedule, at + offset)
    if (match === undefined) return undefined
    const found = match - offset
    const change = lastChange(zone, Math.max(found - 3 * hour, at - 2 * day), at)
    if (change) {
      const opens = sitsOut(schedule, change) ? change.at + change.before : change.at + change.after
      if (match >= opens) return found
      if (catchesUp(schedule, change) && match >= change.at + change.before) return change.at
      at = change.at - 1
    } else if (found < at - 2 * day) {
      at = Math.min(found + 2 * day, at - 2 * day)
    } else {
      return found
    }
  }
}

/** Whether the wall-clock time skipped by a change holds a match of a schedule that catches up. */
function owes(schedule: CronSchedule, change: OffsetChange): boolean {
  if (!catchesUp(schedule, change)) return false
  const match = wallFrom(schedule, change.at + change.before)
  return match !== undefined && match < change.at + change.after
}
