/** Alerts on repositories: unreadable, not read for long, changed by nobody, locked for long, not told of at all. */
import { jobLabels } from '../../model/job-labels.ts'
import {
  type Alert,
  aheadToleranceSeconds,
  anyOf,
  byFigure,
  type Labels,
  minuteMs,
  type Rule,
  secondsOf,
  type Value,
} from './alert.ts'
import type { RepositoryFacts, RuleFacts } from './facts.ts'
import { oneOf, quoted, type Select } from './selector.ts'

const common = { set: 'muster', group: 'repositories', by: ['repository'] } as const
const lastGood = 'muster_repository_last_successful_reading_timestamp_seconds'
const oldestLock = 'muster_repository_oldest_lock_timestamp_seconds'

/** A lock that its owner did not refresh for so long is dead; restic refreshes its own every five minutes. */
const deadLockSeconds = 3600

/** Three readings may be missed, and the last of them take its time. */
const staleMs = ({ readEveryMs, readLimitMs }: RepositoryFacts): number => 3 * readEveryMs + readLimitMs

/** One metric of a repository, compared with something; proven with the first. */
const compared =
  (name: string, comparison: string, what: string, value: Value) =>
  ({ repositories }: RuleFacts, select: Select): Rule[] =>
    repositories.slice(0, 1).map(({ name: repository }) => ({
      expr: `${select(name)} ${comparison}`,
      faults: [{ what, change: [{ name, labels: { repository }, value }], fires: [{ repository }] }],
    }))

export const repositoryAlerts: readonly Alert[] = [
  {
    ...common,
    name: 'MusterRepositoryUnreadable',
    severity: 'critical',
    forMs: 20 * minuteMs,
    summary: 'The repository {{ $labels.repository }} cannot be read',
    when: 'readings of a repository have failed for 20 minutes: nothing is known of what is in it',
    todo: '`muster status` says why; `muster doctor` tries credentials, host keys and network.',
    rules: compared('muster_repository_up', '== 0', 'a reading that failed', 0),
  },
  {
    ...common,
    name: 'MusterReadingStale',
    severity: 'critical',
    forMs: 5 * minuteMs,
    summary: 'The repository {{ $labels.repository }} was not read for a long time',
    when: 'the last good reading of a repository is older than three times its pace',
    todo: 'See whether `muster serve` hangs or waits: `muster status` tells what works on the repository.',
    rules: ({ repositories }, select) =>
      byFigure(repositories, staleMs).map(([limitMs, own]) => ({
        expr: `${select(
          lastGood,
          oneOf(
            'repository',
            own.map(({ name }) => name),
          ),
        )} < time() - ${secondsOf(limitMs)}`,
        faults: own.slice(0, 1).map(({ name: repository }) => ({
          what: 'a reading of long ago',
          change: [{ name: lastGood, labels: { repository }, value: { fromNow: -secondsOf(limitMs) - 1 } }],
          fires: [{ repository }],
        })),
      })),
  },
  {
    ...common,
    name: 'MusterHistoryFindings',
    severity: 'critical',
    forMs: 0,
    summary: 'The history of {{ $labels.repository }} changed, and nobody explained it',
    when: 'snapshots, keys or the config of a repository were deleted, forged or swapped; it fires until a person settles it',
    todo: '`muster status` lists the findings. Until they are explained, forget nothing; settle each with `muster ack`.',
    rules: compared('muster_repository_findings', '> 0', 'an open finding', 1),
  },
  {
    ...common,
    name: 'MusterLockOld',
    severity: 'warning',
    forMs: 5 * minuteMs,
    summary: 'A lock on {{ $labels.repository }} is held by nobody',
    when: 'the oldest lock on a repository was not refreshed for an hour when it was last looked at',
    todo: 'See who holds it: `muster doctor`. If nothing runs there, remove it with `restic unlock` or `borg break-lock`.',
    rules: ({ repositories }, select) =>
      repositories.slice(0, 1).map(({ name: repository }) => ({
        expr: `${select(lastGood)} - ${select(oldestLock)} > ${deadLockSeconds}`,
        faults: [
          {
            what: 'a lock of long ago',
            change: [
              { name: 'muster_repository_locks', labels: { repository }, value: 1 },
              { name: oldestLock, labels: { repository }, value: { fromNow: -2 * deadLockSeconds } },
            ],
            fires: [{ repository }],
          },
        ],
      })),
  },
  {
    ...common,
    name: 'MusterSeriesDropped',
    severity: 'warning',
    forMs: 5 * minuteMs,
    summary: 'Some backup sets of {{ $labels.repository }} are not told to Prometheus',
    when: 'a repository has more series than `metrics.maxSeries`: no alert speaks for the sets that were left out',
    todo: 'Raise `metrics.maxSeries`, or see why there are so many hosts and users.',
    rules: compared('muster_repository_series_dropped_total', '> 0', 'series that were left out', 12),
  },
  {
    ...common,
    name: 'MusterClockWrong',
    severity: 'warning',
    forMs: 5 * minuteMs,
    summary: 'The clock of Muster, or that of Prometheus, is wrong',
    when: 'a reading is dated more than two minutes in the future of Prometheus: one of the two clocks is wrong, and so is every deadline',
    todo: 'Compare both clocks with a third one (`timedatectl`) and let both be set by the network.',
    rules: compared(
      'muster_repository_last_reading_timestamp_seconds',
      `> time() + ${aheadToleranceSeconds}`,
      'a reading from the future',
      { fromNow: aheadToleranceSeconds + 60 },
    ),
  },
  {
    ...common,
    name: 'MusterRepositoryMissing',
    severity: 'critical',
    forMs: 30 * minuteMs,
    summary: 'Nothing is told of the repository {{ $labels.repository }}',
    when: 'a repository of this configuration is not among the metrics, or was never read',
    todo: 'See whether `muster serve` runs with this configuration; after a change of it print and load the rules again.',
    rules: ({ repositories }, select) =>
      missing(
        repositories.map(({ name }) => ({ repository: name })),
        'muster_repository_up',
        select,
      ),
  },
  {
    ...common,
    name: 'MusterJobMissing',
    severity: 'critical',
    forMs: 30 * minuteMs,
    by: ['job', 'repository'],
    summary: 'Nothing is told of the backup {{ $labels.job }}',
    when: 'a job of this configuration is not among the metrics: it was removed, or Prometheus scrapes without `honor_labels: true`',
    todo: 'See whether `muster serve` runs with this configuration; after a change of it print and load the rules again.',
    rules: ({ jobs }, select) =>
      missing(
        jobs.map((job) => jobLabels(job)),
        'muster_job_verdict',
        select,
        ['verdict="fresh"'],
      ),
  },
]

/** One rule that names all there has to be. */
function missing(all: readonly Labels[], name: string, select: Select, more: string[] = []): Rule[] {
  if (all.length === 0) return []
  const parts = all.map((labels) => {
    const matchers = Object.entries(labels).map(([label, value]) => `${label}=${quoted(value)}`)
    return `absent(${select(name, ...matchers, ...more)})`
  })
  return [
    {
      expr: anyOf(parts),
      faults: [{ what: 'series that are gone', gone: all.map((labels) => ({ name, labels })), fires: all }],
    },
  ]
}
