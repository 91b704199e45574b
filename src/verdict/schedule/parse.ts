import type { Result } from '../../model/problem.ts'
import { ok } from '../../model/problem.ts'
import { type Field, fieldKinds, parseField, shown, syntax } from './field.ts'

/** A cron line: instants are the matches of wall-clock time in some zone. */
export interface CronSchedule {
  readonly kind: 'cron'
  /** As written by the user, without space around it. */
  readonly text: string
  readonly seconds: readonly number[]
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly days: readonly number[]
  readonly months: readonly number[]
  /** 0 is Sunday. */
  readonly weekdays: readonly number[]
  /** `both`: day of month and day of week have to match, because one of the fields begins with `*`; else `either`. */
  readonly dayRule: 'both' | 'either'
  /** Minute or hour begins with `*`: runs by elapsed time through clock changes, nothing is moved or left out. */
  readonly wildcard: boolean
}

/** `@every 6h`: instants are the multiples of the period since 1970-01-01T00:00:00Z, the same in every zone. */
export interface EverySchedule {
  readonly kind: 'every'
  readonly text: string
  readonly periodMs: number
}

/** A parsed schedule: plain data, safe to compare, copy and write as JSON. */
export type Schedule = CronSchedule | EverySchedule

/** No honest schedule is longer; checked before anything looks at the text. */
export const longestText = 256

const shape =
  'Write five fields `minute hour day-of-month month day-of-week`, six with seconds first, or @daily, @every 6h.'

const nicknames: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
}

/**
 * Reads the text of a schedule: cron with 5 fields, or 6 with seconds first, `@daily` and its like, `@every 1h30m`.
 *
 * Fields: `*`, `?` (same as `*`), numbers, lists, ranges, steps, names JAN-DEC and SUN-SAT in any case; 0 and 7 are
 * Sunday. Day of month and day of week are joined by OR, unless one of them begins with `*`: then by AND.
 * Source of the rules: Debian cron 3.0pl1, crontab(5) and its source.
 *
 * @returns `schedule.syntax`, naming field and value, for anything else. Never throws, for whatever text. A date that
 * never comes, such as 30 February, is well-formed: it parses, and `nextAfter` says that it never fires.
 */
export function parseSchedule(text: string): Result<Schedule> {
  if (text.length > longestText) {
    return syntax(`The schedule is ${text.length} characters long; at most ${longestText} are read.`, shape)
  }
  const trimmed = text.trim()
  if (trimmed === '') return syntax('The schedule is empty.', shape)
  if (/^(CRON_)?TZ=/i.test(trimmed)) {
    return syntax(
      'The schedule begins with a time zone.',
      'Leave the zone out here and set it as `timezone` beside the schedule.',
    )
  }
  return trimmed.startsWith('@') ? parseNickname(trimmed) : parseCron(trimmed, trimmed)
}

function parseNickname(text: string): Result<Schedule> {
  const [name = '', ...rest] = text.split(/\s+/)
  const lower = name.toLowerCase()
  if (lower === '@every') return parseEvery(text, rest.join(''))
  const line = Object.hasOwn(nicknames, lower) ? nicknames[lower] : undefined
  if (line !== undefined && rest.length === 0) return parseCron(text, line)
  const known = `${Object.keys(nicknames).join(', ')} and @every with a duration`
  if (lower === '@reboot') return syntax('@reboot is no point in time.', `Use one of ${known}.`, { value: name })
  return syntax(`"${shown(text)}" is no known short form.`, `Use one of ${known}.`, { value: shown(text) })
}

const unitSeconds = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 } as const
const longestPeriodSeconds = 366 * 86_400

function parseEvery(text: string, duration: string): Result<Schedule> {
  const next = 'Write a duration of whole weeks, days, hours, minutes and seconds in that order, such as 6h or 1h30m.'
  const found = /^(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/i.exec(duration)
  if (!found || duration === '')
    return syntax(`@every is followed by "${shown(duration)}", which is no duration.`, next)
  const seconds = Object.values(unitSeconds).reduce((sum, unit, index) => sum + unit * Number(found[index + 1] ?? 0), 0)
  if (seconds < 1 || seconds > longestPeriodSeconds) {
    return syntax(`@every ${shown(duration)} is out of range: at least 1s, at most 366d.`, next)
  }
  return ok({ kind: 'every', text, periodMs: seconds * 1000 })
}

function parseCron(text: string, line: string): Result<Schedule> {
  const parts = line.split(/\s+/)
  if (parts.length !== 5 && parts.length !== 6) {
    return syntax(`The schedule "${shown(text)}" has ${parts.length} field${parts.length === 1 ? '' : 's'}.`, shape)
  }
  const withSeconds = parts.length === 6 ? parts : ['0', ...parts]
  const read: Field[] = []
  for (const [index, kind] of Object.values(fieldKinds).entries()) {
    const field = parseField(withSeconds[index] ?? '', kind)
    if (!field.ok) return field
    read.push(field.value)
  }
  const [second, minute, hour, day, month, weekday] = read as [Field, Field, Field, Field, Field, Field]
  return ok({
    kind: 'cron',
    text,
    seconds: second.values,
    minutes: minute.values,
    hours: hour.values,
    days: day.values,
    months: month.values,
    weekdays: weekday.values,
    dayRule: day.star || weekday.star ? 'both' : 'either',
    wildcard: minute.star || hour.star,
  })
}
