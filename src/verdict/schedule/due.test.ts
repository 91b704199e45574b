import { describe, expect, it } from 'vitest'
import { type DueQuestion, dueNow } from './due.ts'
import { nextAfter } from './next.ts'
import { parseSchedule } from './parse.ts'

function read(text: string) {
  const parsed = parseSchedule(text)
  if (!parsed.ok) throw new Error(parsed.problem.message)
  return parsed.value
}

const hourMs = 3_600_000
const hourly = { schedule: read('0 * * * *'), zone: 'UTC', since: new Date('2026-01-01T00:30:00Z'), catchUp: true }
const at = (text: string) => new Date(`2026-01-${text}Z`)

describe('which instant is due', () => {
  const rows: readonly { name: string; ask: Partial<DueQuestion>; want: string }[] = [
    { name: 'nothing before the first instant', ask: { now: at('01T00:59:59') }, want: 'nothing' },
    { name: 'the first instant, when it comes', ask: { now: at('01T01:00:00') }, want: '01T01:00 schedule 0' },
    {
      name: 'an instant at the moment the job was first seen is not its duty',
      ask: { since: at('01T01:00:00'), now: at('01T01:00:00') },
      want: 'nothing',
    },
    { name: 'a minute later it is still on time', ask: { now: at('01T01:01:00') }, want: '01T01:00 schedule 0' },
    { name: 'later it is a catch-up', ask: { now: at('01T01:01:01') }, want: '01T01:00 catch-up 0' },
    {
      name: 'how late is on time can be said',
      ask: { now: at('01T01:10:00'), onTimeMs: 600_000 },
      want: '01T01:00 schedule 0',
    },
    {
      name: 'without catch-up a late one is left out',
      ask: { now: at('01T01:01:01'), catchUp: false },
      want: 'nothing',
    },
    {
      name: 'a handled one is not due again',
      ask: { handled: at('01T01:00:00'), now: at('01T01:00:30') },
      want: 'nothing',
    },
    {
      name: 'of three missed ones the last runs',
      ask: { handled: at('01T01:00:00'), now: at('01T04:30:00') },
      want: '01T04:00 catch-up 2',
    },
    {
      name: 'an on-time run stands for missed ones, too',
      ask: { handled: at('01T01:00:00'), now: at('01T04:00:10') },
      want: '01T04:00 schedule 2',
    },
    {
      name: 'without catch-up an on-time one still runs',
      ask: { handled: at('01T01:00:00'), now: at('01T04:00:10'), catchUp: false },
      want: '01T04:00 schedule 2',
    },
    { name: 'counting ends at a thousand', ask: { now: new Date('2027-01-01T00:30:00Z') }, want: 'due catch-up 1000' },
    {
      name: 'a schedule that never fires is never due',
      ask: { schedule: read('0 0 30 2 *'), now: at('20T00:00:00') },
      want: 'nothing',
    },
    {
      name: 'a clock set back an hour repeats nothing',
      ask: { handled: at('01T02:00:00'), now: at('01T01:00:10') },
      want: 'nothing',
    },
    {
      name: 'a clock set back a day repeats nothing',
      ask: { handled: at('02T02:00:00'), now: at('01T02:00:10') },
      want: 'nothing',
    },
    {
      name: 'a history from next year does not silence the job',
      ask: { handled: new Date('2027-01-01'), now: at('01T02:00:10') },
      want: '01T02:00 schedule 0',
    },
    {
      name: 'nor does it cause a catch-up',
      ask: { handled: new Date('2027-01-01'), now: at('01T02:30:00') },
      want: 'nothing',
    },
  ]
  for (const { name, ask, want } of rows) {
    it(name, () => {
      const { due } = dueNow({ ...hourly, now: at('01T00:00:00'), ...ask })
      if (want === 'nothing') expect(due).toBeUndefined()
      else if (want.startsWith('due')) expect(`due ${due?.trigger} ${due?.missed}`).toBe(want)
      else expect(due && `${due.instant.toISOString().slice(8, 16)} ${due.trigger} ${due.missed}`).toBe(want)
    })
  }

  it('says when to look again, and nothing where there is no next', () => {
    expect(dueNow({ ...hourly, now: at('01T01:00:00') }).next).toEqual(at('01T02:00:00'))
    expect(dueNow({ ...hourly, schedule: read('0 0 30 2 *'), now: at('01T01:00:00') })).toEqual({})
  })
})

/** A daemon that looks once a minute, with a clock that somebody moves. Returns the instants it acted upon. */
function daemon(text: string, moves: readonly { afterMinutes: number; byMs: number }[], minutes: number): Date[] {
  const schedule = read(text)
  const since = new Date('2026-03-28T00:00:30Z')
  const ran: Date[] = []
  let handled: Date | undefined
  let now = since.getTime()
  for (let minute = 1; minute <= minutes; minute++) {
    now += 60_000
    for (const move of moves) if (move.afterMinutes === minute) now += move.byMs
    const { due } = dueNow({ schedule, zone: 'Europe/Berlin', handled, since, now: new Date(now), catchUp: true })
    if (due) ran.push(due.instant)
    handled = due?.instant ?? handled
  }
  return ran
}

describe('a clock that jumps while running', () => {
  const distinct = (dates: readonly Date[]) => new Set(dates.map((date) => date.getTime())).size
  for (const [name, byMs] of [
    ['a second', 1_000],
    ['an hour', hourMs],
    ['a day', 24 * hourMs],
  ] as const) {
    for (const sign of [1, -1]) {
      it(`${name} ${sign > 0 ? 'forward' : 'back'} and later again right: no instant runs twice`, () => {
        const ran = daemon(
          '30 * * * *',
          [
            { afterMinutes: 200, byMs: sign * byMs },
            { afterMinutes: 3000, byMs: -sign * byMs },
          ],
          6000,
        )
        expect(distinct(ran)).toBe(ran.length)
        expect(ran.length).toBeGreaterThan(40)
      })
    }
  }

  it('ten years forward: one catch-up, then as before', () => {
    const ran = daemon('30 * * * *', [{ afterMinutes: 200, byMs: 3650 * 24 * hourMs }], 500)
    expect(ran.length).toBe(9)
  })

  it('a year back: runs go on with the next instant', () => {
    const ran = daemon('30 * * * *', [{ afterMinutes: 200, byMs: -365 * 24 * hourMs }], 500)
    expect(ran.length).toBe(8)
  })
})

describe('after a pause of the process exactly one catch-up starts', () => {
  for (const hours of [1, 30 * 24]) {
    for (const text of ['*/10 * * * *', '5 * * * *', '@every 20m', '*/15 * * * * *']) {
      it(`${text} after ${hours} h`, () => {
        const schedule = read(text)
        const stopped = new Date('2026-03-28T12:00:01Z')
        const ask = { schedule, zone: 'Europe/Berlin', since: stopped, catchUp: true, onTimeMs: 1_000 }
        const handled = new Date('2026-03-28T12:00:00Z')
        const now = new Date(stopped.getTime() + hours * hourMs + 612_345)
        const first = dueNow({ ...ask, handled, now })
        expect(first.due?.trigger).toBe('catch-up')
        const second = dueNow({ ...ask, handled: first.due?.instant, now: new Date(now.getTime() + 10) })
        expect(second.due).toBeUndefined()
        expect(second.next).toEqual(nextAfter(schedule, 'Europe/Berlin', now))
      })
    }
  }
})
