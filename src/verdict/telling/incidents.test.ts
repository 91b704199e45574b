import { describe, expect, it } from 'vitest'
import {
  emptyStanding,
  failedOperation,
  failingStanding,
  healthyStanding,
  lockedProblem,
  makeJob,
  makeRun,
  makeStanding,
  now,
} from '../../../test/http/standings.ts'
import type { Incident } from '../../model/incident.ts'
import { incidentChanges } from './incidents.ts'

const open = (more: Partial<Incident> = {}): Incident => ({
  number: 1,
  key: 'job/nfs',
  kind: 'job',
  name: 'nfs',
  state: 'failing',
  severity: 'critical',
  reason: 'the last run failed',
  next: 'look',
  openedAt: now,
  ...more,
})
const job = (state: 'failing' | 'running' | 'fresh', reason = 'the last run failed') =>
  makeStanding({
    repositories: [],
    jobs: [
      makeJob({
        name: 'nfs',
        operations: [],
        verdict: { state, since: now, newestAt: now, failures: 1, reason, next: 'look' } as never,
      }),
    ],
  })

describe('incidents', () => {
  it('are not opened by a repository that the first backup is to make', () => {
    const { repositories } = healthyStanding
    const away = (more: object) =>
      makeStanding({
        jobs: [],
        repositories: repositories.slice(0, 1).map(({ lastGoodReading: _, lastReading, ...rest }) => ({
          ...rest,
          sets: [],
          findings: [],
          operations: [],
          ...(lastReading && {
            lastReading: { ...lastReading, problem: { ...lockedProblem, code: 'restic.no-repository' } },
          }),
          ...more,
        })),
      })
    expect(incidentChanges(away({ isYetToBeMade: true }), []).opened).toEqual([])
    expect(incidentChanges(away({}), []).opened).toMatchObject([{ kind: 'repository', state: 'unreadable' }])
  })

  it('open for everything that somebody has to look at, and for nothing else', () => {
    expect(incidentChanges(healthyStanding, [])).toEqual({ opened: [], changed: [], closed: [] })
    const { opened } = incidentChanges(failingStanding, [])
    expect(opened.length).toBeGreaterThan(2)
    expect(new Set(opened.map(({ key }) => key)).size).toBe(opened.length)
  })

  it('open for a job that never ran when its first backup is due', () => {
    const absent = (expectedBefore?: Date) =>
      makeStanding({
        repositories: [],
        jobs: [
          makeJob({
            operations: [],
            verdict: {
              state: 'absent',
              reason: 'has never run',
              next: 'run',
              ...(expectedBefore && { expectedBefore }),
            },
          }),
        ],
      })
    expect(incidentChanges(absent(), []).opened).toEqual([])
    expect(incidentChanges(absent(new Date(now.getTime() + 1)), []).opened).toEqual([])
    expect(incidentChanges(absent(now), []).opened).toHaveLength(1)
  })

  it('stay open while it stands so, whatever the words say of the time', () => {
    expect(
      incidentChanges(job('failing', 'the last 3 runs failed'), [open({ reason: 'the last 2 runs failed' })]),
    ).toEqual({
      opened: [],
      changed: [],
      closed: [],
    })
    expect(incidentChanges(job('failing', 'it is locked'), [open()]).changed).toMatchObject([
      { number: 1, facts: { reason: 'it is locked' } },
    ])
  })

  it('close when it is fine, and not while a job that failed runs again', () => {
    expect(incidentChanges(job('running'), [open()]).closed).toEqual([])
    expect(incidentChanges(job('fresh'), [open()]).closed).toEqual([1])
    expect(incidentChanges(emptyStanding, [open()]).closed).toEqual([1])
  })

  it('open for a ledger that lost something and a configuration that cannot be read', () => {
    const { opened } = incidentChanges(
      makeStanding({ jobs: [], repositories: [], ledgerProblem: lockedProblem, configProblem: lockedProblem }),
      [],
    )
    expect(opened.map(({ key, severity }) => [key, severity])).toEqual([
      ['ledger', 'critical'],
      ['configuration', 'warning'],
    ])
  })

  it('are warnings where work is only put off, and critical where a backup may be missing', () => {
    const standing = makeStanding({
      repositories: [],
      jobs: [
        makeJob({
          name: 'a',
          operations: [
            failedOperation(makeRun({ operation: 'forget', outcome: 'failed', problem: lockedProblem })),
            failedOperation(makeRun({ operation: 'drill', outcome: 'failed', problem: lockedProblem })),
          ],
        }),
      ],
    })
    expect(incidentChanges(standing, []).opened.map(({ kind, severity }) => [kind, severity])).toEqual([
      ['forget', 'warning'],
      ['drill', 'critical'],
    ])
  })
})
