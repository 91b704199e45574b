import { expect, it } from 'vitest'
import { makeJob, makeRun, makeStanding } from '../../../test/http/standings.ts'
import type { Run } from '../../model/run.ts'
import { troublesOf } from '../../model/trouble.ts'
import type { Item } from './decide.ts'
import { failuresOf } from './failures.ts'
import { incidentMessage } from './message.ts'

const now = new Date(Date.UTC(2026, 10, 21, 12))
const before = new Date(Date.UTC(2026, 10, 20, 12))
const failed = (operation: Run['operation'], log?: string): Run =>
  makeRun({ operation, outcome: 'failed', ...(log !== undefined && { log }) })
const verdict = { state: 'failing', since: now, failures: 1, reason: 'r', next: 'n' } as const

it('failed runs bear the keys of the troubles that tell of them', () => {
  const standing = makeStanding({
    jobs: [
      makeJob({
        name: 'nfs',
        verdict,
        operations: [
          { operation: 'backup', last: failed('backup', 'the log'), verdict },
          { operation: 'forget', last: failed('forget'), verdict },
        ],
      }),
      makeJob({ name: 'fine', operations: [{ operation: 'backup', last: makeRun({ outcome: 'warning' }) }] }),
    ],
  })
  const [repository] = standing.repositories
  const whole = {
    ...standing,
    repositories:
      repository === undefined
        ? []
        : [
            {
              ...repository,
              name: 'box',
              operations: [{ operation: 'check', last: failed('check'), lastSuccessAt: before, verdict } as const],
            },
          ],
  }
  const keys = [...failuresOf(whole).keys()].sort()
  expect(keys).toEqual(['check/repositories/box', 'forget/jobs/nfs', 'job/nfs'])
  expect(troublesOf(whole).map(({ key }) => key)).toEqual(expect.arrayContaining(keys))
  expect(troublesOf(whole).find(({ key }) => key === 'check/repositories/box')?.lastGood).toEqual(before)
  expect(failuresOf(whole).get('job/nfs')?.log).toBe('the log')
})

const item = (name: string, event: Item['event'] = 'opened'): Item => ({
  event,
  incident: {
    number: 1,
    key: `job/${name}`,
    kind: 'job',
    name,
    state: 'failing',
    severity: 'critical',
    reason: 'r',
    next: 'n',
    openedAt: now,
  },
})
const logs = new Map([
  ['job/one', 'Fatal: \u001b[31mwrong\u202e\nlast line'],
  ['job/two', 'other'],
])

it('a message ends in the log of what failed, and nothing in it steers a terminal', () => {
  const log = (...items: Item[]) => incidentMessage(items, { host: 'h' }, now, logs).log
  expect(log(item('one'))).toBe('Fatal: \ufffd[31mwrong\ufffd\nlast line')
  expect(log(item('one'), item('two'))).toMatch(/^job one:\nFatal: (?:.|\n)*\njob two:\nother$/)
  expect(log(item('one', 'closed'), item('three'))).toBeUndefined()
})
