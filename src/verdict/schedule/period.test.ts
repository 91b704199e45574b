import { describe, expect, it } from 'vitest'
import { parseSchedule } from './parse.ts'
import { periodOf } from './period.ts'

const hours = 3_600_000

describe('the distance between instants', () => {
  const rows = [
    { name: 'daily in UTC is a day', text: '15 2 * * *', zone: 'UTC', want: [24, 24] },
    {
      name: 'daily in Berlin has a day of 23 and one of 25 hours',
      text: '15 4 * * *',
      zone: 'Europe/Berlin',
      want: [23, 25],
    },
    { name: 'workdays have a weekend', text: '0 2 * * 1-5', zone: 'UTC', want: [24, 72] },
    { name: 'every minute by day has a night', text: '* 8-17 * * *', zone: 'UTC', want: [1 / 60, 14 + 1 / 60] },
    { name: 'every minute on workdays has a weekend', text: '* * * * 1-5', zone: 'UTC', want: [1 / 60, 48 + 1 / 60] },
    { name: 'monthly is 28 to 31 days', text: '@monthly', zone: 'UTC', want: [28 * 24, 31 * 24] },
    { name: 'every six hours is just that', text: '@every 6h', zone: 'Europe/Berlin', want: [6, 6] },
  ]
  for (const { name, text, zone, want } of rows) {
    it(name, () => {
      const parsed = parseSchedule(text)
      const period = parsed.ok ? periodOf(parsed.value, zone, new Date('2026-01-01T00:00:00Z')) : undefined
      expect(period && [period.shortestMs / hours, period.longestMs / hours]).toEqual(want)
    })
  }

  it('is unknown for a date that never comes', () => {
    const parsed = parseSchedule('0 0 30 2 *')
    expect(parsed.ok && periodOf(parsed.value, 'UTC', new Date('2026-01-01T00:00:00Z'))).toBeUndefined()
  })
})
