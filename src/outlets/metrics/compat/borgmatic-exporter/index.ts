/**
 * The metrics of maxim-mityutko/borgmatic-exporter, as far as the ledger knows them: without chunks, and without the sizes that
 * are not compressed or not deduplicated.
 */
import type { Snapshot } from '../../../../model/snapshot.ts'
import type { Compat, RepositoryFacts } from '../compat.ts'
import { countOf, gaugesOf } from '../each-repository.ts'
import { renderGauges } from '../go-text.ts'
import { newestOf, secondsOf } from '../newest.ts'

export const compat: Compat = { system: 'borgmatic-exporter', scope: 'tool', tool: 'borg', render }

function render(all: readonly RepositoryFacts[]): string {
  const gauge = gaugesOf('repository', all)
  const last = (name: string, help: string, value: (newest: Snapshot, facts: RepositoryFacts) => number | undefined) =>
    gauge(`borg_last_backup_${name}`, help, (facts) => {
      const newest = newestOf(facts.snapshots)
      return newest && value(newest, facts)
    })
  return renderGauges([
    gauge('borg_total_backups', 'Total number of Borg backups', countOf),
    gauge(
      'borg_total_deduplicated_compressed_size',
      'Total size of the deduplicated and compressed Borg repository',
      ({ repository }) => repository.size?.sizeBytes,
    ),
    last('timestamp', 'Timestamp of the last Borg backup', ({ finishedAt }) => secondsOf(finishedAt)),
    last('duration', 'Duration of the last Borg backup', tookSeconds),
    last('files', 'Amount of files contained in the last Borg backup', ({ files }) => files),
    last(
      'deduplicated_compressed_size',
      'Size of the deduplicated and compressed last Borg backup',
      ({ id }, { made }) => made.get(id)?.counters.addedBytes,
    ),
    last('size', 'Size of the last Borg backup', ({ sizeBytes }) => sizeBytes),
  ])
}

const tookSeconds = ({ takenAt, finishedAt }: Snapshot): number | undefined =>
  finishedAt && (finishedAt.getTime() - takenAt.getTime()) / 1000
