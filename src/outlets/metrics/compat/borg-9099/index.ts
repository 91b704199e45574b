/**
 * The metrics of lefeverd/borg-exporter, at port 9099 there: without chunks, infos and the count of its own errors, and with the
 * one size of all archives that the ledger keeps. What it calls a collection is a reading here.
 */
import type { Compat } from '../compat.ts'
import { addedBytes, gaugesOf, ofNewest, tookSeconds } from '../each-repository.ts'
import { renderGauges } from '../go-text.ts'
import { secondsOf } from '../newest.ts'

export const compat: Compat = {
  system: 'borg-9099',
  scope: 'tool',
  tool: 'borg',
  render(all) {
    const gauge = gaugesOf('repository', all)
    return renderGauges([
      gauge(
        'borg_deduplicated_compressed_size_bytes',
        'Repository deduplicated compressed size',
        ({ repository }) => repository.size?.sizeBytes,
      ),
      gauge(
        'borg_last_backup_deduplicated_size_bytes',
        'Deduplicated size of the last backup in bytes',
        ofNewest(addedBytes),
      ),
      gauge('borg_last_backup_duration_seconds', 'Duration of the last backup in seconds', ofNewest(tookSeconds)),
      gauge(
        'borg_last_backup_files',
        'Number of files in the last backup',
        ofNewest(({ files }) => files),
      ),
      gauge(
        'borg_last_backup_original_size_bytes',
        'Original size of the last backup in bytes',
        ofNewest(({ sizeBytes }) => sizeBytes),
      ),
      gauge(
        'borg_last_backup_timestamp',
        'Timestamp of the last backup',
        ofNewest(({ takenAt }) => secondsOf(takenAt)),
      ),
      gauge(
        'borg_last_collect_duration_seconds',
        'Duration of the last metrics collection',
        ({ repository }) =>
          repository.lastReading &&
          (repository.lastReading.endedAt.getTime() - repository.lastReading.startedAt.getTime()) / 1000,
      ),
      gauge(
        'borg_last_collect_error',
        '1 if the last collection failed, 0 if successful',
        ({ repository }) => repository.lastReading && Number(repository.lastReading.problem !== undefined),
      ),
      gauge('borg_last_collect_timestamp', 'Timestamp of the last metrics collection', ({ repository }) =>
        secondsOf(repository.lastReading?.endedAt),
      ),
    ])
  },
}
