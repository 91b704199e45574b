/** Why runs did not end well, by code: what a guard found is another matter than a network that was down. */
import type { OperationStanding } from '../../model/standing.ts'
import { type Family, gauge } from './family.ts'

export const problemFamilies = (
  operations: readonly {
    readonly labels: Readonly<Record<string, string>>
    readonly operation: Pick<OperationStanding, 'last'>
  }[],
): Family[] => [
  gauge(
    'muster_job_problem',
    'Why the last run of an operation did not end ok, by code. Absent while all is well.',
    operations.flatMap(({ labels, operation: { last } }) =>
      last?.problem === undefined || last.outcome === 'ok'
        ? []
        : [[{ ...labels, code: last.problem.code }, 1] as const],
    ),
  ),
]
