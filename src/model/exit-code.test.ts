import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { scriptCode } from './exit-code.ts'
import type { Outcome, Run } from './run.ts'

const run = (outcome: Outcome, code?: string, exitCode?: number, own?: number): Run => ({
  id: 'r',
  roundId: 'r',
  repository: 'one',
  operation: 'backup',
  trigger: 'manual',
  startedAt: new Date(0),
  outcome,
  ...(exitCode !== undefined && { exitCode }),
  ...(code !== undefined && {
    problem: {
      code,
      message: 'm',
      next: 'n',
      retry: 'never',
      ...(own !== undefined && { context: { exitCode: own } }),
    },
  }),
})
const good = run('ok', undefined, 0)

const rows: readonly (readonly [string, readonly Run[], number])[] = [
  ['nothing was done', [], 0],
  ['all went well', [good, good], 0],
  [
    'the first that failed counts',
    [good, run('failed', 'restic.locked', 11), run('failed', 'restic.password', 12)],
    11,
  ],
  ['a snapshot with gaps', [run('failed', 'restic.partial', 3)], 3],
  ['a source that is missing, with restic before 0.19', [run('failed', 'restic.partial', 0)], 3],
  ['a warning with a code', [run('warning', 'restic.not-all-removed', 3)], 3],
  ['an empty source', [run('warning', 'source.empty', 0)], 0],
  ['a repository that could not be made', [run('failed', 'restic.denied', 10, 1)], 1],
  ['a hook', [run('failed', 'hook.failed', undefined, 42)], 42],
  ['no restic', [run('failed', 'restic.not-found')], 127],
  ['no right to run it', [run('failed', 'restic.not-executable')], 126],
  ['ended by a signal', [run('cancelled', 'restic.interrupted', 130)], 130],
  ['a time limit', [run('timed-out', 'restic.timed-out')], 1],
]
describe('the exit code of a script', () => {
  for (const [name, runs, code] of rows) it(name, () => assert.equal(scriptCode(runs), code))
})
