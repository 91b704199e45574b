/** From the settings of a job or repository to what surrounds an operation of its tool. */
import type { Limits as LimitSettings } from '../config/schema/limits.ts'
import type { Job } from '../config/schema.ts'
import type { Limits, OperationIo } from '../sources/tools/tool.ts'
import type { Watcher } from './round.ts'

/** What the job's settings mean for every program that is started for it. */
export function ioOf(job: Job, wish: { readonly signal: AbortSignal; readonly watcher: Watcher }): OperationIo {
  return {
    signal: wish.signal,
    timeLimitMs: job.timeLimit,
    stallLimitMs: job.stallLimit,
    limits: limitsOf(job.limits),
    ...(wish.watcher.onProgress && { onProgress: wish.watcher.onProgress }),
    ...(wish.watcher.live === true && { live: true }),
  }
}

export function limitsOf({ uploadRate, downloadRate, cpus, nice, ionice }: LimitSettings): Limits {
  return {
    ...(cpus !== undefined && { cpus }),
    ...(nice !== undefined && { nice }),
    ...(ionice && { ionice: { class: ionice.class, ...(ionice.level !== undefined && { level: ionice.level }) } }),
    ...(uploadRate !== undefined && { uploadBytesPerSecond: uploadRate }),
    ...(downloadRate !== undefined && { downloadBytesPerSecond: downloadRate }),
  }
}
