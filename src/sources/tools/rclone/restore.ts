import { toResult } from '../called.ts'
import type { OperationIo, OperationResult, RepositoryAccess, RestoreSpec } from '../tool.ts'
import { toProgress } from './backup-report.ts'
import { callRclone } from './command.ts'
import { folderOfId } from './dated.ts'
import { destinationOf, placeOf } from './destination.ts'
import { parseLogLine } from './log.ts'
import { problem } from './problems.ts'
import { treePrefix } from './survey.ts'

/** Copies back into `target`: the tree as it is now, or a dated folder; links become links again. */
export async function restore(access: RepositoryAccess, spec: RestoreSpec, io: OperationIo): Promise<OperationResult> {
  const place = placeOfId(access, spec.snapshotId)
  if (place === undefined)
    return {
      outcome: 'failed',
      problem: problem('rclone.no-snapshot', { repository: access.name, snapshot: spec.snapshotId.slice(0, 8) }),
      durationMs: 0,
    }
  let done = 0
  const called = await callRclone(access, io, {
    args: restoreArguments(spec, place),
    onErrorLine: (line) => {
      const stats = parseLogLine(line)?.stats
      if (stats === undefined) return
      done = Math.max(done, stats.bytes + stats.transfers + stats.checks + stats.listed)
      io.onProgress?.(toProgress(stats))
    },
    progress: () => done,
  })
  const result = toResult(called)
  if (result.problem?.code !== 'rclone.failed') return result
  return { ...result, problem: problem('rclone.restore-incomplete', { repository: access.name }, called.text) }
}

/** Where a snapshot is; undefined for an id that is none. */
export function placeOfId(access: RepositoryAccess, id: string): string | undefined {
  const { name } = destinationOf(access.url.reveal())
  // Of the states of the tree there is only the last.
  if (new RegExp(`^${treePrefix}[0-9a-f]+$`).test(id)) return placeOf(name)
  const folder = folderOfId(id, name)
  return folder === undefined ? undefined : placeOf(folder)
}

/** Paths are patterns to rclone, from the root of the tree; the signs it reads as such are escaped. */
export function restoreArguments(spec: RestoreSpec, place: string): readonly string[] {
  const include = spec.include.map((path) => `--include=/${path.replace(/^\/+/, '').replace(/[\\*?[\]{}]/g, '\\$&')}`)
  return ['copy', '--links', '--stats=1s', '--stats-log-level=NOTICE', ...include, '--', place, spec.target]
}
