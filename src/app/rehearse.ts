/** A rehearsal (`--dry-run`): the work of a run without its record, for what was only tried must never look like a backup. */
import type { RunEnd } from '../ledger/ledger.ts'
import type { Run } from '../model/run.ts'
import type { App } from './context.ts'
import type { Recorder, RunOf } from './record.ts'

/** @returns The run as it would read; the ledger knows nothing of it. */
export async function rehearsed(
  app: App,
  start: Omit<RunOf, 'task'>,
  work: (recorder: Recorder) => Promise<Omit<RunEnd, 'endedAt'>>,
): Promise<Run> {
  const { exclusive: _, ...known } = start
  const startedAt = app.now()
  const end = await work({ id: start.id, onSpawn: async () => {} })
  return { ...known, startedAt, ...end, endedAt: app.now() }
}
