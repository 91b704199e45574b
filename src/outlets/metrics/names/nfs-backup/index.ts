/**
 * Nine gauges without labels that a widely copied script for restic pushes with `prometheus.bash`. After a backup that failed it
 * pushed nothing, for one value was empty; here the time it took is told, and what is not known is left out.
 */
import { gauge } from '../../family.ts'
import { durationMs, lastOf } from '../last-backup.ts'
import type { NameSet } from '../name-set.ts'

export const nameSet: NameSet = {
  families(facts) {
    const last = lastOf(facts, 'backup')
    if (last === undefined) return undefined
    const { counters } = last
    const took = durationMs(last)
    const one = (name: string, help: string, value: number | undefined) =>
      gauge(`restic_backup_${name}`, help, [[{}, value]])
    return [
      one('time', 'How long the backup took', took === undefined ? undefined : Math.round(took / 1000)),
      one('processed_files', 'How many files where processed', counters?.processedFiles),
      one('processed_bytes', 'How many bytes where processed', counters?.processedBytes),
      one('files_new', 'How many new files were backed-up', counters?.filesNew),
      one('files_changed', 'How many files were changed', counters?.filesChanged),
      one('files_unchanged', 'How many files did not change', counters?.filesUnmodified),
      one('dirs_new', 'How many new dirs were backed-up', counters?.dirsNew),
      one('dirs_changed', 'How many dirs were changed', counters?.dirsChanged),
      one('dirs_unchanged', 'How many dirs did not change', counters?.dirsUnmodified),
    ]
  },
}
