/** Alerts on jobs: late, failing, interrupted, stalled, never run, warned for long, stopped by a guard, never forgotten. */
import { jobLabels } from '../../model/job-labels.ts'
import {
  type Alert,
  byFigure,
  dayMs,
  hourMs,
  type Labels,
  minuteMs,
  type Rule,
  secondsOf,
  type TestSeries,
} from './alert.ts'
import type { JobFacts } from './facts.ts'
import { oneOf } from './selector.ts'

const [deadline, outcome, success, verdict, running, problem] = [
  'muster_job_expected_before_timestamp_seconds',
  'muster_job_last_outcome',
  'muster_job_last_success_timestamp_seconds',
  'muster_job_verdict',
  'muster_job_running',
  'muster_job_problem',
]
const by = ['job', 'repository']
const common = { set: 'muster', group: 'jobs', by } as const

const labelsOf = (job: JobFacts): Labels => jobLabels(job)
const ofBackup = (job: JobFacts): Labels => ({ ...labelsOf(job), operation: 'backup' })

/** The last backup ended so, and not well. */
export const endedAs = (labels: Labels, how: string): TestSeries[] => [
  { name: outcome, labels: { ...labels, outcome: 'ok' }, value: 0 },
  { name: outcome, labels: { ...labels, outcome: how }, value: 1 },
]

/** One rule for all jobs, proven with the first. */
const once = (jobs: readonly JobFacts[], rule: (job: JobFacts) => Rule): Rule[] => jobs.slice(0, 1).map(rule)

const match = (job: string): string => `on (instance, ${job})`

export const jobAlerts: readonly Alert[] = [
  {
    ...common,
    name: 'MusterJobLate',
    severity: 'critical',
    forMs: 5 * minuteMs,
    summary: 'The backup {{ $labels.job }} is late',
    when: 'the deadline of a job has passed without a backup, also that of a first one which never ran',
    todo: 'See whether `muster serve` or cron runs, or the program that tells of it; then back up now with `muster run`, or by that program.',
    rules: ({ jobs }, select) =>
      once(
        jobs.filter(({ everyMs }) => everyMs !== undefined),
        (job) => ({
          expr: `${select(deadline)} < time()`,
          faults: [
            {
              what: 'the deadline of a job has passed',
              change: [{ name: deadline, labels: labelsOf(job), value: { fromNow: -1 } }],
              fires: [labelsOf(job)],
            },
          ],
        }),
      ),
  },
  {
    ...common,
    name: 'MusterJobNeverRan',
    severity: 'warning',
    forMs: dayMs,
    summary: 'The backup {{ $labels.job }} has never run',
    when: 'a job that has no deadline is known for a day and has never ended',
    todo: 'Run it with `muster run`, or let the program that runs it tell of it; and give it a `schedule` or a `maxAge`, so that it can be late.',
    rules({ jobs }, select) {
      const free = jobs.filter(({ everyMs }) => everyMs === undefined)
      const names = free.map(({ name }) => name)
      return once(free, (job) => ({
        expr: `${select(running, oneOf('job', names))}\nunless ${match('job, repository')}\n${select(outcome, 'operation="backup"')}`,
        faults: [
          {
            what: 'a job that never ended',
            gone: [{ name: outcome, labels: ofBackup(job) }],
            fires: [labelsOf(job)],
          },
        ],
      }))
    },
  },
  {
    ...common,
    name: 'MusterJobFailing',
    severity: 'critical',
    forMs: 5 * minuteMs,
    by: [...by, 'outcome'],
    summary: 'The last backup {{ $labels.job }} ended as {{ $labels.outcome }}',
    when: 'the last backup of a job failed or took too long',
    todo: '`muster status` says why and what to do about it; then run it again.',
    rules: ({ jobs }, select) =>
      once(jobs, (job) => ({
        expr: `${select(outcome, 'operation="backup"', 'outcome=~"failed|timed-out"')} == 1`,
        faults: ['failed', 'timed-out'].map((how) => ({
          what: `the last run is ${how}`,
          change: endedAs(ofBackup(job), how),
          fires: [{ ...labelsOf(job), outcome: how }],
        })),
      })),
  },
  {
    ...common,
    name: 'MusterJobInterrupted',
    severity: 'warning',
    forMs: 5 * minuteMs,
    summary: 'Muster died while the backup {{ $labels.job }} ran',
    when: 'Muster itself ended in the middle of the last backup of a job',
    todo: 'See what ended it (memory, a restart of the machine); the next run makes up for it, or `muster run` does now.',
    rules: ({ jobs }, select) =>
      once(jobs, (job) => ({
        expr: `${select(outcome, 'operation="backup"', 'outcome="interrupted"')} == 1`,
        faults: [{ what: 'an interrupted run', change: endedAs(ofBackup(job), 'interrupted'), fires: [labelsOf(job)] }],
      })),
  },
  {
    ...common,
    name: 'MusterJobStalled',
    severity: 'warning',
    forMs: 0,
    summary: 'The backup {{ $labels.job }} makes no progress',
    when: 'a backup runs and has made no progress for its `stallLimit`, or nothing was heard of it',
    todo: 'Look at the machine and the repository; Muster ends what it runs by itself.',
    rules: ({ jobs }, select) =>
      once(jobs, (job) => ({
        expr: `${select(verdict, 'verdict="stalled"')} == 1`,
        faults: [
          {
            what: 'a run that stands still',
            change: [{ name: verdict, labels: { ...labelsOf(job), verdict: 'stalled' }, value: 1 }],
            fires: [labelsOf(job)],
          },
        ],
      })),
  },
  {
    ...common,
    name: 'MusterJobWarnings',
    severity: 'warning',
    forMs: 5 * minuteMs,
    summary: 'The backup {{ $labels.job }} leaves something out each time',
    when: 'the last backup ended with a warning, and none ended without one for three times its schedule (at least a day; three days without one)',
    todo: '`muster status` names what was left out; make it readable, or exclude it.',
    rules: ({ jobs }, select) =>
      byFigure(jobs, ({ everyMs }) => Math.max(dayMs, 3 * (everyMs ?? dayMs))).map(([limitMs, own]) => {
        const names = oneOf(
          'job',
          own.map(({ name }) => name),
        )
        const warned = select(outcome, 'operation="backup"', 'outcome="warning"', names)
        const good = select(success, 'operation="backup"')
        const [job] = own
        return {
          expr: `${warned} == 1\nunless ${match('job, repository')}\n${good} > time() - ${secondsOf(limitMs)}`,
          faults:
            job === undefined
              ? []
              : [
                  {
                    what: 'nothing but warnings for long',
                    change: [
                      ...endedAs(ofBackup(job), 'warning'),
                      { name: success, labels: ofBackup(job), value: { fromNow: -secondsOf(limitMs) - 1 } },
                    ],
                    fires: [labelsOf(job)],
                  },
                  { what: 'a first warning', change: endedAs(ofBackup(job), 'warning'), fires: [] },
                ],
        }
      }),
  },
  {
    ...common,
    name: 'MusterGuardStopped',
    severity: 'critical',
    forMs: 0,
    by: [...by, 'code'],
    summary: 'The source of the backup {{ $labels.job }} is not what it was: {{ $labels.code }}',
    when: 'a guard found the sources of a job missing, empty or shrunken',
    todo: 'See whether the sources are mounted and complete; `muster status` says what was found.',
    rules: ({ jobs }, select) =>
      once(jobs, (job) => ({
        expr: `${select(problem, 'operation="backup"', 'code=~"guard[.](?:stopped|empty|shrunk|source-missing)"')} == 1`,
        faults: [
          {
            what: 'an empty source',
            change: [
              { name: problem, labels: { ...ofBackup(job), code: 'guard.empty' }, value: 1 },
              ...endedAs(ofBackup(job), 'failed'),
            ],
            fires: [{ ...labelsOf(job), code: 'guard.empty' }],
          },
          {
            what: 'a smaller source that was accepted',
            change: [{ name: problem, labels: { ...ofBackup(job), code: 'guard.shrink-accepted' }, value: 1 }],
            fires: [],
          },
        ],
      })),
  },
  {
    ...common,
    name: 'MusterForgetMissing',
    severity: 'warning',
    forMs: 2 * hourMs,
    summary: 'Old snapshots of {{ $labels.job }} are not forgotten',
    when: 'a job with `retention` has backed up well, and for two hours no forget followed',
    todo: '`muster status` says what holds it: an open finding, a guard, a lock or a failure.',
    rules({ jobs }, select) {
      const keeping = jobs.filter(({ hasRetention }) => hasRetention)
      const names = keeping.map(({ name }) => name)
      const backup = select(success, 'operation="backup"', oneOf('job', names))
      const forget = select(success, 'operation="forget"')
      return once(keeping, (job) => ({
        expr: `${backup}\nunless ${match('job, repository')}\n(${forget} >= ${match('job, repository')} ${backup})`,
        faults: [
          {
            what: 'a forget that is older than the backup',
            change: [
              { name: success, labels: { ...labelsOf(job), operation: 'forget' }, value: { fromNow: -3 * 86_400 } },
            ],
            fires: [labelsOf(job)],
          },
          {
            what: 'no forget ever',
            gone: [{ name: success, labels: { ...labelsOf(job), operation: 'forget' } }],
            fires: [labelsOf(job)],
          },
        ],
      }))
    },
  },
]
