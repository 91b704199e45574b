/** The dashboard to look at first: what does not pass muster, and how everything else stands. */
import { type Dashboard, pathOf } from './dashboard.ts'
import { goodWhenZero, neutral, type Steps } from './panels.ts'

const repositories = 'repository=~"$repository"'
const notFine = 'verdict!~"fresh|running"'
const untilDeadline: Steps = [
  [null, 'red'],
  [0, 'yellow'],
  [3600, 'green'],
]
const setLink = `${pathOf('set')}?var-repository=\${__data.fields.repository}&var-host=\${__data.fields.host}&var-user=\${__data.fields.user}`
const repositoryLink = `${pathOf('repository')}?var-repository=\${__data.fields.repository}`
const count = (what: string): string => `count(${what}) or vector(0)`

export const overview: Dashboard = {
  name: 'overview',
  title: 'Muster: overview',
  description: 'Do your backups pass muster?',
  from: 'now-30d',
  variables: [{ name: 'repository', of: 'muster_repository_info' }],
  rows: [
    {
      title: 'Does it pass muster?',
      panels: [
        stat('Backup sets that do not', count(`muster_set_verdict{${repositories},${notFine}} == 1`)),
        stat('Jobs that do not', count(`muster_job_verdict{${repositories},${notFine}} == 1`)),
        stat('Repositories that cannot be read', count(`muster_repository_up{${repositories}} == 0`)),
        stat('Findings of history', `sum(muster_repository_findings{${repositories}}) or vector(0)`),
        {
          kind: 'stat',
          title: 'Muster itself',
          description: 'How many tell their metrics. None is bad.',
          queries: [{ expr: 'count(muster_build_info) or vector(0)' }],
          steps: [
            [null, 'red'],
            [1, 'green'],
          ],
          width: 4,
          height: 4,
        },
        {
          kind: 'stat',
          title: 'Backup sets',
          queries: [{ expr: count(`muster_set_snapshots{${repositories}}`) }],
          steps: neutral,
          width: 4,
          height: 4,
        },
        {
          kind: 'table',
          title: 'What does not pass muster',
          description: 'Backup sets and jobs that are neither fresh nor running, the verdict of each. Empty is good.',
          queries: [
            { expr: `muster_set_verdict{${repositories},${notFine}} == 1`, instant: true },
            { expr: `muster_job_verdict{${repositories},${notFine}} == 1`, instant: true },
          ],
          columns: [
            { field: 'verdict', title: 'verdict' },
            { field: 'repository', title: 'repository', link: repositoryLink },
            { field: 'host', title: 'host', link: setLink },
            { field: 'user', title: 'user' },
            { field: 'job', title: 'job' },
          ],
          width: 24,
          height: 6,
        },
      ],
    },
    {
      title: 'Backup sets',
      panels: [
        {
          kind: 'table',
          title: 'Every backup set',
          queries: [
            { expr: `time() - muster_set_newest_snapshot_timestamp_seconds{${repositories}}`, instant: true },
            { expr: `muster_set_expected_before_timestamp_seconds{${repositories}} - time()`, instant: true },
            { expr: `muster_set_snapshots{${repositories}}`, instant: true },
            { expr: `muster_set_size_bytes{${repositories}}`, instant: true },
          ],
          columns: [
            { field: 'repository', title: 'repository', link: repositoryLink },
            { field: 'host', title: 'host', link: setLink },
            { field: 'user', title: 'user' },
            { field: 'Value #A', title: 'newest snapshot ago', unit: 'dtdurations' },
            { field: 'Value #B', title: 'next due in', unit: 'dtdurations', steps: untilDeadline },
            { field: 'Value #C', title: 'snapshots', unit: 'short' },
            { field: 'Value #D', title: 'size', unit: 'bytes' },
          ],
          width: 24,
          height: 10,
        },
        {
          kind: 'state-timeline',
          title: 'Passed muster, over time',
          description: 'Red: a backup set was neither fresh nor running.',
          queries: [
            {
              expr: `max by (repository, host, user, tags, paths) (muster_set_verdict{${repositories},verdict=~"fresh|running"})`,
              legend: '{{repository}} {{host}} {{user}} {{tags}} {{paths}}',
            },
          ],
          steps: [
            [null, 'red'],
            [1, 'green'],
          ],
          text: { 0: 'does not', 1: 'passes' },
          width: 24,
          height: 9,
        },
      ],
    },
    {
      title: 'Runs and repositories',
      panels: [
        {
          kind: 'timeseries',
          title: 'Runs a day that did not end well',
          queries: [
            {
              expr: `sum by (operation, outcome) (increase(muster_job_runs_total{${repositories},outcome!~"ok|skipped"}[1d]))`,
              legend: '{{operation}} {{outcome}}',
            },
          ],
          bars: true,
          unit: 'short',
          width: 12,
          height: 8,
        },
        {
          kind: 'timeseries',
          title: 'Size of repositories',
          queries: [{ expr: `muster_repository_size_bytes{${repositories}}`, legend: '{{repository}}' }],
          unit: 'bytes',
          width: 12,
          height: 8,
        },
      ],
    },
  ],
}

function stat(title: string, expr: string) {
  return { kind: 'stat', title, queries: [{ expr }], steps: goodWhenZero, width: 4, height: 4 } as const
}
