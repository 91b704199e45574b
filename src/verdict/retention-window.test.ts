import { expect, it } from 'vitest'
import { keepWindow } from './retention-window.ts'
import { parseSchedule } from './schedule/parse.ts'

const now = new Date('2026-11-21T00:00:00Z')
const hourly = parseSchedule('0 * * * *')
if (!hourly.ok) throw new Error('the schedule of the test is wrong')
const day = 86_400_000

const rows = [
  { name: 'two of an hourly job are gone after two hours', rules: { keepLast: 2 }, want: 2 * 3_600_000 },
  { name: 'the rule that keeps longest counts', rules: { keepLast: 2, keepDaily: 7, keepHourly: 5 }, want: 7 * day },
  { name: 'a span is read as a span', rules: { keepWithin: '1m2d' }, want: 32 * day },
  { name: 'tags keep for ever', rules: { keepTags: ['keep'] }, want: Number.POSITIVE_INFINITY },
] as const
for (const { name, rules, want } of rows) {
  it(name, () => expect(keepWindow({ keepTags: [], ...rules }, hourly.value, 'UTC', now)).toBe(want))
}

it('says nothing about a count of runs without a schedule', () =>
  expect(keepWindow({ keepLast: 2, keepTags: [] }, undefined, 'UTC', now)).toBeUndefined())
