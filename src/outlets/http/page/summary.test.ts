import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import {
  emptyStanding,
  failedOperation,
  failingStanding,
  healthyStanding,
  lockedProblem,
  makeJob,
  makeRepository,
  makeRun,
  makeSet,
  makeStanding,
} from '../../../../test/http/standings.ts'
import type { Standing } from '../../../model/standing.ts'
import { summaryOf } from './summary.ts'

const unread = { name: 'new', tool: 'restic', location: '/srv/new', sets: [], operations: [], findings: [], lanes: [] }
const failedReading = {
  id: 'r',
  repository: 'nas',
  startedAt: new Date(0),
  endedAt: new Date(1),
  way: 'restic',
  problem: lockedProblem,
}
const failed = makeRun({ outcome: 'failed', problem: lockedProblem })

const rows: readonly { name: string; standing: Standing; tone: string; sentence: string; troubles: number }[] = [
  {
    name: 'all is well',
    standing: healthyStanding,
    tone: 'good',
    sentence: 'All 4 jobs and 7 backup sets pass muster',
    troubles: 0,
  },
  {
    name: 'one job and one set',
    standing: makeStanding(),
    tone: 'good',
    sentence: '1 job and 1 backup set pass muster',
    troubles: 0,
  },
  {
    name: 'one set alone',
    standing: makeStanding({ jobs: [] }),
    tone: 'good',
    sentence: 'The one backup set passes muster',
    troubles: 0,
  },
  {
    name: 'two jobs alone',
    standing: makeStanding({ jobs: [makeJob(), makeJob({ name: 'b' })], repositories: [unread] }),
    tone: 'good',
    sentence: 'All 2 jobs pass muster',
    troubles: 0,
  },
  { name: 'nothing at all', standing: emptyStanding, tone: 'quiet', sentence: 'Nothing to judge yet', troubles: 0 },
  {
    name: 'nothing read yet',
    standing: makeStanding({ jobs: [], repositories: [unread] }),
    tone: 'quiet',
    sentence: 'Nothing to judge yet',
    troubles: 0,
  },
  {
    name: 'many things are wrong',
    standing: failingStanding,
    tone: 'bad',
    sentence: '7 of 9 do not pass muster',
    troubles: 7,
  },
  {
    name: 'a repository that cannot be read and has no known set speaks for itself',
    standing: makeStanding({
      jobs: [],
      repositories: [makeRepository({ sets: [], lastReading: failedReading, operations: [] })],
    }),
    tone: 'bad',
    sentence: '1 of 1 does not pass muster',
    troubles: 1,
  },
  {
    name: 'an unreadable repository is one entry for all its sets',
    standing: makeStanding({
      jobs: [],
      repositories: [
        makeRepository({
          lastReading: failedReading,
          sets: [1, 2, 3].map((at) =>
            makeSet(
              { host: `h${at}` },
              { verdict: { state: 'unreadable', since: new Date(0), problem: lockedProblem, reason: 'x', next: 'y' } },
            ),
          ),
        }),
      ],
    }),
    tone: 'bad',
    sentence: '3 of 3 do not pass muster',
    troubles: 1,
  },
  {
    name: 'a check that failed is no health',
    standing: makeStanding({
      repositories: [makeRepository({ operations: [failedOperation({ ...failed, operation: 'check' })] })],
    }),
    tone: 'bad',
    sentence: '1 of 3 does not pass muster',
    troubles: 1,
  },
  {
    name: 'a forget that failed is no health',
    standing: makeStanding({ jobs: [makeJob({ operations: [failedOperation({ ...failed, operation: 'forget' })] })] }),
    tone: 'bad',
    sentence: '1 of 3 does not pass muster',
    troubles: 1,
  },
]

describe('the sentence at the head of the page', () => {
  for (const { name, standing, ...want } of rows)
    it(name, () => {
      const { tone, sentence, troubles } = summaryOf(standing)
      assert.deepEqual({ tone, sentence, troubles: troubles.length }, want)
    })
  it('what is wrong the longest comes first, and each says what to do', () => {
    const { troubles } = summaryOf(failingStanding)
    assert.deepEqual(
      troubles.map(({ kind, name }) => `${kind} ${name}`),
      [
        'backup set tv',
        'backup set desktop / ben',
        'job documents',
        'job photos',
        'check nas',
        'history nas',
        'repository cloud',
      ],
    )
    for (const { why, next } of troubles) assert.ok(why !== '' && next !== '')
  })
})
