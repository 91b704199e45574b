/** Metrics of jobs and of the operations of repositories. */
import { jobLabels } from '../../model/job-labels.ts'
import { type BackupCounters, outcomes } from '../../model/run.ts'
import type { OperationStanding, RepositoryStanding, Standing } from '../../model/standing.ts'
import { ownStates } from '../../model/verdict.ts'
import { counter, type Family, gauge, seconds } from './family.ts'
import { problemFamilies } from './problem-families.ts'

const gauges: readonly (readonly [keyof BackupCounters, string, string])[] = [
  ['filesNew', 'files_new', 'Files that were new in the last backup.'],
  ['filesChanged', 'files_changed', 'Files that had changed in the last backup.'],
  ['filesUnmodified', 'files_unmodified', 'Files that had not changed in the last backup.'],
  ['dirsNew', 'dirs_new', 'Folders that were new in the last backup.'],
  ['dirsChanged', 'dirs_changed', 'Folders that had changed in the last backup.'],
  ['dirsUnmodified', 'dirs_unmodified', 'Folders that had not changed in the last backup.'],
  ['processedFiles', 'processed_files', 'Files the last backup looked at.'],
  ['processedBytes', 'processed_bytes', 'Bytes the last backup looked at.'],
  ['addedBytes', 'added_bytes', 'Bytes the last backup added to the repository.'],
]

export function jobFamilies(
  jobs: Standing['jobs'],
  repositories: readonly Pick<RepositoryStanding, 'name' | 'operations'>[],
  totals: Standing['totals'],
): Family[] {
  const operations = [
    ...jobs.flatMap((job) =>
      job.operations.map((operation) => ({
        labels: { ...jobLabels(job), operation: operation.operation },
        operation,
      })),
    ),
    ...repositories.flatMap((repository) =>
      repository.operations.map((operation) => ({
        labels: { job: '', repository: repository.name, operation: operation.operation },
        operation,
      })),
    ),
  ]
  const each = (read: (operation: OperationStanding) => number | undefined) =>
    operations.map(({ labels, operation }) => [labels, read(operation)] as const)
  const backups = jobs.map((job) => ({
    labels: jobLabels(job),
    last: job.operations.find(({ operation }) => operation === 'backup')?.last,
  }))
  return [
    gauge(
      'muster_job_last_run_timestamp_seconds',
      'When the last run of an operation ended, however.',
      each(({ last }) => seconds(last?.endedAt)),
    ),
    gauge(
      'muster_job_last_success_timestamp_seconds',
      'When the last run ended with outcome ok. A warning is not a success.',
      each(({ lastSuccessAt }) => seconds(lastSuccessAt)),
    ),
    gauge(
      'muster_job_last_duration_seconds',
      'How long the last run took.',
      each(({ last }) =>
        last?.endedAt === undefined ? undefined : (last.endedAt.getTime() - last.startedAt.getTime()) / 1000,
      ),
    ),
    gauge(
      'muster_job_last_outcome',
      'How the last run ended: 1 for the outcome it had, 0 for the others.',
      operations.flatMap(({ labels, operation: { last } }) =>
        last === undefined
          ? []
          : outcomes.map((outcome) => [{ ...labels, outcome }, last.outcome === outcome ? 1 : 0] as const),
      ),
    ),
    gauge(
      'muster_job_last_exit_code',
      'Exit code of the tool in the last run; absent when it did not exit by itself.',
      each(({ last }) => last?.exitCode),
    ),
    ...problemFamilies(operations),
    gauge(
      'muster_job_next_run_timestamp_seconds',
      'Next scheduled instant.',
      each(({ next }) => seconds(next)),
    ),
    counter(
      'muster_job_runs',
      'Runs that ended, by outcome. Kept across restarts.',
      totals.map(({ job, repository, operation, outcome, runs }) => [
        { job: job ?? '', ...(repository !== '' && { repository }), operation, outcome },
        runs,
      ]),
    ),
    ...gauges.map(([field, name, help]) =>
      gauge(
        `muster_job_${name}`,
        help,
        backups.map(({ labels, last }) => [labels, last?.counters?.[field]]),
      ),
    ),
    gauge(
      'muster_job_running',
      'Whether a backup of the job is running or waiting for its turn.',
      jobs.map((job) => [jobLabels(job), job.running === undefined ? 0 : 1]),
    ),
    gauge(
      'muster_job_expected_before_timestamp_seconds',
      'Deadline of the next backup. One rule serves every schedule: time() > this.',
      jobs.map((job) => [
        jobLabels(job),
        seconds('expectedBefore' in job.verdict ? job.verdict.expectedBefore : undefined),
      ]),
    ),
    gauge(
      'muster_job_verdict',
      'How a job stands: 1 for the verdict that holds, 0 for the others. fresh and running are fine.',
      jobs.flatMap((job) =>
        ownStates.map((state) => [{ ...jobLabels(job), verdict: state }, job.verdict.state === state ? 1 : 0] as const),
      ),
    ),
  ]
}
