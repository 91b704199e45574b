/** Names of resticprofile; the profile is the job. Source: creativeprojects/resticprofile, monitor/prom. */
import { type Family, gauge, seconds } from '../../family.ts'
import { durationMs, lastOf } from '../last-backup.ts'
import type { NameSet } from '../name-set.ts'

export const nameSet: NameSet = {
  families(facts) {
    const last = lastOf(facts, 'backup')
    if (last === undefined) return undefined
    const { counters, outcome, toolVersion } = last
    const labels = { profile: facts.job.name }
    const one = (name: string, help: string, value: number | undefined): Family =>
      gauge(`resticprofile_backup_${name}`, help, [[labels, value]])
    return [
      gauge('resticprofile_build_info', 'resticprofile build information.', [
        [{ ...labels, goversion: '', version: `Muster ${facts.version}` }, 1],
      ]),
      gauge(
        'restic_build_info',
        'restic build information.',
        toolVersion === undefined ? [] : [[{ ...labels, version: toolVersion }, 1]],
      ),
      one('duration_seconds', 'The backup duration (in seconds).', seconds(durationMs(last))),
      one('files_new', 'Number of new files added to the backup.', counters?.filesNew),
      one('files_changed', 'Number of files with changes.', counters?.filesChanged),
      one('files_unmodified', 'Number of files unmodified since last backup.', counters?.filesUnmodified),
      one('dir_new', 'Number of new directories added to the backup.', counters?.dirsNew),
      one('dir_changed', 'Number of directories with changes.', counters?.dirsChanged),
      one('dir_unmodified', 'Number of directories unmodified since last backup.', counters?.dirsUnmodified),
      one('files_processed', 'Total number of files scanned by the backup for changes.', counters?.processedFiles),
      one('added_bytes', 'Total number of bytes added to the repository.', counters?.addedBytes),
      one('processed_bytes', 'Total number of bytes scanned for changes.', counters?.processedBytes),
      one(
        'status',
        'Backup status: 0=fail, 1=warning, 2=success.',
        outcome === 'ok' ? 2 : outcome === 'warning' ? 1 : 0,
      ),
      one('time_seconds', 'Last backup run (unixtime).', seconds(last.endedAt)),
    ]
  },
}
