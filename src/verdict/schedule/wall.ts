import type { CronSchedule } from './parse.ts'

/**
 * Wall-clock time without a zone: seconds since 1970-01-01 00:00:00 as the clock on the wall shows it. Every day has
 * 86,400 of them; skipped and repeated hours are the business of `next.ts`.
 */
export type WallSeconds = number

const daySeconds = 86_400

/** 29 February on one given weekday can be 40 years away, across 2100. */
const searchYears = 41

const dayNumber = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) / 86_400_000

const monthLength = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate()

/** 1970-01-01 was a Thursday. */
const weekdayOf = (days: number): number => (((days + 4) % 7) + 7) % 7

function dayMatches(schedule: CronSchedule, day: number, days: number): boolean {
  const byDate = schedule.days.includes(day)
  const byWeekday = schedule.weekdays.includes(weekdayOf(days))
  return schedule.dayRule === 'both' ? byDate && byWeekday : byDate || byWeekday
}

function split(wall: WallSeconds): { year: number; month: number; day: number; clock: number } {
  const days = Math.floor(wall / daySeconds)
  const date = new Date(days * 86_400_000)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    clock: wall - days * daySeconds,
  }
}

const atLeast = (values: readonly number[], least: number): number | undefined => values.find((value) => value >= least)
const atMost = (values: readonly number[], most: number): number | undefined =>
  values.findLast((value) => value <= most)

/** First matching time of day at or after `clock`, in seconds since midnight. */
function clockFrom(schedule: CronSchedule, clock: number): number | undefined {
  const { hours, minutes, seconds } = schedule
  const hour = Math.floor(clock / 3600)
  const minute = Math.floor(clock / 60) % 60
  if (hours.includes(hour)) {
    const second = minutes.includes(minute) ? atLeast(seconds, clock % 60) : undefined
    if (second !== undefined) return hour * 3600 + minute * 60 + second
    const later = atLeast(minutes, minute + 1)
    if (later !== undefined) return hour * 3600 + later * 60 + (seconds[0] ?? 0)
  }
  const later = atLeast(hours, hour + 1)
  return later === undefined ? undefined : later * 3600 + (minutes[0] ?? 0) * 60 + (seconds[0] ?? 0)
}

/** Last matching time of day at or before `clock`, in seconds since midnight. */
function clockUntil(schedule: CronSchedule, clock: number): number | undefined {
  const { hours, minutes, seconds } = schedule
  const hour = Math.floor(clock / 3600)
  const minute = Math.floor(clock / 60) % 60
  if (hours.includes(hour)) {
    const second = minutes.includes(minute) ? atMost(seconds, clock % 60) : undefined
    if (second !== undefined) return hour * 3600 + minute * 60 + second
    const earlier = atMost(minutes, minute - 1)
    if (earlier !== undefined) return hour * 3600 + earlier * 60 + (seconds.at(-1) ?? 0)
  }
  const earlier = atMost(hours, hour - 1)
  return earlier === undefined ? undefined : earlier * 3600 + (minutes.at(-1) ?? 0) * 60 + (seconds.at(-1) ?? 0)
}

/** First match at or after `from`, as the wall clock shows it. Undefined when there is none within 41 years. */
export function wallFrom(schedule: CronSchedule, from: WallSeconds): WallSeconds | undefined {
  let { year, month, day, clock } = split(from)
  for (const lastYear = year + searchYears; year <= lastYear; month = 1, year++) {
    for (; month <= 12; month++, day = 1, clock = 0) {
      if (!schedule.months.includes(month)) continue
      for (const length = monthLength(year, month); day <= length; day++, clock = 0) {
        const days = dayNumber(year, month, day)
        if (!dayMatches(schedule, day, days)) continue
        const found = clockFrom(schedule, clock)
        if (found !== undefined) return days * daySeconds + found
      }
    }
  }
  return undefined
}

/** Last match at or before `until`, as the wall clock shows it. Undefined when there is none within 41 years. */
export function wallUntil(schedule: CronSchedule, until: WallSeconds): WallSeconds | undefined {
  let { year, month, day, clock } = split(until)
  for (const firstYear = year - searchYears; year >= firstYear; month = 12, year--) {
    for (; month >= 1; month--, day = 31, clock = daySeconds - 1) {
      if (!schedule.months.includes(month)) continue
      for (day = Math.min(day, monthLength(year, month)); day >= 1; day--, clock = daySeconds - 1) {
        const days = dayNumber(year, month, day)
        if (!dayMatches(schedule, day, days)) continue
        const found = clockUntil(schedule, clock)
        if (found !== undefined) return days * daySeconds + found
      }
    }
  }
  return undefined
}
