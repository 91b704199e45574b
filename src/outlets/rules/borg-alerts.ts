/** Alerts on the four names that scripts around borg have: those that everybody wrote for them, in a form that works, and one on success. */
import { jobLabels } from '../../model/job-labels.ts'
import { type Alert, anyOf, byFigure, dayMs, minuteMs, type Rule, secondsOf } from './alert.ts'
import type { JobFacts, RuleFacts } from './facts.ts'
import { endedAs } from './job-alerts.ts'
import { oneOf, quoted } from './selector.ts'

const common = { set: 'borg-exporter', group: 'borg-exporter', by: ['instance'] } as const

/** As they are scraped: under this `job_name`, at an address or path of their own. */
export const borgTarget = { job: 'borg', instance: 'muster:9999' } as const
const { job, ...onInstance } = borgTarget
const target = `job=${quoted(job)}`

export const errorCode = 'borg_last_backup_error_code'
export const lastRun = 'borg_last_run_timestamp'
export const free = 'borg_storage_free_space'
export const total = 'borg_storage_disk_space'
const outcome = 'muster_job_last_outcome'
const success = 'muster_job_last_success_timestamp_seconds'

export const borgJobs = ({ repositories, jobs }: RuleFacts): readonly JobFacts[] => {
  const own = new Set(repositories.flatMap(({ tool, name }) => (tool === 'borg' ? [name] : [])))
  return jobs.filter(({ repository }) => repository !== undefined && own.has(repository))
}
/** Some store of borg tells its room. */
export const borgTellsRoom = ({ repositories }: RuleFacts): boolean =>
  repositories.some(({ tool, spaceAlarm }) => tool === 'borg' && spaceAlarm !== undefined)

/** Two days, as everybody has it; twice its schedule for what runs less often than daily. */
const limitOf = ({ everyMs = 0 }: JobFacts): number => Math.max(2 * dayMs, 2 * everyMs)
const inWords = 'two days (twice its schedule, where that is longer)'

/** None without anything of borg in the configuration. */
const where = (is: boolean, rule: () => Rule): readonly Rule[] => (is ? [rule()] : [])

const needed = (facts: RuleFacts): readonly string[] =>
  [...(borgJobs(facts).length > 0 ? [errorCode, lastRun] : []), ...(borgTellsRoom(facts) ? [free, total] : [])].flatMap(
    (name) => name ?? [],
  )

export const borgAlerts: readonly Alert[] = [
  {
    ...common,
    name: 'BorgExporterDown',
    severity: 'critical',
    forMs: 5 * minuteMs,
    summary: '{{ $labels.instance }} does not tell how borg does',
    when: 'Prometheus cannot scrape what it has under `job_name: borg`',
    todo: 'See whether `muster serve` runs with its `--compat-listen`.',
    rules: (facts, select) =>
      where(needed(facts).length > 0, () => ({
        expr: `${select('up', target)} == 0`,
        faults: [{ what: 'no answer', change: [{ name: 'up', labels: borgTarget, value: 0 }], fires: [onInstance] }],
      })),
  },
  {
    ...common,
    name: 'BorgBackupFailed',
    severity: 'critical',
    forMs: minuteMs,
    summary: 'The last borg backup ended with {{ $value }}',
    when: 'the last backup of some borg job ended with a warning (1) or made no archive (2 and more)',
    todo: '`muster status` names the job and says why; then run it again with `muster run`.',
    rules: (facts, select) =>
      where(borgJobs(facts).length > 0, () => ({
        expr: `${select(errorCode)} > 0`,
        faults: [1, 2].map((value) => ({
          what: `error code ${value}`,
          change: [{ name: errorCode, labels: borgTarget, value }],
          fires: [onInstance],
        })),
      })),
  },
  {
    ...common,
    name: 'BorgRunOld',
    severity: 'critical',
    forMs: minuteMs,
    summary: 'Some borg backup did not even run for too long',
    when: `the last run of some borg job, well or ill, is older than ${inWords}`,
    todo: 'See whether `muster serve` or cron runs; then back up now with `muster run`.',
    rules(facts, select) {
      const own = borgJobs(facts)
      const limit = secondsOf(Math.max(...own.map(limitOf)))
      return where(own.length > 0, () => ({
        expr: `time() - ${select(lastRun)} > ${limit}`,
        faults: [
          {
            what: 'a run of long ago',
            change: [{ name: lastRun, labels: borgTarget, value: { fromNow: -limit - 1 } }],
            fires: [onInstance],
          },
        ],
      }))
    },
  },
  {
    ...common,
    name: 'BorgSuccessOld',
    severity: 'critical',
    forMs: minuteMs,
    by: ['job', 'repository'],
    summary: 'The backup {{ $labels.job }} made no archive for too long',
    when: `the last good backup of a borg job is older than ${inWords}, and the last one made no archive either. The four old names cannot tell that: it asks a metric of Muster's own`,
    todo: '`muster status` says what fails; then run it again with `muster run`.',
    rules: (facts, select) =>
      byFigure(borgJobs(facts), limitOf).flatMap(([limitMs, own]) =>
        own.slice(0, 1).map((job) => {
          const names = oneOf(
            'job',
            own.map((one) => one.name),
          )
          const labels = { ...jobLabels(job), operation: 'backup' }
          const old = { name: success, labels, value: { fromNow: -secondsOf(limitMs) - 1 } }
          return {
            expr: `${select(success, 'operation="backup"', names)} < time() - ${secondsOf(limitMs)}\nunless on (instance, job, repository)\n${select(outcome, 'operation="backup"', 'outcome="warning"')} == 1`,
            faults: [
              {
                what: 'nothing but failures',
                change: [...endedAs(labels, 'failed'), old],
                fires: [jobLabels(job)],
              },
              { what: 'archives with warnings', change: [...endedAs(labels, 'warning'), old], fires: [] },
            ],
          }
        }),
      ),
  },
  {
    ...common,
    name: 'BorgStorageFull',
    severity: 'warning',
    forMs: minuteMs,
    summary: '{{ $value | printf "%.0f" }} % of the store is used',
    when: 'more than 80 % of the fullest store of a borg repository is used',
    todo: 'Make room there: a shorter `retention` and a `prune`, or a larger store.',
    rules(facts, select) {
      const [disk, left] = [select(total), select(free)]
      return where(borgTellsRoom(facts), () => ({
        expr: `(${disk} - ${left}) / ${disk} * 100 > 80`,
        faults: [
          {
            what: 'hardly any room',
            change: [{ name: free, labels: borgTarget, value: 190 }],
            fires: [onInstance],
          },
          {
            what: 'just enough room',
            change: [{ name: free, labels: borgTarget, value: 200 }],
            fires: [],
          },
        ],
      }))
    },
  },
  {
    ...common,
    name: 'BorgMetricsMissing',
    severity: 'critical',
    forMs: 30 * minuteMs,
    by: ['metric'],
    summary: 'Nothing tells {{ $labels.metric }}, so an alert is blind',
    when: 'one of the old names is not told: nobody scrapes it, a job never ran though it had to, or the room of the store is not known',
    todo: '`muster status` says which of them it is.',
    rules: (facts, select) => {
      const names = needed(facts)
      return where(names.length > 0, () => ({
        expr: anyOf(names.map((name) => `label_replace(absent(${select(name)}), "metric", ${quoted(name)}, "", "")`)),
        faults: names.map((name) => ({
          what: `no ${name}`,
          gone: [{ name, labels: {} }],
          fires: [{ metric: name }],
        })),
      }))
    },
  },
]
