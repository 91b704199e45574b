/**
 * Debian's cron as a slow, plain simulation: it wakes every minute, looks at the wall clock and decides. It shares no
 * code with `src/verdict/schedule`, on purpose, and is the judge of it and of the libraries.
 *
 * Source of the rules: Debian cron 3.0pl1, main loop (`timeDiff`, the four kinds of waking up), `find_jobs`, and the
 * star flags set by the first character of a field. One difference: Debian's daemon asks for the offset from UTC anew
 * only when the zone's daylight flag changes; the model asks every minute, as a freshly started daemon would.
 */

const zoneFormats = new Map<string, Intl.DateTimeFormat>()

/** Minutes the wall clock is at, counted from 1970-01-01 00:00 on that wall. Whole-minute offsets only (after 1972). */
function wallMinute(zone: string, at: number): number {
  let format = zoneFormats.get(zone)
  if (!format) {
    // Swedish writes dates as ISO 8601 does: 2026-03-29 03:00.
    format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    })
    zoneFormats.set(zone, format)
  }
  return Date.parse(`${format.format(at).replace(' ', 'T')}Z`) / 60_000
}

/** A cron line as bits, read in the manner of `entry.c`. Five fields; the tests only write valid ones. */
export interface Entry {
  readonly minute: readonly boolean[]
  readonly hour: readonly boolean[]
  readonly dom: readonly boolean[]
  readonly month: readonly boolean[]
  readonly dow: readonly boolean[]
  readonly star: { readonly minute: boolean; readonly hour: boolean; readonly dom: boolean; readonly dow: boolean }
}

const names = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const dayNames = 'sun mon tue wed thu fri sat'.split(' ')

function bits(text: string, low: number, high: number, words: readonly string[] = []): boolean[] {
  const set: boolean[] = new Array(high + 1).fill(false)
  const number = (word: string): number => {
    const index = words.indexOf(word.toLowerCase())
    return index >= 0 ? index + low : Number(word)
  }
  for (const item of text.split(',')) {
    const slash = item.split('/')
    const range = slash[0] ?? ''
    const step = Number(slash[1] ?? 1)
    let from = low
    let to = high
    if (range !== '*') {
      const ends = range.split('-')
      from = number(ends[0] ?? '')
      to = ends[1] !== undefined ? number(ends[1]) : slash[1] !== undefined ? high : from
    }
    for (let value = from; value <= to; value += step) set[value] = true
  }
  return set
}

export function readEntry(line: string): Entry {
  const [minute = '', hour = '', dom = '', month = '', dow = ''] = line.split(' ')
  const weekdays = bits(dow, 0, 7, dayNames)
  if (weekdays[0] || weekdays[7]) weekdays[0] = weekdays[7] = true
  return {
    minute: bits(minute, 0, 59),
    hour: bits(hour, 0, 23),
    dom: bits(dom, 1, 31),
    month: bits(month, 1, 12, names),
    dow: weekdays,
    star: {
      minute: minute.startsWith('*'),
      hour: hour.startsWith('*'),
      dom: dom.startsWith('*'),
      dow: dow.startsWith('*'),
    },
  }
}

interface Day {
  readonly day: number
  readonly month: number
  readonly weekday: number
}

/** Dates by the number of the day since 1970. */
const dates = new Map<number, Day>()

function dateOf(wall: number): Day {
  const number = Math.floor(wall / 1440)
  let found = dates.get(number)
  if (!found) {
    const date = new Date(number * 86_400_000)
    found = { day: date.getUTCDate(), month: date.getUTCMonth() + 1, weekday: date.getUTCDay() }
    dates.set(number, found)
  }
  return found
}

function hasJob(entry: Entry, wall: number, doWild: boolean, doNonWild: boolean): boolean {
  if (!entry.minute[wall % 60] || !entry.hour[Math.floor(wall / 60) % 24]) return false
  const wild = entry.star.minute || entry.star.hour
  if (wild ? !doWild : !doNonWild) return false
  const { day, month, weekday } = dateOf(wall)
  if (!entry.month[month]) return false
  const dom = entry.dom[day] ?? false
  const dow = entry.dow[weekday] ?? false
  return entry.star.dom || entry.star.dow ? dom && dow : dom || dow
}

/** Wall minutes of a zone for each real minute of a span: the expensive part, done once for many lines. */
export interface Span {
  /** The daemon starts in this minute; the first one it looks at is the next. Minutes since 1970. */
  readonly start: number
  readonly walls: readonly number[]
}

export function spanOf(zone: string, from: Date, to: Date): Span {
  const start = Math.floor(from.getTime() / 60_000)
  const walls: number[] = []
  for (let minute = start; minute * 60_000 <= to.getTime(); minute++) walls.push(wallMinute(zone, minute * 60_000))
  return { start, walls }
}

/** Runs the daemon over a span and returns the minutes in which it starts the job, as milliseconds since 1970. */
export function simulate(entry: Entry, span: Span): number[] {
  const runs: number[] = []
  let virtual = span.walls[0] ?? 0
  for (let index = 1; index < span.walls.length; index++) {
    const running = span.walls[index] ?? 0
    const difference = running - virtual
    let found = false
    if (difference === 1) {
      virtual = running
      found = hasJob(entry, virtual, true, true)
    } else if (difference > 180 || difference <= -180) {
      virtual = running
      found = hasJob(entry, running, true, true)
    } else if (difference > 5) {
      found = hasJob(entry, running, true, false)
      while (virtual < running) {
        virtual++
        if (hasJob(entry, virtual, false, true)) found = true
      }
    } else if (difference > 0) {
      while (virtual < running) {
        virtual++
        if (hasJob(entry, virtual, true, true)) found = true
      }
    } else {
      found = hasJob(entry, running, true, false)
    }
    if (found) runs.push((span.start + index) * 60_000)
  }
  return runs
}

/** Minutes after which the wall clock of a zone does anything but advance by one, between two points in time. */
export function findClockChanges(zone: string, from: Date, to: Date): Date[] {
  const changes: Date[] = []
  const day = 86_400_000
  for (let at = from.getTime(); at < to.getTime(); at += day) {
    const step = wallMinute(zone, at + day) - wallMinute(zone, at)
    if (step === 1440) continue
    for (let minute = at; minute < at + day; minute += 60_000) {
      if (wallMinute(zone, minute + 60_000) - wallMinute(zone, minute) !== 1) changes.push(new Date(minute + 60_000))
    }
  }
  return changes
}
