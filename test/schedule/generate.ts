import fc from 'fast-check'
import { findClockChanges, type Span, spanOf } from './model.ts'

/** Zones with every kind of clock change since 2020: one hour, half an hour, two and three hours, both halves of the
 * world, changes at midnight, changes that move with Ramadan, one-off changes of standard time, and none at all. */
export const zones = [
  'Europe/Berlin',
  'Europe/Dublin',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'America/Havana',
  'America/Scoresbysund',
  'Australia/Sydney',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Almaty',
  'Antarctica/Troll',
  'Antarctica/Casey',
  'Antarctica/Vostok',
  'America/Nuuk',
  'UTC',
] as const

const hourMs = 3_600_000

/** A change of the clock with the days around it. */
export interface Scene {
  readonly zone: string
  readonly change: Date
  readonly from: Date
  readonly to: Date
  readonly span: Span
}

/** Opens the window around a change: half a day before it and a day and a quarter after it. */
export function sceneOf(zone: string, change: Date): Scene {
  const from = new Date(change.getTime() - 12 * hourMs)
  const to = new Date(change.getTime() + 30 * hourMs)
  return { zone, change, from, to, span: spanOf(zone, from, to) }
}

/** Every change of a zone between the beginnings of two years; for a zone without any, one ordinary day. */
export function scenesOf(zone: string, firstYear: number, endYear: number): Scene[] {
  const changes = findClockChanges(zone, new Date(Date.UTC(firstYear, 0, 1)), new Date(Date.UTC(endYear, 0, 1)))
  const shown = changes.length > 0 ? changes : [new Date(Date.UTC(firstYear, 2, 29, 1))]
  return shown.map((change) => sceneOf(zone, change))
}

const pick = <T>(weighted: readonly (readonly [number, fc.Arbitrary<T>])[]): fc.Arbitrary<T> =>
  fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })))

function fieldOf(value: fc.Arbitrary<number>, high: number, steps: fc.Arbitrary<number>): fc.Arbitrary<string> {
  const number = value.map(String)
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)
  const term = pick([
    [8, number],
    [2, range],
    [1, fc.tuple(range, steps).map(([text, step]) => `${text}/${step}`)],
    [
      1,
      fc
        .tuple(
          value.filter((v) => v < high),
          steps,
        )
        .map(([start, step]) => `${start}/${step}`),
    ],
  ])
  return pick([
    [20, term],
    [10, fc.array(number, { minLength: 2, maxLength: 4 }).map((numbers) => numbers.join(','))],
    [3, fc.array(term, { minLength: 2, maxLength: 4 }).map((terms) => terms.join(','))],
    [2, fc.constant('*')],
    [8, steps.map((step) => `*/${step}`)],
    [1, number.map((text) => `*,${text}`)],
    [1, number.map((text) => `${text},*`)],
  ])
}

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max })

/** Hours lean to the night, where clocks change; days lean to "every day", or few lines would match in a window. */
const hours = pick([
  [4, whole(0, 4)],
  [1, whole(21, 23)],
  [2, whole(0, 23)],
])

const days = pick([
  [3, fc.constant('*')],
  [1, fieldOf(whole(1, 31), 31, whole(1, 31))],
])

const months = pick([
  [4, fc.constant('*')],
  [1, fieldOf(whole(1, 12), 12, whole(1, 12))],
  [1, fc.constantFrom('MAR', 'oct', 'jan-jun', 'APR-Oct/3', 'SEP,NOV,DEC,FEB')],
])

const weekdays = pick([
  [3, fc.constant('*')],
  [1, fieldOf(whole(0, 7), 7, whole(1, 7))],
  [1, fc.constantFrom('SUN', 'sat,sun', 'MON-FRI', '5-7', '0', '7', 'Thu-SAT')],
])

/** A valid cron line of five fields, as people write them and as nobody would. */
export const cronLine: fc.Arbitrary<string> = fc
  .tuple(fieldOf(whole(0, 59), 59, whole(7, 59)), fieldOf(hours, 23, whole(1, 23)), days, months, weekdays)
  .map((fields) => fields.join(' '))
