/** Runs that went wrong, by what is told of them. Pure. */
import type { Run } from '../../model/run.ts'
import type { OperationStanding, Standing } from '../../model/standing.ts'

/** The newest run of each trouble that is one of runs, as far as it failed. Keys as those of troubles. */
export function failuresOf({ jobs, repositories }: Standing): ReadonlyMap<string, Run> {
  const failures = new Map<string, Run>()
  const add = (key: string, { last }: OperationStanding): void => {
    if (last !== undefined && isFailure(last)) failures.set(key, last)
  }
  for (const { name, operations } of jobs)
    for (const one of operations) add(one.operation === 'backup' ? `job/${name}` : `${one.operation}/jobs/${name}`, one)
  for (const { name, operations } of repositories)
    for (const one of operations) add(`${one.operation}/repositories/${name}`, one)
  return failures
}

const isFailure = ({ outcome }: Run): boolean =>
  outcome === 'failed' || outcome === 'timed-out' || outcome === 'interrupted'
