import type { Result } from '../../model/problem.ts'
import { fail, ok } from '../../model/problem.ts'

/** One field of a cron line after parsing. */
export interface Field {
  /** Matching values, ascending, without doubles, never empty. */
  readonly values: readonly number[]
  /** The field's text begins with `*` (or `?`): decides how days combine and how clock changes are treated. */
  readonly star: boolean
}

interface FieldKind {
  readonly name: string
  readonly low: number
  readonly high: number
  /** Upper-case names; the first stands for `low`. */
  readonly names?: readonly string[]
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

export const fieldKinds = {
  second: { name: 'second', low: 0, high: 59 },
  minute: { name: 'minute', low: 0, high: 59 },
  hour: { name: 'hour', low: 0, high: 23 },
  day: { name: 'day of month', low: 1, high: 31 },
  month: { name: 'month', low: 1, high: 12, names: months },
  weekday: { name: 'day of week', low: 0, high: 7, names: weekdays },
} as const satisfies Record<string, FieldKind>

/** A problem with the schedule's text. `next` says how to write it instead. */
export const syntax = (message: string, next: string, context: Record<string, string | number> = {}): Result<never> =>
  fail({ code: 'schedule.syntax', message, next, retry: 'never', context })

/** Text of the user, short enough for a message and without control characters. */
export const shown = (text: string): string => {
  const visible = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?')
  return visible.length > 60 ? `${visible.slice(0, 60)}…` : visible
}

const allowedIn = (kind: FieldKind): string =>
  `${kind.low}-${kind.high}${kind.names ? ` or ${kind.names[0]}-${kind.names.at(-1)}` : ''}`

function refuse(kind: FieldKind, value: string, reason: string): Result<never> {
  return syntax(
    `The ${kind.name} field holds "${shown(value)}": ${reason}.`,
    `Write *, numbers, ranges such as 1-5, lists such as 1,3 or steps such as */2, within ${allowedIn(kind)}.`,
    { field: kind.name, value: shown(value) },
  )
}

function numberOf(text: string, kind: FieldKind): number | undefined {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  const named = kind.names?.indexOf(text.toUpperCase()) ?? -1
  return named < 0 ? undefined : kind.low + named
}

const termShape = /^(\*|\?|[0-9A-Za-z]+)(?:-([0-9A-Za-z]+))?(?:\/(\d+))?$/

/**
 * Reads one term of a list. As in Debian's cron the day of week spans 0-7 for steps, so that a step counts from Sunday
 * as 0. A lone number with a step runs from that number to the end of the field.
 */
function parseTerm(term: string, kind: FieldKind): Result<readonly number[]> {
  const found = termShape.exec(term)
  if (!found) return refuse(kind, term, `that is no value, range or step; allowed are ${allowedIn(kind)}`)
  const [, start = '', end, stepText] = found
  const star = start === '*' || start === '?'
  if (star && end !== undefined) return refuse(kind, term, `${start} already means every value and takes no range`)
  const low = star ? kind.low : numberOf(start, kind)
  let high = end !== undefined ? numberOf(end, kind) : star || stepText !== undefined ? kind.high : low
  if (low === undefined || high === undefined) return refuse(kind, term, `allowed are ${allowedIn(kind)}`)
  if (low < kind.low || low > kind.high || high < kind.low || high > kind.high) {
    return refuse(kind, term, `allowed are ${allowedIn(kind)}`)
  }
  if (kind === fieldKinds.weekday && high === 0 && low > 0) high = 7 // FRI-SUN ends at the Sunday after
  if (high < low) return refuse(kind, term, 'the range runs backwards; write two ranges joined by a comma')
  const step = stepText === undefined ? 1 : Number(stepText)
  if (step < 1) return refuse(kind, term, 'a step is at least 1')
  if (step > kind.high) return refuse(kind, term, `a step of ${stepText?.slice(0, 9)} is longer than the field`)
  const values: number[] = []
  for (let value = low; value <= high; value += step) values.push(value)
  return ok(values)
}

/** Reads one field. `7` is Sunday and comes out as 0. */
export function parseField(text: string, kind: FieldKind): Result<Field> {
  const values = new Set<number>()
  for (const term of text.split(',')) {
    const read = parseTerm(term, kind)
    if (!read.ok) return read
    for (const value of read.value) values.add(kind === fieldKinds.weekday ? value % 7 : value)
  }
  return ok({ values: [...values].sort((a, b) => a - b), star: text.startsWith('*') || text.startsWith('?') })
}
