/** Work on the repository that a job wants right after its backup, beside what has a schedule. */
import type { Job } from '../config/schema.ts'
import type { Run } from '../model/run.ts'
import type { BackupWish } from './backup.ts'
import type { App } from './context.ts'
import { check, prune } from './maintenance.ts'

/**
 * @param forget The run of retention; undefined where there was none.
 * @returns What was done. Nothing follows a step that went wrong.
 */
export async function upkeepAfter(
  app: App,
  job: Job,
  backup: Run,
  forget: Run | undefined,
  { trigger, signal, watcher }: Pick<BackupWish, 'trigger' | 'signal' | 'watcher'>,
): Promise<readonly Run[]> {
  const isGood = (backup.outcome === 'ok' || backup.outcome === 'warning') && (forget?.outcome ?? 'ok') === 'ok'
  const runs: Run[] = []
  if (!isGood) return runs
  const wish = { trigger, signal, watcher, roundId: backup.roundId }
  // Without a snapshot less, no data became superfluous; `restic forget --prune` does the same.
  const wanted = job.upkeep.filter((work) => work === 'check' || (forget?.counters?.snapshotsRemoved ?? 0) > 0)
  for (const work of (['prune', 'check'] as const).filter((one) => wanted.includes(one))) {
    if (signal.aborted || runs.some(({ outcome }) => outcome !== 'ok')) break
    runs.push(await (work === 'prune' ? prune : check)(app, job.repository, wish))
  }
  return runs
}
