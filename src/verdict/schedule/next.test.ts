import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instantsBetween, isZone, nextAfter, previousAtOrBefore } from './next.ts'
import { parseSchedule, type Schedule } from './parse.ts'

function read(text: string): Schedule {
  const parsed = parseSchedule(text)
  if (!parsed.ok) throw new Error(parsed.problem.message)
  return parsed.value
}

const iso = (date: Date | undefined) => date?.toISOString().replace('.000', '')

describe('the instants around a change of the clock', () => {
  // Berlin: 2026-03-29 02:00 becomes 03:00 (01:00Z), 2026-10-25 03:00 becomes 02:00 (01:00Z).
  const spring = { zone: 'Europe/Berlin', from: '2026-03-29T00:00:00Z', to: '2026-03-29T03:00:00Z' }
  const autumn = { zone: 'Europe/Berlin', from: '2026-10-24T23:59:59Z', to: '2026-10-25T02:00:00Z' }
  const rows = [
    { name: 'a skipped fixed time runs right after the change', text: '30 2 * * *', ...spring, want: ['01:00'] },
    { name: 'several skipped times run once', text: '0,20,40 2 * * *', ...spring, want: ['01:00'] },
    {
      name: 'a skipped time and one at the change run once',
      text: '30 2,3 * * *',
      ...spring,
      want: ['01:00', '01:30'],
    },
    { name: 'the hour after the change is untouched', text: '15 3 * * *', ...spring, want: ['01:15'] },
    { name: 'a wildcard minute has no skipped hour', text: '*/30 2 * * *', ...spring, want: [] },
    {
      name: 'a wildcard hour goes on by elapsed time',
      text: '30 * * * *',
      ...spring,
      want: ['00:30', '01:30', '02:30'],
    },
    { name: 'every second hour may lose one', text: '0 */2 * * *', ...spring, want: ['02:00'] },
    { name: 'seconds are caught up once', text: '*/10 30 2 * * *', ...spring, want: ['01:00'] },
    { name: 'a repeated fixed time runs the first time only', text: '30 2 * * *', ...autumn, want: ['00:30'] },
    { name: 'a list of hours is fixed, too', text: '15 1-3 * * *', ...autumn, want: ['00:15'] },
    { name: 'a wildcard hour runs in both', text: '30 * * * *', ...autumn, want: ['00:30', '01:30'] },
    {
      name: 'a wildcard minute runs in both',
      text: '*/30 2 * * *',
      ...autumn,
      want: ['00:00', '00:30', '01:00', '01:30'],
    },
    { name: 'the end of the repetition is not repeated', text: '0 3 * * *', ...autumn, want: ['02:00'] },
    {
      name: 'half an hour is skipped on Lord Howe',
      text: '15 2 * * *',
      zone: 'Australia/Lord_Howe',
      from: '2026-10-03T12:00:00Z',
      to: '2026-10-04T12:00:00Z',
      want: ['15:30'],
    },
    {
      name: 'two hours are skipped at Troll',
      text: '30 1,2 * * *',
      zone: 'Antarctica/Troll',
      from: '2026-03-28T12:00:00Z',
      to: '2026-03-29T12:00:00Z',
      want: ['01:00'],
    },
    {
      name: 'three skipped hours count as a corrected clock and are gone',
      text: '30 2 * * *',
      zone: 'Antarctica/Casey',
      from: '2020-10-03T12:00:00Z',
      to: '2020-10-04T12:00:00Z',
      want: [],
    },
    {
      name: 'three repeated hours are still a repetition',
      text: '30 1 * * *',
      zone: 'Antarctica/Casey',
      from: '2023-03-08T12:00:00Z',
      to: '2023-03-09T12:00:00Z',
      want: ['14:30'],
    },
    {
      name: 'a skipped midnight runs at one',
      text: '@daily',
      zone: 'America/Sao_Paulo',
      from: '2018-11-04T00:00:00Z',
      to: '2018-11-05T00:00:00Z',
      want: ['03:00'],
    },
    {
      name: 'a skipped day is gone',
      text: '0 12 30 12 *',
      zone: 'Pacific/Apia',
      from: '2011-12-25T00:00:00Z',
      to: '2012-01-05T00:00:00Z',
      want: [],
    },
  ]
  for (const { name, text, zone, from, to, want } of rows) {
    it(`${name} (${text})`, () => {
      const found = instantsBetween(read(text), zone, new Date(from), new Date(to), 20)
      expect(found.map((date) => date.toISOString().slice(11, 16))).toEqual(want)
    })
  }
})

describe('rare dates and long ways', () => {
  const rows = [
    { text: '0 0 29 2 *', after: '2096-03-01', want: '2104-02-29T00:00:00Z' },
    { text: '0 0 29 2 1', after: '2096-03-01', want: '2097-02-04T00:00:00Z' },
    { text: '0 0 29 2 */7', after: '2088-03-01', want: '2128-02-29T00:00:00Z' },
    { text: '0 0 31 12 *', after: '2026-12-31T00:00:01Z', want: '2027-12-31T00:00:00Z' },
    { text: '59 59 23 31 12 *', after: '2037-12-31', want: '2037-12-31T23:59:59Z' },
    { text: '14 3 19 1 *', after: '2038-01-19T03:13:59.999Z', want: '2038-01-19T03:14:00Z' },
    { text: '0 0 30 2 *', after: '2026-01-01', want: undefined },
    { text: '0 0 31 4,6,9,11 *', after: '2026-01-01', want: undefined },
    { text: '@every 6h', after: '2026-01-01T00:00:00Z', want: '2026-01-01T06:00:00Z' },
    { text: '@every 7h', after: '1970-01-01T00:00:00Z', want: '1970-01-01T07:00:00Z' },
    { text: '* * * * *', after: '9999-01-01', want: undefined },
  ]
  for (const { text, after, want } of rows) {
    it(`${text} after ${after} is ${want ?? 'never'}`, () =>
      expect(iso(nextAfter(read(text), 'UTC', new Date(after)))).toBe(want))
  }

  it('week 53 of 2026 has its Thursday in the old year and its Friday in the new one', () => {
    const found = instantsBetween(read('0 6 * * 4,5'), 'UTC', new Date('2026-12-31'), new Date('2027-01-02'), 9)
    expect(found.map(iso)).toEqual(['2026-12-31T06:00:00Z', '2027-01-01T06:00:00Z'])
  })

  it("the zone of the machine may change while running: only the schedule's own counts", () => {
    const before = nextAfter(read('30 2 * * *'), 'Europe/Berlin', new Date('2026-03-28T12:00:00Z'))
    const machine = process.env.TZ
    process.env.TZ = 'Pacific/Apia'
    const after = nextAfter(read('30 2 * * *'), 'Europe/Berlin', new Date('2026-03-28T12:00:00Z'))
    if (machine === undefined) delete process.env.TZ
    else process.env.TZ = machine
    expect(after).toEqual(before)
  })

  it('a date that is none gives no instant', () => {
    expect(nextAfter(read('* * * * *'), 'UTC', new Date(Number.NaN))).toBeUndefined()
    expect(previousAtOrBefore(read('@every 1h'), 'UTC', new Date(Number.NaN))).toBeUndefined()
  })
})

const zones = ['UTC', 'Europe/Berlin', 'America/Santiago', 'Australia/Lord_Howe', 'Pacific/Apia', 'Antarctica/Casey']
const field = (low: number, high: number) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: fc.integer({ min: low, max: high }).map(String) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: high }).map((step) => `*/${step}`) },
  )
const schedules = fc.oneof(
  fc
    .tuple(fc.constantFrom('', '', '30 ', '*/20 '), field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7))
    .map(([seconds, ...fields]) => read(seconds + fields.join(' '))),
  fc.integer({ min: 1, max: 400 }).map((hours) => read(`@every ${hours}h`)),
)
const cases = fc.tuple(
  schedules,
  fc.constantFrom(...zones),
  fc.date({ min: new Date('1972-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
)

describe('laws that hold for every schedule, zone and time', () => {
  it('the next instant is later, and the previous one at it is itself', () => {
    fc.assert(
      fc.property(cases, ([schedule, zone, at]) => {
        const next = nextAfter(schedule, zone, at)
        if (next === undefined) return true
        return next > at && previousAtOrBefore(schedule, zone, next)?.getTime() === next.getTime()
      }),
      { numRuns: 2_000 },
    )
  })

  it('nothing lies between the previous instant and the next', () => {
    fc.assert(
      fc.property(cases, ([schedule, zone, at]) => {
        const previous = previousAtOrBefore(schedule, zone, at)
        if (previous === undefined) return true
        const after = nextAfter(schedule, zone, previous)
        return previous <= at && after?.getTime() === nextAfter(schedule, zone, at)?.getTime()
      }),
      { numRuns: 2_000 },
    )
  })

  it('an answer takes well under a millisecond', () => {
    const sample = fc.sample(cases, { numRuns: 1_000, seed: 1 })
    for (const [schedule, zone, at] of sample) nextAfter(schedule, zone, at)
    const began = performance.now()
    for (const [schedule, zone, at] of sample) nextAfter(schedule, zone, at)
    expect((performance.now() - began) / sample.length).toBeLessThan(0.5)
  })
})

describe('zones', () => {
  for (const zone of ['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+3', 'Asia/Calcutta']) {
    it(`${zone} is one`, () => expect(isZone(zone)).toBe(true))
  }
  for (const zone of ['', 'Berlin', 'Europe/Atlantis', '+02:00', 'Europe/Berlin ', '__proto__', 'A'.repeat(100_000)]) {
    it(`${JSON.stringify(zone.slice(0, 20))} is none`, () => expect(isZone(zone)).toBe(false))
  }
})
