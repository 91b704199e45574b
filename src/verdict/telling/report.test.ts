import { describe, expect, it } from 'vitest'
import { failingStanding, healthyStanding, makeJob, makeRun, makeStanding, now } from '../../../test/http/standings.ts'
import { tellable } from './incidents.ts'
import { type ReportFacts, reportMessage } from './report.ts'

const from = new Date(now.getTime() - 86_400_000)
const facts = (more: Partial<ReportFacts> = {}): ReportFacts => ({
  standing: healthyStanding,
  runs: [],
  sizesBefore: new Map(),
  from,
  to: now,
  name: 'nightly',
  host: 'alpha',
  zone: 'Europe/Berlin',
  ...more,
})
const figure = (given: ReportFacts, name: string): string | undefined =>
  reportMessage(given).figures?.find((one) => one.name === name)?.value

describe('a report', () => {
  it('says that all is well, and when it was', () => {
    const message = reportMessage(facts())
    expect(message).toMatchObject({
      kind: 'report',
      severity: 'good',
      title: 'Report nightly: everything passes muster (alpha)',
    })
    expect(message.entries).toEqual([])
    expect(figure(facts(), 'Time')).toBe('2026-11-20 12:42 to 2026-11-21 12:42 (Europe/Berlin)')
  })

  it('names all that is wrong, with what to do', () => {
    const message = reportMessage(facts({ standing: failingStanding }))
    const wrong = tellable(failingStanding)
    expect(wrong.length).toBeGreaterThan(1)
    expect(message.title).toContain(`${wrong.length} things do not pass muster`)
    expect(message.severity).toBe('critical')
    expect(message.entries.map(({ name, next }) => [name, next])).toEqual(wrong.map(({ name, next }) => [name, next]))
  })

  it('counts what ran, and does not take the unknown for nothing', () => {
    const run = (more: object) => makeRun({ operation: 'backup', ...more })
    const ran = facts({
      runs: [
        run({ outcome: 'ok', counters: { addedBytes: 1024 } }),
        run({ outcome: 'ok', counters: { addedBytes: 1024 } }),
        run({ outcome: 'warning', counters: undefined }),
        run({ outcome: 'failed', counters: undefined }),
        run({ operation: 'check', outcome: 'failed' }),
      ],
    })
    expect(figure(ran, 'Backups')).toBe('2 good, 1 with a warning, 1 without success')
    expect(figure(ran, 'Runs of check')).toBe('1, 1 without success')
    expect(figure(ran, 'Added by backups')).toBe('2.00 KiB')
    expect(figure(facts(), 'Backups')).toBe('none ran')
    expect(figure(facts(), 'Added by backups')).toBeUndefined()
  })

  it('says growth where both sizes are known', () => {
    const sized = healthyStanding.repositories.find(({ size }) => size !== undefined)
    if (sized?.size === undefined) throw new Error('no size')
    const growth = (before: Map<string, number>): string | undefined => {
      const table = reportMessage(facts({ sizesBefore: before })).tables?.find(({ title }) => title === 'Repositories')
      return table?.rows.find(([name]) => name === sized.name)?.[3]
    }
    expect(growth(new Map([[sized.name, sized.size.sizeBytes - 2048]]))).toBe('+2.00 KiB')
    expect(growth(new Map([[sized.name, sized.size.sizeBytes + 2048]]))).toBe('−2.00 KiB')
    expect(growth(new Map())).toBe('not known')
  })

  it('stays short with many jobs, and says how many it leaves out', () => {
    const jobs = Array.from({ length: 500 }, (_, at) => makeJob({ name: `job-${at}` }))
    const table = reportMessage(facts({ standing: makeStanding({ jobs, repositories: [] }) })).tables?.find(
      ({ title }) => title.startsWith('Jobs'),
    )
    expect(table?.title).toBe('Jobs (the first 60 of 500)')
    expect(table?.rows).toHaveLength(60)
  })
})
