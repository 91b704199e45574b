/** What several name sets read of the last backup of a job. */
import type { Operation, Run } from '../../../model/run.ts'
import type { JobFacts } from './name-set.ts'

/** A backup that was not started, because the one before went on, is none. */
export function lastOf({ job }: Pick<JobFacts, 'job'>, operation: Operation): Run | undefined {
  const last = job.operations.find((one) => one.operation === operation)?.last
  return operation === 'backup' && last?.outcome === 'skipped' ? undefined : last
}

/** Undefined where Muster ended in between: nobody knows how long it went on. */
export const durationMs = ({ startedAt, endedAt, outcome }: Run): number | undefined =>
  endedAt === undefined || outcome === 'interrupted' ? undefined : endedAt.getTime() - startedAt.getTime()

/** As a shell would have seen it: 0 only where all went well, 1 where the tool itself gave no other. */
export const exitCodeOf = ({ outcome, exitCode }: Run): number =>
  outcome === 'ok' ? 0 : exitCode === undefined || exitCode === 0 ? 1 : exitCode

/** The forget of the same round as the backup, where there was one. */
export function forgetAfter(facts: JobFacts, backup: Run): Run | undefined {
  const forget = lastOf(facts, 'forget')
  return forget?.roundId === backup.roundId ? forget : undefined
}
