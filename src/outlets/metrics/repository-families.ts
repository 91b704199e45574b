/** Metrics of repositories and backup sets. Names: reference of metrics, 4.5; an age is never published, a time is. */
import { joined } from '../../model/set-name.ts'
import type { RepositoryStanding, SetStanding } from '../../model/standing.ts'
import { ownStates } from '../../model/verdict.ts'
import { counter, type Family, gauge, seconds } from './family.ts'

export function repositoryFamilies(repositories: readonly RepositoryStanding[]): Family[] {
  const each = <T>(read: (repository: RepositoryStanding) => T) =>
    repositories.map((repository) => [{ repository: repository.name }, read(repository)] as const)
  return [
    gauge(
      'muster_repository_info',
      'What a repository is: tool and version of the program that worked on it last. Always 1.',
      repositories.map(({ name, tool, toolVersion }) => [{ repository: name, tool, version: toolVersion ?? '' }, 1]),
    ),
    gauge(
      'muster_repository_up',
      'Whether the last reading of the repository went well. Absent before the first.',
      each(({ lastReading }) => (lastReading === undefined ? undefined : lastReading.problem === undefined ? 1 : 0)),
    ),
    gauge(
      'muster_repository_last_reading_timestamp_seconds',
      'When the repository was last looked at, well or ill.',
      each(({ lastReading }) => seconds(lastReading?.endedAt)),
    ),
    gauge(
      'muster_repository_last_successful_reading_timestamp_seconds',
      'When the repository was last read well.',
      each(({ lastGoodReading }) => seconds(lastGoodReading?.endedAt)),
    ),
    gauge(
      'muster_repository_reading_duration_seconds',
      'How long the last reading took.',
      each(({ lastReading }) =>
        lastReading === undefined
          ? undefined
          : (lastReading.endedAt.getTime() - lastReading.startedAt.getTime()) / 1000,
      ),
    ),
    gauge(
      'muster_repository_reading_requests',
      'Requests the last reading made; absent where the way of reading cannot tell.',
      each(({ lastReading }) => lastReading?.requests),
    ),
    gauge(
      'muster_repository_reading_bytes',
      'Bytes the last reading fetched; absent where the way of reading cannot tell.',
      each(({ lastReading }) => lastReading?.bytes),
    ),
    gauge(
      'muster_repository_reading_cpu_seconds',
      'Processor time of the last reading, that of programs included; of readings that went on at the same time, an equal share.',
      each(({ lastReading }) => (lastReading?.cpuMs === undefined ? undefined : lastReading.cpuMs / 1000)),
    ),
    gauge(
      'muster_repository_problem',
      'Why the last reading failed, by code. Absent while all is well.',
      repositories.flatMap(({ name, lastReading }) =>
        lastReading?.problem === undefined ? [] : [[{ repository: name, code: lastReading.problem.code }, 1] as const],
      ),
    ),
    gauge(
      'muster_repository_missing_sets',
      'Expectations of `expect` to which no backup set fits. Absent while the repository cannot be read.',
      each(({ lastReading, missing }) =>
        lastReading === undefined || lastReading.problem !== undefined ? undefined : (missing?.length ?? 0),
      ),
    ),
    gauge(
      'muster_repository_findings',
      'Changes of its history that nobody explained: deleted, forged or swapped snapshots, keys, config. `muster ack` settles them.',
      each(({ findings }) => findings.length),
    ),
    gauge(
      'muster_repository_finding_timestamp_seconds',
      'When the oldest open finding of a kind was found. Absent without one.',
      repositories.flatMap(({ name, findings }) =>
        [...Map.groupBy(findings, ({ kind }) => kind)].map(
          ([kind, own]) => [{ repository: name, kind }, oldest(own.map(({ foundAt }) => foundAt))] as const,
        ),
      ),
    ),
    gauge(
      'muster_repository_snapshots',
      'Snapshots in the repository, by the last good reading.',
      each(({ lastGoodReading }) => lastGoodReading?.snapshots),
    ),
    gauge(
      'muster_repository_locks',
      'Locks on the repository when they were last looked at.',
      each(({ locks }) => locks?.locks.length),
    ),
    gauge(
      'muster_repository_oldest_lock_timestamp_seconds',
      'When the oldest lock was taken. Absent without a lock.',
      each(({ locks }) => oldest(locks?.locks.map((lock) => lock.takenAt))),
    ),
    gauge(
      'muster_repository_size_bytes',
      'Bytes the repository stores, when it was last measured.',
      each(({ size }) => size?.sizeBytes),
    ),
    gauge(
      'muster_repository_space_known',
      'Whether the last look at the room in the store went well. Absent where nothing tells the room.',
      each(({ space }) => (space === undefined ? undefined : space.last.space === undefined ? 0 : 1)),
    ),
    gauge(
      'muster_repository_space_free_bytes',
      'Bytes free in the store, for whoever writes there. Absent when the last look did not tell.',
      each(({ space }) => space?.last.space?.freeBytes),
    ),
    gauge(
      'muster_repository_space_total_bytes',
      'Bytes the store has. Absent when the last look did not tell.',
      each(({ space }) => space?.last.space?.totalBytes),
    ),
    gauge(
      'muster_repository_space_full_timestamp_seconds',
      'When the store is full if it goes on like in the last 30 days. Absent when it does not fill up, or too little is known.',
      each(({ space }) => seconds(space?.fullAt)),
    ),
    gauge(
      'muster_repository_space_last_look_timestamp_seconds',
      'When the room in the store was last looked at, well or ill.',
      each(({ space }) => seconds(space?.last.at)),
    ),
    gauge(
      'muster_repository_space_problem',
      'Why the room in the store is not known, by code. Absent while it is.',
      repositories.flatMap(({ name, space }) =>
        space?.last.problem === undefined ? [] : [[{ repository: name, code: space.last.problem.code }, 1] as const],
      ),
    ),
  ]
}

/** @param dropped Series left out by the cap; absent where the repository is told of in another part. */
export function setFamilies(repository: string, all: readonly SetStanding[], dropped: number | undefined): Family[] {
  const sets = all.map((standing) => ({ labels: labelsOf(repository, standing), ...standing }))
  return [
    gauge(
      'muster_set_newest_snapshot_timestamp_seconds',
      'Time of the newest snapshot of a backup set.',
      sets.map(({ labels, set }) => [labels, seconds(set.newestAt)]),
    ),
    gauge(
      'muster_set_expected_before_timestamp_seconds',
      'Deadline of the next snapshot. One rule serves every schedule: time() > this.',
      sets.map(({ labels, verdict }) => [
        labels,
        seconds('expectedBefore' in verdict ? verdict.expectedBefore : undefined),
      ]),
    ),
    gauge(
      'muster_set_expectation_info',
      'Where the deadline of a backup set comes from: job, declared (`expect`), learned from its history, or archived: none. Always 1.',
      sets.map(({ labels, expectation }) => [
        { ...labels, source: expectation?.source ?? '' },
        expectation === undefined ? undefined : 1,
      ]),
    ),
    gauge(
      'muster_set_learned_confidence_ratio',
      'How sure a learned deadline is, from 0 to 1. Absent where it was not learned.',
      sets.map(({ labels, expectation }) => [labels, expectation?.confidence]),
    ),
    gauge(
      'muster_set_snapshots',
      'Snapshots of a backup set.',
      sets.map(({ labels, set }) => [labels, set.snapshots]),
    ),
    gauge(
      'muster_set_size_bytes',
      'Bytes the newest snapshot holds; absent where the tool does not say.',
      sets.map(({ labels, set }) => [labels, set.sizeBytes]),
    ),
    gauge(
      'muster_set_files',
      'Files the newest snapshot holds; absent where the tool does not say.',
      sets.map(({ labels, set }) => [labels, set.files]),
    ),
    gauge(
      'muster_set_verdict',
      'How a backup set stands: 1 for the verdict that holds, 0 for the others. fresh and running are fine.',
      sets.flatMap(({ labels, verdict }) =>
        ownStates.map((state) => [{ ...labels, verdict: state }, verdict.state === state ? 1 : 0] as const),
      ),
    ),
    counter(
      'muster_repository_series_dropped',
      'Series of backup sets left out, because the repository has more than metrics.maxSeries.',
      dropped === undefined ? [] : [[{ repository }, dropped]],
    ),
  ]
}

/** Tags and paths only where they tell sets apart: whoever did not ask for them keeps the labels there were. */
export const labelsOf = (repository: string, { set }: SetStanding): Readonly<Record<string, string>> => ({
  repository,
  host: set.host,
  user: set.user,
  ...(set.tags && { tags: joined(set.tags) }),
  ...(set.paths && { paths: joined(set.paths) }),
})

function oldest(dates: readonly Date[] | undefined): number | undefined {
  return dates === undefined || dates.length === 0 ? undefined : Math.min(...dates.map((date) => date.getTime())) / 1000
}
