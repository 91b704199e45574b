import { resolve } from 'node:path'
import type { Job } from '../config/schema.ts'
import type { BackupSpec } from '../sources/tools/tool.ts'
import { ownOf } from './access.ts'

/** What a job asks of its tool. */
export function specOf(job: Job, dryRun: boolean): BackupSpec {
  return {
    sources: job.sources.map((source) => resolve(source)),
    exclude: job.exclude,
    excludeFile: job.excludeFile,
    excludeIfPresent: job.excludeIfPresent,
    excludeCaches: job.excludeCaches,
    oneFileSystem: job.oneFileSystem,
    tags: job.tags,
    ...(job.host !== undefined && { host: job.host }),
    dryRun,
    own: ownOf(job),
  }
}
