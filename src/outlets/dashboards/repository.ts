/** The dashboard of repositories: whether they can be read, what reading costs, how they grow, locks, findings, upkeep. */
import type { Dashboard } from './dashboard.ts'
import { goodWhenZero, neutral } from './panels.ts'

const own = 'repository=~"$repository"'
const name = '{{repository}}'

export const repository: Dashboard = {
  name: 'repository',
  title: 'Muster: repositories',
  description: 'Readings and their cost, size, locks, findings, checks and prunes.',
  from: 'now-7d',
  variables: [{ name: 'repository', of: 'muster_repository_info' }],
  rows: [
    {
      title: 'Now',
      panels: [
        {
          kind: 'stat',
          title: 'Can be read',
          queries: [{ expr: `muster_repository_up{${own}}`, legend: name }],
          steps: [
            [null, 'red'],
            [1, 'green'],
          ],
          text: { 0: 'no', 1: 'yes' },
          width: 6,
          height: 5,
        },
        {
          kind: 'stat',
          title: 'Last good reading, ago',
          queries: [
            { expr: `time() - muster_repository_last_successful_reading_timestamp_seconds{${own}}`, legend: name },
          ],
          unit: 'dtdurations',
          steps: neutral,
          width: 6,
          height: 5,
        },
        {
          kind: 'stat',
          title: 'Findings of history',
          queries: [{ expr: `muster_repository_findings{${own}}`, legend: name }],
          steps: goodWhenZero,
          width: 6,
          height: 5,
        },
        {
          kind: 'stat',
          title: 'Locks',
          queries: [{ expr: `muster_repository_locks{${own}}`, legend: name }],
          steps: neutral,
          width: 6,
          height: 5,
        },
        {
          kind: 'table',
          title: 'Why readings fail',
          description: 'Problem codes; the reference has a page for each. Empty is good.',
          queries: [{ expr: `muster_repository_problem{${own}}`, instant: true }],
          columns: [
            { field: 'repository', title: 'repository' },
            { field: 'code', title: 'problem' },
          ],
          width: 8,
          height: 6,
        },
        {
          kind: 'table',
          title: 'Findings, oldest of each kind',
          description: 'Settle them with muster ack. Empty is good.',
          queries: [{ expr: `time() - muster_repository_finding_timestamp_seconds{${own}}`, instant: true }],
          columns: [
            { field: 'repository', title: 'repository' },
            { field: 'kind', title: 'kind' },
            { field: 'Value', title: 'found ago', unit: 'dtdurations' },
          ],
          width: 8,
          height: 6,
        },
        {
          kind: 'table',
          title: 'Checks and prunes',
          queries: [
            {
              expr: `time() - muster_job_last_success_timestamp_seconds{${own},operation=~"check|prune"}`,
              instant: true,
            },
            { expr: `muster_job_next_run_timestamp_seconds{${own},operation=~"check|prune"} - time()`, instant: true },
          ],
          columns: [
            { field: 'repository', title: 'repository' },
            { field: 'operation', title: 'operation' },
            { field: 'Value #A', title: 'last good one ago', unit: 'dtdurations' },
            { field: 'Value #B', title: 'next in', unit: 'dtdurations' },
          ],
          width: 8,
          height: 6,
        },
      ],
    },
    {
      title: 'Growth',
      panels: [
        line('Size', `muster_repository_size_bytes{${own}}`, 'bytes'),
        line('Snapshots', `muster_repository_snapshots{${own}}`, 'short'),
        line('Free in the store', `muster_repository_space_free_bytes{${own}}`, 'bytes'),
        line(
          'Used share of the store',
          `1 - muster_repository_space_free_bytes{${own}} / muster_repository_space_total_bytes{${own}}`,
          'percentunit',
        ),
        line(
          'Until the store is full',
          `muster_repository_space_full_timestamp_seconds{${own}} - time()`,
          'dtdurations',
        ),
        line(
          'Growth a week',
          `muster_repository_size_bytes{${own}} - (muster_repository_size_bytes{${own}} offset 7d)`,
          'bytes',
        ),
        line(
          'Age of the oldest lock',
          `muster_repository_last_successful_reading_timestamp_seconds{${own}} - muster_repository_oldest_lock_timestamp_seconds{${own}}`,
          'dtdurations',
        ),
      ],
    },
    {
      title: 'What reading costs',
      panels: [
        line('Requests of a reading', `muster_repository_reading_requests{${own}}`, 'short', 6),
        line('Bytes of a reading', `muster_repository_reading_bytes{${own}}`, 'bytes', 6),
        line('Time of a reading', `muster_repository_reading_duration_seconds{${own}}`, 's', 6),
        line('Processor time of a reading', `muster_repository_reading_cpu_seconds{${own}}`, 's', 6),
      ],
    },
    {
      title: 'Muster itself',
      panels: [
        line('Series of backup sets left out', `muster_repository_series_dropped_total{${own}}`, 'short', 8),
        {
          kind: 'timeseries',
          title: 'Requests answered',
          queries: [
            { expr: 'sum by (route, code) (rate(muster_http_requests_total[5m]))', legend: '{{route}} {{code}}' },
          ],
          unit: 'reqps',
          width: 8,
          height: 8,
        },
        {
          kind: 'timeseries',
          title: 'Memory',
          queries: [
            { expr: 'process_resident_memory_bytes and on (instance) muster_build_info', legend: '{{instance}}' },
          ],
          unit: 'bytes',
          width: 8,
          height: 8,
        },
      ],
    },
  ],
}

function line(title: string, expr: string, unit: string, width = 12) {
  return { kind: 'timeseries', title, queries: [{ expr, legend: name }], unit, width, height: 8 } as const
}
