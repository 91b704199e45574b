/** The metrics of ngosang/restic-exporter 2.1.2 for one repository. Its -1 and 2 mean what they mean there: not known, no check. */
import { createHash } from 'node:crypto'
import type { BackupCounters } from '../../../../model/run.ts'
import type { Snapshot } from '../../../../model/snapshot.ts'
import type { RepositoryStanding } from '../../../../model/standing.ts'
import type { Compat, RepositoryFacts } from '../compat.ts'
import { type GoGauge, renderGauges } from '../go-text.ts'

const unknown = -1
const noCheck = 2

export const compat: Compat = { system: 'restic-exporter', scope: 'repository', render }

function render(facts: RepositoryFacts): string {
  return renderGauges([...ofRepository(facts), ...ofSets(facts)])
}

function ofRepository({ repository, snapshots }: RepositoryFacts): GoGauge[] {
  const { lastReading, lastGoodReading, locks, size } = repository
  const tookMs = lastReading && lastReading.endedAt.getTime() - lastReading.startedAt.getTime()
  const gauge = (name: string, help: string, value: number | undefined): GoGauge => ({
    name,
    help,
    samples: value === undefined ? [] : [{ labels: {}, value }],
  })
  return [
    gauge('restic_check_success', 'Result of restic check operation in the repository', checkOf(repository)),
    gauge('restic_locks_total', 'Total number of locks in the repository', locks?.locks.length ?? 0),
    gauge('restic_scrape_duration_seconds', 'Amount of time each scrape takes', tookMs && tookMs / 1000),
    gauge('restic_size_total', 'Total size of the repository in bytes', size?.sizeBytes ?? unknown),
    gauge('restic_uncompressed_size_total', 'Total uncompressed size of the repository in bytes', unknown),
    gauge('restic_compression_ratio', 'Compression ratio of the repository', unknown),
    gauge('restic_blob_count_total', 'Total number of blobs in the repository', unknown),
    gauge('restic_snapshots_total', 'Total number of snapshots in the repository', lastGoodReading && snapshots.length),
  ]
}

function checkOf({ operations }: RepositoryStanding): number {
  const outcome = operations.find(({ operation }) => operation === 'check')?.last?.outcome
  if (outcome === undefined || outcome === 'skipped' || outcome === 'cancelled' || outcome === 'interrupted')
    return noCheck
  return outcome === 'ok' || outcome === 'warning' ? 1 : 0
}

interface ExporterSet {
  readonly labels: Readonly<Record<string, string>>
  readonly newest: Snapshot
  readonly count: number
  readonly counters: BackupCounters
  readonly durationMs: number | undefined
}

function ofSets(facts: RepositoryFacts): GoGauge[] {
  const sets = setsOf(facts)
  const gauge = (name: string, help: string, value: (set: ExporterSet) => number | undefined): GoGauge => ({
    name: `restic_backup_${name}`,
    help,
    samples: sets.map((set) => ({ labels: set.labels, value: value(set) ?? unknown })),
  })
  return [
    gauge('timestamp', 'Timestamp of the last backup', ({ newest }) => Math.floor(newest.takenAt.getTime() / 1000)),
    gauge('snapshots_total', 'Total number of snapshots', ({ count }) => count),
    gauge('files_total', 'Number of files in the backup', ({ newest }) => newest.files),
    gauge('size_total', 'Total size of backup in bytes', ({ newest }) => newest.sizeBytes),
    gauge('files_new', 'Number of new files in the backup', ({ counters }) => counters.filesNew),
    gauge('files_changed', 'Number of changed files in the backup', ({ counters }) => counters.filesChanged),
    gauge('files_unmodified', 'Number of unmodified files in the backup', ({ counters }) => counters.filesUnmodified),
    gauge('dirs_new', 'Number of new directories in the backup', ({ counters }) => counters.dirsNew),
    gauge('dirs_changed', 'Number of changed directories in the backup', ({ counters }) => counters.dirsChanged),
    gauge(
      'dirs_unmodified',
      'Number of unmodified directories in the backup',
      ({ counters }) => counters.dirsUnmodified,
    ),
    gauge('data_added_bytes', 'Number of bytes added in the backup', ({ counters }) => counters.addedBytes),
    gauge('duration_seconds', 'Amount of time Restic took to make the backup', ({ durationMs }) =>
      durationMs === undefined ? undefined : durationMs / 1000,
    ),
  ]
}

/** One for each hash of host, user and paths: its newest snapshot tells. */
function setsOf({ snapshots, made }: RepositoryFacts): ExporterSet[] {
  const byHash = Map.groupBy(snapshots, hashOf)
  return [...byHash].map(([hash, all]) => {
    const newest = all.reduce((best, one) => (one.takenAt > best.takenAt ? one : best))
    const run = made.get(newest.id)
    return {
      labels: {
        client_hostname: newest.host,
        client_username: newest.user,
        client_version: newest.program ?? '',
        snapshot_hash: hash,
        snapshot_tag: newest.tags[0] ?? '',
        snapshot_tags: newest.tags.join(','),
        // As there, unless INCLUDE_PATHS is set.
        snapshot_paths: '',
      },
      newest,
      count: all.length,
      counters: newest.counters ?? run?.counters ?? {},
      durationMs: tookMs(newest) ?? run?.durationMs,
    }
  })
}

const tookMs = ({ takenAt, finishedAt }: Snapshot): number | undefined =>
  finishedAt && finishedAt.getTime() - takenAt.getTime()

const hashOf = ({ host, user, paths }: Snapshot): string =>
  createHash('sha256')
    .update(host + user + paths.join(','))
    .digest('hex')
