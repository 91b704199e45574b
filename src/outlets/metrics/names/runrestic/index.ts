/**
 * Names of runrestic for what Muster knows too: runs, backup, forget, prune, check. It wrote no HELP, so ours are here: without
 * them node_exporter keeps the values of one file alone. Source: sinnwerkstatt/runrestic, runrestic/metrics/prometheus.py.
 */
import type { Run } from '../../../../model/run.ts'
import { type Family, gauge, seconds } from '../../family.ts'
import { durationMs, exitCodeOf, forgetAfter, lastOf } from '../last-backup.ts'
import type { JobFacts, NameSet } from '../name-set.ts'

export const nameSet: NameSet = {
  families(facts) {
    const backup = lastOf(facts, 'backup')
    if (backup === undefined) return undefined
    const config = facts.job.name
    const labels = { config, ...(facts.job.repository !== undefined && { repository: facts.job.repository }) }
    const one = (name: string, help: string, value: number | undefined): Family =>
      gauge(`restic_${name}`, help, [[labels, value]])
    const ended = (run: Run | undefined, operation: string): Family[] => [
      one(`${operation}_duration_seconds`, `How long the last ${operation} took.`, run && seconds(durationMs(run))),
      one(`${operation}_rc`, `Exit code of the last ${operation}.`, run && exitCodeOf(run)),
    ]
    const { counters } = backup
    const forget = forgetAfter(facts, backup)
    const took = [backup, ...(forget ? [forget] : [])].map(durationMs)
    const total = took.some((ms) => ms === undefined) ? undefined : took.reduce<number>((sum, ms) => sum + (ms ?? 0), 0)
    return [
      gauge('restic_last_run', 'When the last run ended.', [[{ config }, seconds((forget ?? backup).endedAt)]]),
      gauge('restic_total_duration_seconds', 'How long the last run took.', [[{ config }, seconds(total)]]),
      gauge('restic_total_errors', 'Operations of the last run that did not go well.', [
        [{ config }, [backup, forget].filter((run) => run !== undefined && exitCodeOf(run) !== 0).length],
      ]),
      one('backup_files_new', 'Files that were new in the last backup.', counters?.filesNew),
      one('backup_files_changed', 'Files that had changed in the last backup.', counters?.filesChanged),
      one('backup_files_unmodified', 'Files that had not changed in the last backup.', counters?.filesUnmodified),
      one('backup_dirs_new', 'Folders that were new in the last backup.', counters?.dirsNew),
      one('backup_dirs_changed', 'Folders that had changed in the last backup.', counters?.dirsChanged),
      one('backup_dirs_unmodified', 'Folders that had not changed in the last backup.', counters?.dirsUnmodified),
      one('backup_processed_files', 'Files the last backup looked at.', counters?.processedFiles),
      one('backup_processed_size_bytes', 'Bytes the last backup looked at.', counters?.processedBytes),
      one(
        'backup_processed_duration_seconds',
        'How long the last backup looked at files.',
        seconds(durationMs(backup)),
      ),
      one('backup_added_to_repo', 'Bytes the last backup added to the repository.', counters?.addedBytes),
      ...ended(backup, 'backup'),
      one('forget_removed_snapshots', 'Snapshots the last forget removed.', forget?.counters?.snapshotsRemoved),
      ...ended(forget, 'forget'),
      ...ended(ofRepository(facts, 'prune'), 'prune'),
      ...ended(ofRepository(facts, 'check'), 'check'),
    ]
  },
}

const ofRepository = ({ repository }: JobFacts, operation: 'prune' | 'check'): Run | undefined =>
  repository?.operations.find((one) => one.operation === operation)?.last
