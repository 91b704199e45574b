import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { lockedProblem, makeJob, makeRepository, makeRun, now } from '../../../../../test/http/standings.ts'
import type { Run } from '../../../../model/run.ts'
import type { Space } from '../../../../model/space.ts'
import type { JobStanding, RepositoryStanding } from '../../../../model/standing.ts'
import { compat } from './index.ts'

const box = (space?: Space, name = 'box'): RepositoryStanding =>
  makeRepository({ name, tool: 'borg', ...(space && { space: { last: { repository: name, at: now, space } } }) })
const df = (free: number, total: number): Space => ({
  way: 'df',
  freeBytes: free * 512,
  totalBytes: total * 512,
  blocks: { free, total, bytes: 512 },
})
const job = (last?: Partial<Run>, more: Partial<JobStanding> = {}): JobStanding =>
  makeJob({
    repository: 'box',
    operations: [{ operation: 'backup', ...(last && { last: makeRun({ exitCode: 0, ...last }) }) }],
    ...more,
  })
const render = (jobs: readonly JobStanding[], repositories: readonly RepositoryStanding[] = [box()]): string => {
  assert.ok(compat.scope === 'all')
  const rest = { now, collectedAt: now, urlOf: () => '', keepsKnown: true }
  return compat.render({ ...rest, jobs, repositories })
}
const endedAt = new Date('2024-10-12T14:09:42.900Z')
const seconds = 1728742182

describe('the four lines of a script around borg', () => {
  it('are names and values alone, in blocks', () => {
    assert.equal(
      render([job({ outcome: 'ok', endedAt })], [box(df(444444444, 555555555))]),
      `borg_last_backup_error_code 0
borg_last_run_timestamp ${seconds}
borg_storage_free_space 444444444
borg_storage_disk_space 555555555
`,
    )
  })

  for (const [what, last, code] of [
    ['a warning of borg', { outcome: 'warning', exitCode: 1 }, 1],
    ['a modern warning, which is less than an error', { outcome: 'warning', exitCode: 105 }, 1],
    ['a warning of ours', { outcome: 'warning' }, 1],
    ['an error', { outcome: 'failed', exitCode: 2 }, 2],
    ['a modern error', { outcome: 'failed', exitCode: 52 }, 2],
    ['an end of borg with 0 and no archive', { outcome: 'failed', exitCode: 0 }, 2],
    ['a borg that never started', { outcome: 'failed', exitCode: undefined }, 2],
    ['a signal', { outcome: 'cancelled', exitCode: 130 }, 130],
    ['a time limit', { outcome: 'timed-out', exitCode: undefined }, 2],
    ['the end of Muster itself', { outcome: 'interrupted', exitCode: undefined }, 2],
  ] as const)
    it(`tell ${what} as ${code}`, () => {
      const { exitCode, ...rest } = last as { exitCode?: number; outcome: Run['outcome'] & string }
      const { exitCode: _, ...bare } = makeRun(rest)
      const run = exitCode === undefined ? bare : { ...bare, exitCode }
      const text = render([job(undefined, { operations: [{ operation: 'backup', last: run }] })])
      assert.match(text, new RegExp(`^borg_last_backup_error_code ${code}$`, 'm'))
    })

  it('tell the worst code and the oldest run of several jobs, and nothing of other tools', () => {
    const jobs = [
      job({ outcome: 'failed', exitCode: 2, endedAt: now }),
      job({ outcome: 'ok', endedAt }),
      job({ outcome: 'failed', exitCode: 255, endedAt: new Date(0) }, { repository: 'nas' }),
    ]
    assert.equal(
      render(jobs, [box(), makeRepository({ space: { last: { repository: 'nas', at: now, space: df(1, 2) } } })]),
      `borg_last_backup_error_code 2\nborg_last_run_timestamp ${seconds}\n`,
    )
  })

  it('leave out what is not known: no run, no room, a run that was left out', () => {
    const unknown = makeRepository({
      name: 'box',
      tool: 'borg',
      space: { last: { repository: 'box', at: now, problem: lockedProblem } },
    })
    assert.equal(render([job()], [unknown]), '')
    assert.equal(render([job({ outcome: 'skipped' })]), '')
    assert.equal(render([], []), '')
  })

  it('do not let others hide a job that had to run and never did', () => {
    const never = job(undefined, { verdict: { state: 'absent', reason: '', next: '' } })
    assert.equal(render([job({ outcome: 'ok', endedAt }), never]), 'borg_last_backup_error_code 0\n')
    // One that is not due yet hides nothing.
    assert.match(render([job({ outcome: 'ok', endedAt }), job()]), /^borg_last_run_timestamp /m)
  })

  it('tell the fullest store, in blocks of 1024 bytes where it has none', () => {
    const bytes: Space = { way: 'rclone', freeBytes: 1024_500, totalBytes: 10_240_000 }
    const text = render([], [box(df(500, 1000), 'one'), box(bytes, 'two'), box(df(11, 100), 'three')])
    assert.equal(text, 'borg_storage_free_space 1000\nborg_storage_disk_space 10000\n')
  })
})
