import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { longestText, parseSchedule, type Schedule } from './parse.ts'

function read(text: string): Schedule {
  const parsed = parseSchedule(text)
  if (!parsed.ok) throw new Error(parsed.problem.message)
  return parsed.value
}

function cron(text: string) {
  const schedule = read(text)
  if (schedule.kind !== 'cron') throw new Error(`${text} is no cron line`)
  return schedule
}

const all = (low: number, high: number) => Array.from({ length: high - low + 1 }, (_, index) => low + index)

describe('fields of a cron line', () => {
  const rows = [
    { name: 'five fields start at second 0', text: '15 2 * * *', want: { seconds: [0], minutes: [15], hours: [2] } },
    {
      name: 'six fields have the seconds first',
      text: '30 15 2 * * *',
      want: { seconds: [30], minutes: [15], hours: [2] },
    },
    { name: 'a list is sorted and free of doubles', text: '45,0,15,0 * * * *', want: { minutes: [0, 15, 45] } },
    { name: 'a range holds both its ends', text: '0 9-12 * * *', want: { hours: [9, 10, 11, 12] } },
    { name: 'a step counts from the beginning of its range', text: '5-59/20 * * * *', want: { minutes: [5, 25, 45] } },
    { name: 'a star with a step counts from the lowest value', text: '0 0 */10 * *', want: { days: [1, 11, 21, 31] } },
    { name: 'a number with a step runs to the end of the field', text: '10/25 * * * *', want: { minutes: [10, 35] } },
    { name: 'months have names in any case', text: '0 0 1 jan,Jul-SEP *', want: { months: [1, 7, 8, 9] } },
    { name: 'weekdays have names', text: '0 0 * * MON-fri', want: { weekdays: [1, 2, 3, 4, 5] } },
    { name: '7 is Sunday', text: '0 0 * * 7', want: { weekdays: [0] } },
    { name: 'a range may end at Sunday as 7', text: '0 0 * * 5-7', want: { weekdays: [0, 5, 6] } },
    { name: 'a range may end at Sunday by name', text: '0 0 * * FRI-SUN', want: { weekdays: [0, 5, 6] } },
    { name: 'weekday steps count from Sunday as 0 to 7', text: '0 0 * * */3', want: { weekdays: [0, 3, 6] } },
    { name: 'a question mark is a star', text: '0 0 ? * ?', want: { days: all(1, 31), weekdays: all(0, 6) } },
    { name: 'space around and between does not matter', text: ' 0\t 1  * * * ', want: { hours: [1] } },
    { name: 'leading zeros do not matter', text: '05 02 01 * *', want: { minutes: [5], hours: [2], days: [1] } },
    { name: '30 February is well-formed', text: '0 0 30 2 *', want: { days: [30], months: [2] } },
  ]
  for (const { name, text, want } of rows) it(name, () => expect(cron(text)).toMatchObject(want))
})

describe('what a star at the beginning of a field decides', () => {
  const rows = [
    { text: '0 0 13 * 5', dayRule: 'either', wildcard: false },
    { text: '0 0 */2 * 1', dayRule: 'both', wildcard: false },
    { text: '0 0 13 * *', dayRule: 'both', wildcard: false },
    { text: '0 0 1,* * 1', dayRule: 'either', wildcard: false },
    { text: '0 0 1-31 * 1', dayRule: 'either', wildcard: false },
    { text: '*/5 2 * * *', dayRule: 'both', wildcard: true },
    { text: '0 *,3 * * *', dayRule: 'both', wildcard: true },
    { text: '0 0-23 * * *', dayRule: 'both', wildcard: false },
    { text: '* 30 2 * * *', dayRule: 'both', wildcard: false },
    { text: '@hourly', dayRule: 'both', wildcard: true },
    { text: '@daily', dayRule: 'both', wildcard: false },
  ] as const
  for (const { text, dayRule, wildcard } of rows) {
    it(`${text} joins days by ${dayRule} and is ${wildcard ? 'a wildcard job' : 'at a fixed time'}`, () =>
      expect(cron(text)).toMatchObject({ dayRule, wildcard }))
  }
})

describe('short forms', () => {
  const rows = [
    ['@hourly', '0 * * * *'],
    ['@daily', '0 0 * * *'],
    ['@Midnight', '0 0 * * *'],
    ['@weekly', '0 0 * * 0'],
    ['@monthly', '0 0 1 * *'],
    ['@yearly', '0 0 1 1 *'],
    ['@annually', '0 0 1 1 *'],
  ] as const
  for (const [short, line] of rows)
    it(`${short} is ${line}`, () => expect(read(short)).toEqual({ ...read(line), text: short }))

  const durations = [
    ['@every 6h', 21_600_000],
    ['@every 1h30m', 5_400_000],
    ['@EVERY  90S', 90_000],
    ['@every 1w', 604_800_000],
    ['@every 1d 12h', 129_600_000],
  ] as const
  for (const [text, periodMs] of durations) {
    it(`${text} is ${periodMs} ms`, () => expect(read(text)).toMatchObject({ kind: 'every', periodMs }))
  }
})

describe('a refused schedule is a problem that names the field, the value and what is allowed', () => {
  const rows = [
    { text: '', says: 'empty' },
    { text: '* * *', says: '"* * *" has 3 fields' },
    { text: '* * * * * * *', says: 'has 7 fields' },
    { text: '60 * * * *', says: 'minute field holds "60": allowed are 0-59' },
    { text: '60 * * * * *', says: 'second field holds "60"' },
    { text: '0 24 * * *', says: 'hour field holds "24": allowed are 0-23' },
    { text: '0 0 0 * *', says: 'day of month field holds "0": allowed are 1-31' },
    { text: '0 0 1 13 *', says: 'month field holds "13": allowed are 1-12 or JAN-DEC' },
    { text: '0 0 * * 8', says: 'day of week field holds "8": allowed are 0-7 or SUN-SAT' },
    { text: '0 0 * * funday', says: 'day of week field holds "funday"' },
    { text: '0 22-2 * * *', says: 'hour field holds "22-2": the range runs backwards' },
    { text: '*/0 * * * *', says: 'a step is at least 1' },
    { text: '*/90 * * * *', says: 'a step of 90 is longer than the field' },
    { text: '1,,2 * * * *', says: 'minute field holds ""' },
    { text: '*-5 * * * *', says: 'takes no range' },
    { text: '0 0 L * *', says: 'day of month field holds "L"' },
    { text: '0 0 * * MON#1', says: 'day of week field holds "MON#1"' },
    { text: '1e1 * * * *', says: 'minute field holds "1e1"' },
    { text: '-1 * * * *', says: 'minute field holds "-1"' },
    { text: '@reboot', says: '@reboot is no point in time' },
    { text: '@fortnightly', says: '"@fortnightly" is no known short form' },
    { text: '@constructor', says: 'no known short form' },
    { text: '@daily 5', says: 'no known short form' },
    { text: '@every', says: 'no duration' },
    { text: '@every 0s', says: 'at least 1s' },
    { text: '@every 367d', says: 'at most 366d' },
    { text: '@every 30m1h', says: 'no duration' },
    { text: 'CRON_TZ=UTC 0 0 * * *', says: 'begins with a time zone' },
    { text: '\u0000\u001b[31m 0 * * *', says: '"??[31m"' },
  ]
  for (const { text, says } of rows) {
    it(JSON.stringify(text), () => {
      const parsed = parseSchedule(text)
      expect(parsed).toMatchObject({ ok: false, problem: { code: 'schedule.syntax', retry: 'never' } })
      if (!parsed.ok) expect(parsed.problem.message).toContain(says)
      if (!parsed.ok) expect(parsed.problem.next).toMatch(/^(Write|Use|Leave)/)
    })
  }
})

describe('any text', () => {
  it('gives a schedule or a problem, and never throws', () => {
    const cronish = fc.string({ unit: fc.constantFrom(...'0123456789*/,-?@# \tLWMONevryhms') })
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), cronish), (text) => {
        const parsed = parseSchedule(text)
        return parsed.ok || (parsed.problem.code === 'schedule.syntax' && parsed.problem.message.length < 400)
      }),
      { numRuns: 2_000 },
    )
  })

  for (const unit of ['*', ',', '0-59/1,', '1,', ' ', '* ', '@every 1h', '-', '\t*\t', 'a', '9']) {
    it(`of 100 KB of ${JSON.stringify(unit)} is answered at once`, () => {
      const began = performance.now()
      expect(parseSchedule(unit.repeat(100_000 / unit.length)).ok).toBe(false)
      expect(parseSchedule(unit.repeat(longestText / unit.length)).ok).toBe(false)
      expect(performance.now() - began).toBeLessThan(200)
    })
  }
})
