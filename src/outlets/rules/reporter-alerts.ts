/** The four alerts of restic-reporter's README under their own names, in a form that works, and what tells that they are blind. */
import { type Alert, anyOf, dayMs, minuteMs } from './alert.ts'
import { quoted } from './selector.ts'

const common = { set: 'restic-reporter', group: 'restic-reporter', severity: 'critical' } as const
const collected = 'backup_job_last_success_unixtime'
const readErrors = 'backup_read_error_count'
const always = ['backup_job_error_count', collected]

export const reporterAlerts: readonly Alert[] = [
  {
    ...common,
    name: 'Backup job failures',
    forMs: 5 * minuteMs,
    by: ['instance'],
    summary: '{{ $value }} repositories could not be read',
    when: '`backup_job_error_count` is not 0: that many repositories could not be read',
    todo: 'See which with `backup_read_error_count`; `muster status` says why.',
    rules: (_, select) => [
      {
        expr: `${select('backup_job_error_count')} > 0`,
        faults: [
          {
            what: 'a repository that cannot be read',
            change: [{ name: 'backup_job_error_count', labels: {}, value: 1 }],
            fires: [{ instance: 'muster:9121' }],
          },
        ],
      },
    ],
  },
  {
    ...common,
    name: 'Backup read failures',
    forMs: 5 * minuteMs,
    by: ['url'],
    summary: '{{ $labels.url }} could not be read',
    when: '`backup_read_error_count` of a repository is not 0',
    todo: '`muster status` says why; `muster doctor` tries credentials, host keys and network.',
    rules: ({ repositories }, select) =>
      repositories.slice(0, 1).map(({ shownUrl: url }) => ({
        expr: `${select(readErrors)} > 0`,
        faults: [
          {
            what: 'a repository that cannot be read',
            change: [{ name: readErrors, labels: { url }, value: 1 }],
            fires: [{ url }],
          },
        ],
      })),
  },
  {
    ...common,
    name: 'Backup metrics age too old',
    forMs: 0,
    by: ['instance'],
    summary: 'Repositories were not read for two days',
    when: 'the last collection ended two days ago, rounded as restic-reporter had it. Its own rule asked for a metric that nobody exported',
    todo: 'See whether Muster hangs or waits: `muster status`.',
    rules: (_, select) => [
      {
        expr: `round((time() - ${select(collected)}) / 86400) >= 2`,
        faults: [
          {
            what: 'a collection of long ago',
            change: [{ name: collected, labels: {}, value: { fromNow: -(1.6 * dayMs) / 1000 } }],
            fires: [{ instance: 'muster:9121' }],
          },
        ],
      },
    ],
  },
  {
    ...common,
    name: 'Backup set age too old',
    forMs: 0,
    by: ['host', 'url', 'user'],
    summary: 'The newest backup of {{ $labels.host }} is {{ $value }} days old',
    when: 'the newest snapshot of a backup set is more than three days old',
    todo: 'See whether the machine that writes it is on and its job runs.',
    rules: ({ repositories }, select) =>
      repositories.slice(0, 1).map(({ shownUrl: url }) => ({
        expr: `${select('backup_days_age')} > 3`,
        faults: [
          {
            what: 'a set that is four days old',
            change: [{ name: 'backup_days_age', labels: { host: 'host', url, user: 'user' }, value: 4 }],
            fires: [{ host: 'host', url, user: 'user' }],
          },
        ],
      })),
  },
  {
    ...common,
    name: 'Backup metrics missing',
    forMs: 30 * minuteMs,
    by: ['metric'],
    summary: 'Nothing tells {{ $labels.metric }}, so an alert is blind',
    when: 'a metric that the other alerts need is not told though it has to be',
    todo: 'See whether `muster serve` runs and Prometheus scrapes it.',
    rules(_, select) {
      const read = `group(${select(readErrors)} == 0) unless on () group(${select('backup_days_age')})`
      const parts = [...always.map((name) => [name, `absent(${select(name)})`]), ['backup_days_age', read]] as const
      return [
        {
          expr: anyOf(parts.map(([name = '', is]) => `label_replace(${is}, "metric", ${quoted(name)}, "", "")`)),
          faults: parts.map(([name = '']) => ({
            what: `no ${name}`,
            gone: [{ name, labels: {} }],
            fires: [{ metric: name }],
          })),
        },
      ]
    },
  },
  {
    ...common,
    name: 'Backup repository missing',
    forMs: 30 * minuteMs,
    by: ['url'],
    summary: 'Nothing is told of {{ $labels.url }}',
    when: 'a repository of the configuration is not among the metrics',
    todo: 'See whether `muster serve` runs with this configuration; after a change of it print and load the rules again.',
    rules({ repositories }, select) {
      const urls = [...new Set(repositories.map(({ shownUrl }) => shownUrl))]
      return [
        {
          expr: anyOf(urls.map((url) => `absent(${select(readErrors, `url=${quoted(url)}`)})`)),
          faults: [
            {
              what: 'series that are gone',
              gone: urls.map((url) => ({ name: readErrors, labels: { url } })),
              fires: urls.map((url) => ({ url })),
            },
          ],
        },
      ]
    },
  },
]
