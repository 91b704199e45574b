import { toResult } from '../called.ts'
import type { OperationIo, OperationResult, RepositoryAccess, RestoreSpec } from '../tool.ts'
import { toProgress } from './backup-report.ts'
import { callRestic } from './command.ts'
import { parseLine, parseStatus } from './messages.ts'
import { problem } from './problems.ts'

/** Restores into `target`. Takes a lock, so that no prune removes data meanwhile. */
export async function restore(access: RepositoryAccess, spec: RestoreSpec, io: OperationIo): Promise<OperationResult> {
  let done = 0
  const called = await callRestic(access, io, {
    args: restoreArguments(spec),
    reports: true,
    onLine: (line) => {
      const status = parseStatus(parseLine(line))
      if (status === undefined) return
      done = Math.max(done, (status.bytes_restored ?? 0) + (status.files_restored ?? 0))
      io.onProgress?.(toProgress(status))
    },
    progress: () => done,
  })
  const result = toResult(called)
  // What failed was a file of the target, say, for want of rights: that tells nothing of the repository, unless it is damaged.
  const incomplete = /There were \d+ errors/.test(called.text) && result.problem?.code !== 'restic.damaged'
  if (!incomplete) return result
  return { ...result, problem: problem('restic.restore-incomplete', { repository: access.name }, called.text) }
}

/** Paths are patterns to restic; the signs it reads as such are escaped. */
export function restoreArguments(spec: RestoreSpec): readonly string[] {
  const include = spec.include.map((path) => `--include=${path.replace(/[\\*?[]/g, '\\$&')}`)
  return ['restore', '--json', `--target=${spec.target}`, ...include, '--', spec.snapshotId]
}
