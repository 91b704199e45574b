import { describe, expect, it } from 'vitest'
import { operations, outcomes, type Run } from '../model/run.ts'
import { judgeUpkeep } from './upkeep.ts'

const startedAt = new Date('2026-11-21T03:00:00Z')
const run = (more: Partial<Run>): Run => ({
  id: 'r',
  roundId: 'r',
  repository: 'box',
  operation: 'check',
  trigger: 'schedule',
  startedAt,
  outcome: 'failed',
  ...more,
})

describe('upkeep', () => {
  it('fails since the run that failed, with its problem and what to do', () => {
    const problem = {
      code: 'restic.damaged',
      message: 'two packs are gone',
      next: 'restore from the copy',
      retry: 'never',
    } as const
    expect(judgeUpkeep(run({ problem }))).toEqual({
      state: 'failing',
      since: startedAt,
      failures: 1,
      problem,
      reason: problem.message,
      next: problem.next,
    })
  })

  it('says something also where no problem is known', () =>
    expect(judgeUpkeep(run({ outcome: 'interrupted' }))).toMatchObject({
      reason: 'the last check ended as interrupted',
      next: expect.stringMatching(/./),
    }))

  it.each(outcomes)('with the outcome %s', (outcome) => {
    expect(judgeUpkeep(run({ outcome })) !== undefined).toBe(['failed', 'timed-out', 'interrupted'].includes(outcome))
  })

  it.each(operations)('of the operation %s', (operation) => {
    expect(judgeUpkeep(run({ operation })) !== undefined).toBe(
      ['forget', 'prune', 'check', 'drill'].includes(operation),
    )
  })

  it('that never ran has nothing to tell', () => expect(judgeUpkeep(undefined)).toBeUndefined())
})
