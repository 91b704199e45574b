import { describe, expect, it } from 'vitest'
import type { Outcome } from '../model/run.ts'
import { dayFormat, stripOf } from './strip.ts'

const now = new Date('2026-03-30T10:00:00Z')
const run = (at: string, outcome: Outcome) => ({ at: new Date(at), outcome })
const strip = (taken: readonly Date[], runs: ReturnType<typeof run>[], zone: string, days: number) =>
  stripOf(
    taken.map((at) => ({ at, snapshots: 1 })),
    runs,
    dayFormat(zone),
    now,
    days,
  )

describe('the strip of days', () => {
  it('has every day once, also over a clock change', () => {
    const days = strip([], [], 'Europe/Berlin', 5)
    expect(days.map(({ day }) => day)).toEqual(['2026-03-26', '2026-03-27', '2026-03-28', '2026-03-29', '2026-03-30'])
    expect(new Set(days.map(({ mark }) => mark))).toEqual(new Set(['before']))
  })

  it('counts snapshots by the days of the zone', () => {
    const taken = [new Date('2026-03-28T23:30:00Z'), new Date('2026-03-29T00:30:00Z')]
    expect(strip(taken, [], 'Europe/Berlin', 3).map(({ snapshots }) => snapshots)).toEqual([0, 2, 0])
    expect(strip(taken, [], 'UTC', 3).map(({ snapshots }) => snapshots)).toEqual([1, 1, 0])
  })

  it('shows gaps after the first sign of life, failures, and warnings', () => {
    const taken = [new Date('2026-03-26T10:00:00Z'), new Date('2026-03-29T10:00:00Z')]
    const runs = [
      run('2026-03-28T10:00:00Z', 'failed'),
      run('2026-03-29T10:00:00Z', 'warning'),
      run('2026-03-30T01:00:00Z', 'skipped'),
    ]
    expect(strip(taken, runs, 'UTC', 6).map(({ mark }) => mark)).toEqual([
      'before',
      'snapshot',
      'none',
      'failed',
      'warning',
      'none',
    ])
  })
})
