/** The dashboard of backup sets, and of the jobs that write them. */
import type { Dashboard } from './dashboard.ts'
import { neutral, type Steps } from './panels.ts'

const set = 'repository=~"$repository",host=~"$host",user=~"$user",tags=~"$tags",paths=~"$paths"'
const job = 'repository=~"$repository",job=~"$job"'
const left: Steps = [
  [null, 'red'],
  [0, 'yellow'],
  [3600, 'green'],
]
// Tags and paths are empty where they do not tell sets apart.
const name = '{{repository}} {{host}} {{user}} {{tags}} {{paths}}'

export const sets: Dashboard = {
  name: 'set',
  title: 'Muster: backup sets',
  description: 'Age, deadline, size and runs of backup sets and their jobs.',
  from: 'now-30d',
  variables: [
    { name: 'repository', of: 'muster_repository_info' },
    { name: 'host', of: 'muster_set_snapshots{repository=~"$repository"}' },
    { name: 'user', of: 'muster_set_snapshots{repository=~"$repository",host=~"$host"}' },
    { name: 'tags', of: 'muster_set_snapshots{repository=~"$repository",host=~"$host",user=~"$user"}' },
    { name: 'paths', of: 'muster_set_snapshots{repository=~"$repository",host=~"$host",user=~"$user",tags=~"$tags"}' },
    { name: 'job', of: 'muster_job_running{repository=~"$repository"}' },
  ],
  rows: [
    {
      title: 'Now',
      panels: [
        {
          kind: 'stat',
          title: 'Newest snapshot, ago',
          queries: [{ expr: `time() - muster_set_newest_snapshot_timestamp_seconds{${set}}`, legend: name }],
          unit: 'dtdurations',
          steps: neutral,
          width: 8,
          height: 5,
        },
        {
          kind: 'stat',
          title: 'Next due in',
          description: 'Below zero the set is late, by its own schedule.',
          queries: [{ expr: `muster_set_expected_before_timestamp_seconds{${set}} - time()`, legend: name }],
          unit: 'dtdurations',
          steps: left,
          width: 8,
          height: 5,
        },
        {
          kind: 'stat',
          title: 'Snapshots',
          queries: [{ expr: `muster_set_snapshots{${set}}`, legend: name }],
          unit: 'short',
          steps: neutral,
          width: 8,
          height: 5,
        },
      ],
    },
    {
      title: 'Thirty days',
      panels: [
        {
          kind: 'state-timeline',
          title: 'Verdicts',
          queries: [
            {
              expr: `max by (repository, host, user, tags, paths) (muster_set_verdict{${set},verdict=~"fresh|running"})`,
              legend: name,
            },
          ],
          steps: [
            [null, 'red'],
            [1, 'green'],
          ],
          text: { 0: 'does not pass', 1: 'passes' },
          width: 24,
          height: 6,
        },
        line(
          'Age of the newest snapshot',
          `time() - muster_set_newest_snapshot_timestamp_seconds{${set}}`,
          'dtdurations',
        ),
        line('Size of the newest snapshot', `muster_set_size_bytes{${set}}`, 'bytes'),
        line('Files in the newest snapshot', `muster_set_files{${set}}`, 'short'),
        line('Snapshots', `muster_set_snapshots{${set}}`, 'short'),
      ],
    },
    {
      title: 'Jobs',
      panels: [
        {
          kind: 'table',
          title: 'How the last runs ended',
          queries: [
            { expr: `muster_job_last_outcome{${job}} == 1`, instant: true },
            { expr: `time() - muster_job_last_run_timestamp_seconds{${job}}`, instant: true },
            { expr: `muster_job_last_duration_seconds{${job}}`, instant: true },
          ],
          columns: [
            { field: 'job', title: 'job' },
            { field: 'repository', title: 'repository' },
            { field: 'operation', title: 'operation' },
            { field: 'outcome', title: 'outcome' },
            { field: 'Value #B', title: 'ended ago', unit: 'dtdurations' },
            { field: 'Value #C', title: 'took', unit: 'dtdurations' },
          ],
          width: 12,
          height: 8,
        },
        line('How long runs take', `muster_job_last_duration_seconds{${job}}`, 's', '{{job}} {{operation}}'),
        line('Added to the repository', `muster_job_added_bytes{${job}}`, 'bytes', '{{job}}'),
        line('Files looked at', `muster_job_processed_files{${job}}`, 'short', '{{job}}'),
        {
          kind: 'timeseries',
          title: 'Runs a day, by outcome',
          queries: [
            {
              expr: `sum by (job, outcome) (increase(muster_job_runs_total{${job},operation="backup"}[1d]))`,
              legend: '{{job}} {{outcome}}',
            },
          ],
          bars: true,
          unit: 'short',
          width: 12,
          height: 8,
        },
        {
          kind: 'table',
          title: 'Why runs did not end well',
          description: 'Problem codes of the last runs; the reference has a page for each. Empty is good.',
          queries: [{ expr: `muster_job_problem{${job}}`, instant: true }],
          columns: [
            { field: 'job', title: 'job' },
            { field: 'operation', title: 'operation' },
            { field: 'code', title: 'problem' },
          ],
          width: 12,
          height: 8,
        },
      ],
    },
  ],
}

function line(title: string, expr: string, unit: string, legend = name) {
  return { kind: 'timeseries', title, queries: [{ expr, legend }], unit, width: 12, height: 8 } as const
}
