import { describe, expect, it } from 'vitest'
import type { Reading } from '../model/reading.ts'
import type { Outcome, Run } from '../model/run.ts'
import type { Expectation } from './deadline.ts'
import { judgeJob, judgeSet } from './freshness.ts'
import { parseSchedule } from './schedule/parse.ts'

const now = new Date('2026-03-29T06:00:00Z')
const hours = (count: number): Date => new Date(now.getTime() - count * 3_600_000)
const daily: Expectation = (() => {
  const schedule = parseSchedule('0 2 * * *')
  if (!schedule.ok) throw new Error('the schedule of the test is wrong')
  return { kind: 'schedule', schedule: schedule.value, zone: 'Europe/Berlin', graceMs: 2 * 3_600_000 }
})()
const maxAge = (hoursOld: number): Expectation => ({ kind: 'max-age', maxAgeMs: hoursOld * 3_600_000 })
const problem = { code: 'restic.network', message: 'no route', next: 'wait', retry: 'soon' } as const

const reading = (more: Partial<Reading> = {}): Reading => ({
  id: 'r',
  repository: 'offsite',
  startedAt: hours(1),
  endedAt: hours(1),
  way: 'restic',
  ...more,
})

describe('a backup set', () => {
  const set = (newestAt: Date) => ({
    repository: 'offsite',
    host: 'h',
    user: 'u',
    snapshots: 3,
    newestId: 'abcdef0123',
    newestAt,
    newestSeenAt: newestAt,
  })
  const rows: { name: string; newestAt: Date; expectation?: Expectation; lastReading?: Reading; want: object }[] = [
    {
      name: 'without an expectation is fresh and says that nothing is expected',
      newestAt: hours(9000),
      want: { state: 'fresh', reason: expect.stringContaining('no deadline') },
    },
    {
      name: 'exactly at the limit is fresh',
      newestAt: hours(24),
      expectation: maxAge(24),
      want: { state: 'fresh', expectedBefore: now },
    },
    {
      name: 'a second over is late by that second',
      newestAt: new Date(hours(24).getTime() - 1000),
      expectation: maxAge(24),
      want: { state: 'late', lateMs: 1000 },
    },
    {
      name: 'from the future is no freshness, and hides no gap',
      newestAt: hours(-1),
      expectation: maxAge(24),
      want: { state: 'ahead', aheadMs: 3_600_000 },
    },
    {
      name: 'a minute ahead is clocks that differ a little',
      newestAt: hours(-1 / 60),
      expectation: maxAge(24),
      want: { state: 'fresh' },
    },
    {
      name: 'that is unreadable keeps what was known',
      newestAt: hours(2),
      expectation: maxAge(24),
      lastReading: reading({ problem }),
      want: { state: 'unreadable', problem, newestAt: hours(2), since: hours(1), next: 'wait' },
    },
    // 02:00 does not exist in Berlin on this day: what was due then is due at 03:00 summer time, 01:00 UTC.
    {
      name: 'of the night before a clock change is due right after the gap, plus grace',
      newestAt: new Date('2026-03-28T01:00:05Z'),
      expectation: daily,
      want: { state: 'late', expectedBefore: new Date('2026-03-29T03:00:00Z') },
    },
    {
      name: 'of this night is fresh until tomorrow',
      newestAt: new Date('2026-03-29T01:00:05Z'),
      expectation: daily,
      want: { state: 'fresh', expectedBefore: new Date('2026-03-30T02:00:00Z') },
    },
  ]
  for (const { name, newestAt, expectation, lastReading = reading(), want } of rows) {
    it(name, () =>
      expect(judgeSet({ set: set(newestAt), expectation, lastReading, lastGoodReading: reading() }, now)).toMatchObject(
        want,
      ),
    )
  }
})

describe('a job', () => {
  const run = (id: string, startedAt: Date, outcome?: Outcome): Run => ({
    id,
    roundId: id,
    job: 'nfs',
    repository: 'offsite',
    operation: 'backup',
    trigger: 'manual',
    startedAt,
    ...(outcome && { outcome, endedAt: startedAt }),
    ...(outcome === 'failed' && { problem }),
  })
  const base = { name: 'nfs', since: hours(1), failures: [], stallLimitMs: 1_800_000 }
  const good = run('good', hours(5), 'ok')
  const rows: { name: string; facts: Partial<Parameters<typeof judgeJob>[0]>; want: object }[] = [
    {
      name: 'that never ran is absent, with its first deadline',
      facts: { expectation: maxAge(24) },
      want: { state: 'absent', expectedBefore: hours(-23), next: 'Run it now: muster run nfs' },
    },
    {
      name: 'whose first backup is overdue says so',
      facts: { since: hours(30), expectation: maxAge(24) },
      want: { state: 'absent', reason: expect.stringContaining('was due 6 hours') },
    },
    {
      name: 'is fresh after a good run',
      facts: { last: good, lastGood: good, expectation: maxAge(24) },
      want: { state: 'fresh', newestAt: hours(5) },
    },
    {
      name: 'with warnings has made its snapshot',
      facts: { last: run('w', hours(5), 'warning'), lastGood: run('w', hours(5), 'warning'), expectation: maxAge(24) },
      want: { state: 'fresh' },
    },
    {
      name: 'is late when nothing ran',
      facts: { last: good, lastGood: good, expectation: maxAge(2) },
      want: { state: 'late', lateMs: 3 * 3_600_000 },
    },
    {
      name: 'fails since the first failure after the last good run',
      facts: {
        last: run('f2', hours(1), 'failed'),
        lastGood: good,
        failures: [run('f2', hours(1), 'failed'), run('f1', hours(3), 'failed')],
        expectation: maxAge(24),
      },
      want: { state: 'failing', since: hours(3), failures: 2, problem, newestAt: hours(5) },
    },
    {
      name: 'that was interrupted by a crash is failing',
      facts: { last: run('i', hours(1), 'interrupted'), failures: [run('i', hours(1), 'interrupted')] },
      want: { state: 'failing', failures: 1 },
    },
    {
      name: 'that runs is running, also after failures',
      facts: { open: run('o', hours(1)), last: run('f', hours(2), 'failed'), failures: [run('f', hours(2), 'failed')] },
      want: { state: 'running', since: hours(1) },
    },
    {
      name: 'without progress for longer than its limit is stalled',
      facts: { open: run('o', hours(3)), progressAt: hours(1) },
      want: { state: 'stalled', since: hours(3) },
    },
    {
      name: 'that another program runs and never told of says how it is told',
      facts: { isTold: true, expectation: maxAge(24) },
      want: { state: 'absent', reason: 'has never told of a run', next: expect.stringContaining('muster pings nfs') },
    },
    {
      name: 'that another program began and of which nothing is heard is stalled, whoever looks',
      facts: { isTold: true, open: run('o', hours(3)) },
      want: { state: 'stalled', since: hours(3), reason: 'it began, and nothing was heard of it for 3 hours' },
    },
    {
      name: 'that another program began and told something of since is running',
      facts: { isTold: true, open: run('o', hours(3)), progressAt: hours(0.2) },
      want: { state: 'running' },
    },
    {
      name: 'that another program runs is late by its schedule, and nobody is told to run it here',
      facts: { isTold: true, last: good, lastGood: run('g', hours(30), 'ok'), expectation: daily },
      want: { state: 'late', next: expect.stringContaining('machine that runs it') },
    },
    {
      name: 'that another program began half a minute before its instant is the one of that instant',
      facts: { isTold: true, lastGood: run('g', new Date('2026-03-28T00:59:30Z'), 'ok'), expectation: daily },
      want: { expectedBefore: new Date('2026-03-29T03:00:00Z') },
    },
    {
      name: 'that Muster began before its instant is none of it',
      facts: { lastGood: run('g', new Date('2026-03-28T00:59:30Z'), 'ok'), expectation: daily },
      want: { expectedBefore: new Date('2026-03-28T03:00:00Z') },
    },
    {
      name: 'of another process, whose progress nobody here sees, counts as running',
      facts: { open: run('o', hours(3)) },
      want: { state: 'running' },
    },
  ]
  for (const { name, facts, want } of rows)
    it(name, () => expect(judgeJob({ ...base, ...facts }, now)).toMatchObject(want))

  it('always says why, and what to do unless all is well', () => {
    for (const { facts } of rows) {
      const verdict = judgeJob({ ...base, ...facts }, now)
      expect(verdict.reason).not.toBe('')
      expect(verdict.next === '').toBe(verdict.state === 'fresh' || verdict.state === 'running')
    }
  })
})
