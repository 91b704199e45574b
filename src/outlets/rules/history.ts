/** A history in which all is well with a configuration, as series of a test; what goes wrong is written over it. */
import { jobLabels } from '../../model/job-labels.ts'
import type { Fault, Labels, TestSeries, Value } from './alert.ts'
import { borgJobs, borgTarget, borgTellsRoom, errorCode, free, lastRun, total } from './borg-alerts.ts'
import type { RuleFacts, RuleSet } from './facts.ts'

const [farAway, anHour] = [10 * 365 * 86_400, 3_600]
const outcomes = ['ok', 'warning', 'failed', 'cancelled', 'timed-out', 'skipped', 'interrupted']
const verdicts = ['fresh', 'late', 'ahead', 'absent', 'failing', 'unreadable', 'running', 'stalled']

/** Every repository with one backup set, every job with runs; nothing that anybody has to look at. */
export function healthySeries(facts: RuleFacts, sets: readonly RuleSet[]): readonly TestSeries[] {
  return [
    { name: 'up', labels: {}, value: 1 },
    ...(sets.includes('muster') ? ownSeries(facts) : []),
    ...(sets.includes('restic-reporter') ? reporterSeries(facts) : []),
    ...(sets.includes('borg-exporter') ? borgSeries(facts) : []),
  ]
}

function ownSeries({ repositories, jobs, notifiers, pushes }: RuleFacts): TestSeries[] {
  const one = (name: string, labels: Labels, value: Value): TestSeries => ({ name: `muster_${name}`, labels, value })
  const runs = (labels: Labels): TestSeries[] => [
    ...outcomes.map((outcome) => one('job_last_outcome', { ...labels, outcome }, outcome === 'ok' ? 1 : 0)),
    ...outcomes.map((outcome) => one('job_runs_total', { ...labels, outcome }, outcome === 'ok' ? 3 : 0)),
    one('job_last_success_timestamp_seconds', labels, { fromNow: -anHour }),
  ]
  return [
    one('build_info', { version: '1.0.0' }, 1),
    one('ledger_degraded', {}, 0),
    one('config_reload_successful', {}, 1),
    ...notifiers.map((notifier) => one('notifier_up', { notifier }, 1)),
    ...pushes.map((target) => one('push_up', { target }, 1)),
    ...repositories.flatMap(({ name: repository, checkEveryMs, pruneEveryMs, spaceAlarm }) => [
      one('repository_info', { repository, tool: 'restic', version: '0.19.1' }, 1),
      one('repository_up', { repository }, 1),
      one('repository_last_reading_timestamp_seconds', { repository }, { fromNow: -60 }),
      one('repository_last_successful_reading_timestamp_seconds', { repository }, { fromNow: -60 }),
      one('repository_findings', { repository }, 0),
      one('repository_missing_sets', { repository }, 0),
      one('repository_snapshots', { repository }, 12),
      one('repository_locks', { repository }, 0),
      one('repository_series_dropped_total', { repository }, 0),
      ...(spaceAlarm === undefined
        ? []
        : [
            one('repository_space_known', { repository }, 1),
            one('repository_space_free_bytes', { repository }, 1000),
            one('repository_space_total_bytes', { repository }, 1000),
          ]),
      one('set_newest_snapshot_timestamp_seconds', { repository, host: 'host', user: 'user' }, { fromNow: -anHour }),
      one('set_expected_before_timestamp_seconds', { repository, host: 'host', user: 'user' }, farAway),
      ...(checkEveryMs === undefined ? [] : runs({ repository, operation: 'check' })),
      ...(pruneEveryMs === undefined ? [] : runs({ repository, operation: 'prune' })),
      one('job_runs_total', { repository, operation: 'init', outcome: 'failed' }, 0),
    ]),
    ...jobs.flatMap((job) => [
      ...runs({ ...jobLabels(job), operation: 'backup' }),
      ...(job.hasRetention ? runs({ ...jobLabels(job), operation: 'forget' }) : []),
      one('job_running', jobLabels(job), 0),
      ...(job.everyMs === undefined ? [] : [one('job_expected_before_timestamp_seconds', jobLabels(job), farAway)]),
      ...verdicts.map((verdict) => one('job_verdict', { ...jobLabels(job), verdict }, verdict === 'fresh' ? 1 : 0)),
    ]),
  ]
}

const reporterSeries = ({ repositories }: RuleFacts): TestSeries[] => [
  { name: 'backup_job_error_count', labels: {}, value: 0 },
  { name: 'backup_job_last_success_unixtime', labels: {}, value: { fromNow: -anHour } },
  ...[...new Set(repositories.map(({ shownUrl }) => shownUrl))].flatMap((url): TestSeries[] => [
    { name: 'backup_read_error_count', labels: { url }, value: 0 },
    { name: 'backup_days_age', labels: { host: 'host', url, user: 'user' }, value: 3 },
  ]),
]

function borgSeries(facts: RuleFacts): TestSeries[] {
  const one = (name: string, value: Value): TestSeries => ({ name, labels: borgTarget, value })
  return [
    one('up', 1),
    ...(borgJobs(facts).length > 0 ? [one(errorCode, 0), one(lastRun, { fromNow: -anHour })] : []),
    ...(borgTellsRoom(facts) ? [one(free, 1000), one(total, 1000)] : []),
  ]
}

/** A series that goes from one value to another when the fault begins; absent is a value too. */
export interface Turning {
  readonly name: string
  readonly labels: Labels
  readonly well: Value | undefined
  readonly ill: Value | undefined
}

/** The history with a fault in it. */
export function withFault(healthy: readonly TestSeries[], { change = [], gone = [] }: Fault): readonly Turning[] {
  const changed = new Map(change.map((series) => [keyOf(series), series]))
  const all = healthy.map(({ name, labels, value }): Turning => {
    const other = changed.get(keyOf({ name, labels }))
    changed.delete(keyOf({ name, labels }))
    const isGone = gone.some((one) => one.name === name && carries(labels, one.labels))
    return { name, labels, well: value, ill: isGone ? undefined : (other?.value ?? value) }
  })
  const born = [...changed.values()].map(
    ({ name, labels, value }): Turning => ({
      name,
      labels,
      well: undefined,
      ill: gone.some((one) => one.name === name && carries(labels, one.labels)) ? undefined : value,
    }),
  )
  return [...all, ...born]
}

const carries = (labels: Labels, wanted: Labels): boolean =>
  Object.entries(wanted).every(([label, value]) => labels[label] === value)

const keyOf = ({ name, labels }: Pick<TestSeries, 'name' | 'labels'>): string =>
  JSON.stringify([name, Object.entries(labels).sort()])
