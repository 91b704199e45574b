/** Each name set over the same runs, as a golden file reads. */
import { describe, expect, it } from 'vitest'
import { lockedProblem, makeJob, makeRun } from '../../../../test/http/standings.ts'
import type { Run } from '../../../model/run.ts'
import type { OperationStanding } from '../../../model/standing.ts'
import { renderFamilies } from '../exposition.ts'
import type { JobFacts } from './name-set.ts'
import { nameSets } from './registry.generated.ts'

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 21, 2, 15, second))
const counters = {
  filesNew: 1,
  filesChanged: 2,
  filesUnmodified: 3,
  dirsNew: 4,
  dirsChanged: 5,
  dirsUnmodified: 6,
  processedFiles: 7,
  processedBytes: 8_000_000_001,
  addedBytes: 9,
}
const backup = (more: Partial<Run> = {}): Run =>
  makeRun({ job: 'nfs', startedAt: at(0), endedAt: at(42), counters, ...more })
const without = <K extends keyof Run>(run: Run, ...keys: K[]): Run =>
  Object.fromEntries(Object.entries(run).filter(([key]) => !keys.includes(key as K))) as unknown as Run
const failed = without(backup({ outcome: 'failed', exitCode: 12, problem: lockedProblem }), 'counters', 'snapshotId')
const forget = (more: Partial<Run> = {}): Run =>
  makeRun({
    id: 'run-2',
    job: 'nfs',
    operation: 'forget',
    startedAt: at(42),
    endedAt: at(50),
    counters: { snapshotsRemoved: 3, snapshotsKept: 7 },
    ...more,
  })

const facts = (backupRun?: Run, forgetRun?: Run, checkRound = 'its own'): JobFacts => {
  const standing = (operation: 'backup' | 'forget', last: Run | undefined): OperationStanding => ({
    operation,
    ...(last && { last }),
    ...(last?.outcome === 'ok' && last.endedAt && { lastSuccessAt: last.endedAt }),
  })
  return {
    job: makeJob({
      name: 'nfs',
      repository: 'offsite',
      operations: [standing('backup', backupRun), standing('forget', forgetRun)],
    }),
    totals: [{ job: 'nfs', repository: 'offsite', operation: 'backup', outcome: 'ok', runs: 4 }],
    repository: {
      name: 'offsite',
      operations: [
        {
          operation: 'check',
          last: makeRun({
            operation: 'check',
            roundId: checkRound,
            startedAt: at(50),
            endedAt: at(59),
            outcome: 'failed',
            exitCode: 1,
          }),
        },
      ],
    },
    version: '1.2.3',
  }
}

const scenes: Readonly<Record<string, JobFacts>> = {
  'a backup that went well, and a forget': facts(backup(), forget()),
  'a backup with files left out': facts(backup({ outcome: 'warning', exitCode: 3 })),
  'a backup that failed': facts(failed),
  'a backup that a guard stopped': facts(without(failed, 'exitCode', 'toolVersion')),
  'a backup that was cut off': facts(without({ ...failed, outcome: 'interrupted' }, 'exitCode')),
  'a forget that failed': facts(backup(), forget({ outcome: 'failed', exitCode: 11 })),
  'a forget of an earlier round': facts(backup(), forget({ roundId: 'earlier', outcome: 'failed', exitCode: 11 })),
  'no run yet': facts(),
}

describe('name sets', () => {
  for (const [name, set] of Object.entries(nameSets))
    it(`${name} reads as it should`, async () => {
      const text = Object.entries(scenes)
        .map(([scene, given]) => {
          const families = set.families(given)
          return `## ${scene}\n${families === undefined ? '(nothing)\n' : renderFamilies(families, 'prometheus')}`
        })
        .join('\n')
      await expect(text).toMatchFileSnapshot(`./${name}/golden.txt`)
    })

  it('tell of a check that belongs to the round of the backup, where a script would have made it', () => {
    const families = nameSets.sidecar.families(facts(backup(), forget(), backup().roundId)) ?? []
    expect(families.flatMap(({ samples }) => samples.map(({ value }) => value))).toEqual([59, 1795227300, 1])
  })

  it('tells nothing without a number', () => {
    for (const set of Object.values(nameSets))
      for (const given of Object.values(scenes))
        expect(renderFamilies(set.families(given) ?? [], 'prometheus')).not.toMatch(/ (?:undefined|NaN|null|)$/m)
  })
})
