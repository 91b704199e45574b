/**
 * The metrics of maxim-mityutko/borgmatic-exporter, as far as the ledger knows them: without chunks, and without the sizes that
 * are not compressed or not deduplicated.
 */
import type { Compat } from '../compat.ts'
import { addedBytes, countOf, gaugesOf, ofNewest, tookSeconds } from '../each-repository.ts'
import { renderGauges } from '../go-text.ts'
import { secondsOf } from '../newest.ts'

export const compat: Compat = {
  system: 'borgmatic-exporter',
  scope: 'tool',
  tool: 'borg',
  render(all) {
    const gauge = gaugesOf('repository', all)
    return renderGauges([
      gauge('borg_total_backups', 'Total number of Borg backups', countOf),
      gauge(
        'borg_total_deduplicated_compressed_size',
        'Total size of the deduplicated and compressed Borg repository',
        ({ repository }) => repository.size?.sizeBytes,
      ),
      gauge(
        'borg_last_backup_timestamp',
        'Timestamp of the last Borg backup',
        ofNewest(({ finishedAt }) => secondsOf(finishedAt)),
      ),
      gauge('borg_last_backup_duration', 'Duration of the last Borg backup', ofNewest(tookSeconds)),
      gauge(
        'borg_last_backup_files',
        'Amount of files contained in the last Borg backup',
        ofNewest(({ files }) => files),
      ),
      gauge(
        'borg_last_backup_deduplicated_compressed_size',
        'Size of the deduplicated and compressed last Borg backup',
        ofNewest(addedBytes),
      ),
      gauge(
        'borg_last_backup_size',
        'Size of the last Borg backup',
        ofNewest(({ sizeBytes }) => sizeBytes),
      ),
    ])
  },
}
