/** Whether a backup may go on with the source as it is: asked before anything is written, by tools that may delete. */
import type { Job } from '../config/schema.ts'
import type { BackupCounters } from '../model/run.ts'
import type { BackupSpec } from '../sources/tools/tool.ts'
import { emptyBefore, holding, type Shrink, shrinkOf, shrunkBefore, sinceAccepted } from '../verdict/shrink.ts'
import type { App } from './context.ts'

/** Where a run would delete and the job says nothing of its own: half of the source at once is more than anybody means. */
const shrinkOfDeleting = 0.5

export class SourceApproval {
  /** What shrank, and was accepted by a person; known once the tool has asked. */
  accepted: Shrink | undefined
  readonly approve: NonNullable<BackupSpec['approve']>

  constructor(app: App, name: string, job: Job, acceptShrink: boolean) {
    this.approve = async ({ files, bytes }, { mayDelete, mayBeEmpty }) => {
      if (files === 0) return mayBeEmpty ? undefined : emptyBefore
      const maxShrink = job.guard.maxShrink ?? (mayDelete ? shrinkOfDeleting : undefined)
      if (maxShrink === undefined) return undefined
      const counters = { processedFiles: files, processedBytes: bytes }
      const shrink = shrinkOf(counters, await usualCounters(app, name), maxShrink)
      if (acceptShrink) this.accepted = shrink
      return acceptShrink || shrink === undefined ? undefined : shrunkBefore(shrink)
    }
  }
}

/** Of runs that nothing speaks against, since somebody last accepted a smaller source; newest first. */
export async function usualCounters(app: App, name: string): Promise<readonly BackupCounters[]> {
  const earlier = await app.ledger.runs({
    job: name,
    operation: 'backup',
    outcomes: ['ok', 'warning'],
    withoutProblems: holding,
    most: 14,
  })
  return sinceAccepted(earlier).map((run) => run.counters ?? {})
}
