import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { longestPauseMs, type ReadAt, untilReadingMs } from './pace.ts'

const at = (time: string, steadyMs: number): ReadAt => ({ wall: new Date(time), steadyMs })
const minute = 60_000

describe('the next reading', () => {
  const rows = [
    { name: 'is at once when there was none', pace: 15 * minute, last: undefined, want: 0 },
    { name: 'is at once by a schedule too', pace: '0 3 1 1 *', last: undefined, want: 0 },
    {
      name: 'is at the next instant of a schedule, in its zone',
      pace: '0 13 * * *',
      last: at('2026-11-21T11:00:00Z', 0),
      want: 60 * minute - 30_000,
    },
    {
      name: 'is due when an instant was slept over',
      pace: '30 11 * * *',
      last: at('2026-11-20T20:00:00Z', 0),
      want: -30 * minute - 30_000,
    },
    {
      name: 'does not wait for a clock that was ahead',
      pace: '0 13 * * *',
      last: at('2027-11-21T11:00:00Z', 0),
      want: 60 * minute - 30_000,
    },
  ]
  const now = at('2026-11-21T11:00:30Z', 1_000_000)
  for (const { name, pace, last, want } of rows)
    it(name, () => assert.equal(untilReadingMs('nas', pace, last, 'Europe/Berlin', now), want))

  it('is a while after the last, less a spread of a tenth, by the clock that nobody sets', () => {
    const untilMs = untilReadingMs('nas', 15 * minute, at('2001-01-01T00:00:00Z', 1_000_000), 'UTC', now)
    assert.ok(untilMs > 13.5 * minute && untilMs <= 15 * minute, String(untilMs))
  })
})

it('the longest pause is the duration, or the longest of the schedule', () => {
  assert.equal(longestPauseMs(minute, 'UTC', new Date(0)), minute)
  assert.equal(longestPauseMs('0 3 * * 1-5', 'UTC', new Date(0)), 3 * 86_400_000)
})
