/** Alerts on Muster itself: down, gone, an old configuration in force, a damaged ledger, metrics that are not told. */
import { jobLabels } from '../../model/job-labels.ts'
import { type Alert, anyOf, type Fault, minuteMs, type TestSeries } from './alert.ts'
import type { RuleFacts } from './facts.ts'
import { endedAs } from './job-alerts.ts'
import { quoted, type Select } from './selector.ts'

const common = { set: 'muster', group: 'muster' } as const

/** A metric that some alert needs, and what shows that it has to be there; without that, it always has to. */
interface Needed {
  readonly name: string
  readonly because?: (select: Select) => string
  /** What is true in the test so that it has to be there, and the series of it that then is there. */
  readonly change?: readonly TestSeries[]
  readonly told?: TestSeries
}

const job = 'muster_job'
const repository = 'muster_repository'

function needed({ jobs, repositories, notifiers, pushes }: RuleFacts): readonly Needed[] {
  const [first] = jobs
  const hasRun = (outcomes: string) => (select: Select) => `${select(`${job}_runs_total`, outcomes)} > 0`
  const always = [
    'muster_ledger_degraded',
    'muster_config_reload_successful',
    ...(repositories.length === 0
      ? []
      : [
          `${repository}_info`,
          `${repository}_findings`,
          `${repository}_last_reading_timestamp_seconds`,
          `${repository}_series_dropped_total`,
        ]),
    ...(repositories.length + jobs.length === 0 ? [] : [`${job}_runs_total`]),
    ...(first === undefined ? [] : [`${job}_running`]),
    ...(notifiers.length === 0 ? [] : ['muster_notifier_up']),
    ...(pushes.length === 0 ? [] : ['muster_push_up']),
    ...(repositories.some(({ spaceAlarm }) => spaceAlarm !== undefined) ? [`${repository}_space_known`] : []),
    ...(jobs.some(({ everyMs }) => everyMs !== undefined) ? [`${job}_expected_before_timestamp_seconds`] : []),
  ]
  return [
    ...always.map((one) => ({ name: one })),
    ...(repositories.length === 0 ? [] : neededOfReadings(repositories)),
    ...(first === undefined
      ? []
      : [
          { name: `${job}_last_outcome`, because: hasRun('outcome=~"ok|warning|failed"') },
          { name: `${job}_last_success_timestamp_seconds`, because: hasRun('outcome="ok"') },
          {
            name: `${job}_problem`,
            because: (select: Select) => `${select(`${job}_last_outcome`, 'outcome="failed"')} == 1`,
            change: endedAs({ ...jobLabels(first), operation: 'backup' }, 'failed'),
            told: {
              name: `${job}_problem`,
              labels: { ...jobLabels(first), operation: 'backup', code: 'restic.failed' },
              value: 1,
            },
          },
        ]),
  ]
}

/** What readings tell. */
const neededOfReadings = (repositories: RuleFacts['repositories']): readonly Needed[] => {
  const name = repositories[0]?.name ?? ''
  return [
    {
      name: `${repository}_last_successful_reading_timestamp_seconds`,
      because: (select) => `${select(`${repository}_up`)} == 1`,
    },
    {
      name: 'muster_set_newest_snapshot_timestamp_seconds',
      because: (select) => `${select(`${repository}_snapshots`)} > 0`,
    },
    ...(repositories.some(({ spaceAlarm }) => spaceAlarm !== undefined)
      ? ['free', 'total'].map((what) => ({
          name: `${repository}_space_${what}_bytes`,
          because: (select: Select) => `${select(`${repository}_space_known`)} == 1`,
        }))
      : []),
    {
      name: `${repository}_oldest_lock_timestamp_seconds`,
      because: (select) => `${select(`${repository}_locks`)} > 0`,
      change: [{ name: `${repository}_locks`, labels: { repository: name }, value: 1 }],
      told: {
        name: `${repository}_oldest_lock_timestamp_seconds`,
        labels: { repository: name },
        value: { fromNow: -60 },
      },
    },
  ]
}

const missing = ({ name, because }: Needed, select: Select): string => {
  const is =
    because === undefined ? `absent(${select(name)})` : `group(${because(select)}) unless on () group(${select(name)})`
  return `label_replace(${is}, "metric", ${quoted(name)}, "", "")`
}

export const musterAlerts: readonly Alert[] = [
  {
    ...common,
    name: 'MusterDown',
    severity: 'critical',
    forMs: 5 * minuteMs,
    by: ['instance'],
    summary: 'Muster at {{ $labels.instance }} does not answer',
    when: 'Prometheus cannot scrape Muster',
    todo: 'Start `muster serve` again; its log says why it ended. If it runs, look at address, login and network.',
    rules: (_, select) => [
      {
        expr: `${select('up')} == 0`,
        faults: [
          {
            what: 'a target that does not answer',
            change: [{ name: 'up', labels: {}, value: 0 }],
            fires: [{ instance: 'muster:9121' }],
          },
        ],
      },
    ],
  },
  {
    ...common,
    name: 'MusterMissing',
    severity: 'critical',
    forMs: 10 * minuteMs,
    by: [],
    summary: 'Prometheus has no Muster at all',
    when: 'no Muster is told of under this selector: it is down, or nobody scrapes it any more',
    todo: 'See whether `muster serve` runs and the scrape job is still in the configuration of Prometheus.',
    rules: (_, select) => [
      {
        expr: `absent(${select('muster_build_info')})`,
        faults: [{ what: 'nothing is told', gone: [{ name: 'muster_build_info', labels: {} }], fires: [{}] }],
      },
    ],
  },
  {
    ...common,
    name: 'MusterReloadFailed',
    severity: 'warning',
    forMs: 5 * minuteMs,
    by: ['instance'],
    summary: 'Muster at {{ $labels.instance }} runs with an old configuration',
    when: 'the configuration was changed and could not be loaded; the old one is in force',
    todo: '`muster config check` says everything that is wrong with it; then reload again.',
    rules: (_, select) => [
      {
        expr: `${select('muster_config_reload_successful')} == 0`,
        faults: [
          {
            what: 'a reload that failed',
            change: [{ name: 'muster_config_reload_successful', labels: {}, value: 0 }],
            fires: [{ instance: 'muster:9121' }],
          },
        ],
      },
    ],
  },
  {
    ...common,
    name: 'MusterLedgerDegraded',
    severity: 'critical',
    forMs: 0,
    by: ['instance'],
    summary: 'Muster at {{ $labels.instance }} lost its ledger',
    when: 'the ledger was damaged and set aside: the record of runs and of what was seen in repositories starts anew',
    todo: 'Look at the disk that holds the state; `muster doctor` says where the damaged file is. Bring it back from a backup.',
    rules: (_, select) => [
      {
        expr: `${select('muster_ledger_degraded')} == 1`,
        faults: [
          {
            what: 'a ledger that was set aside',
            change: [{ name: 'muster_ledger_degraded', labels: {}, value: 1 }],
            fires: [{ instance: 'muster:9121' }],
          },
        ],
      },
    ],
  },
  {
    ...common,
    name: 'MusterMetricMissing',
    severity: 'warning',
    forMs: 30 * minuteMs,
    by: ['metric'],
    summary: 'Nothing tells {{ $labels.metric }}, so an alert is blind',
    when: 'a metric that other alerts need is not told though it has to be',
    todo: 'Print the rules again with the `muster` that runs, load them, and see that Prometheus drops nothing of what it scrapes.',
    rules(facts, select) {
      const all = needed(facts)
      return [
        {
          expr: anyOf(all.map((one) => missing(one, select))),
          faults: all.flatMap(({ name, change = [], told }): Fault[] => [
            { what: `no ${name}`, change, gone: [{ name, labels: {} }], fires: [{ metric: name }] },
            ...(told === undefined ? [] : [{ what: `${name} is told`, change: [...change, told], fires: [] }]),
          ]),
        },
      ]
    },
  },
]
