import { toResult } from '../called.ts'
import type { ForgetResult, ForgetSpec, OperationIo, RepositoryAccess } from '../tool.ts'
import { callRclone } from './command.ts'
import { datedFolders, idOf, outdated } from './dated.ts'
import { destinationOf, placeOf } from './destination.ts'
import { outcomeOf, problem } from './problems.ts'
import { foldersBeside, listTree } from './survey.ts'

/**
 * Removes dated folders that are older than `backupDir.keep` by their parsed date: never the tree, never a folder without a
 * date, never the newest dated one, and none at all while the tree is empty.
 */
export async function forget(access: RepositoryAccess, spec: ForgetSpec, io: OperationIo): Promise<ForgetResult> {
  const startedAt = performance.now()
  const ended = (result: Omit<ForgetResult, 'durationMs'>): ForgetResult => ({
    ...result,
    durationMs: performance.now() - startedAt,
  })
  const keepMs = keepOf(spec.own)
  if (keepMs === undefined) return ended({ outcome: 'ok', kept: 0, removed: [] })
  const { name } = destinationOf(access.url.reveal())
  const tree = await listTree(access, io)
  const folders = tree.ok ? await foldersBeside(access, io) : tree
  if (!tree.ok) return ended({ outcome: outcomeOf(tree.problem), problem: tree.problem })
  if (!folders.ok) return ended({ outcome: outcomeOf(folders.problem), problem: folders.problem })
  if (tree.value.files === 0)
    return ended({ outcome: 'skipped', problem: problem('rclone.no-tree', { repository: access.name }) })
  const due = outdated(folders.value, name, keepMs, new Date())
  const removed: string[] = []
  let failure: ForgetResult | undefined
  for (const dated of due) {
    const result = spec.dryRun ? undefined : toResult(await purge(access, io, dated.folder))
    if (result === undefined || result.outcome === 'ok') removed.push(idOf(dated))
    else failure = result
    if (io.signal.aborted) break
  }
  const kept = datedFolders(folders.value, name).length - removed.length + 1
  if (failure === undefined) return ended({ outcome: 'ok', kept, removed })
  if (failure.outcome !== 'failed') return ended({ ...failure, kept, removed })
  const said = failure.problem?.message
  const why = problem('rclone.not-all-removed', { repository: access.name }, said)
  return ended({ outcome: removed.length > 0 ? 'warning' : 'failed', problem: why, kept, removed })
}

const purge = (access: RepositoryAccess, io: OperationIo, folder: string) =>
  callRclone(access, io, { args: ['purge', '--', placeOf(folder)] })

/** Undefined for a job that keeps no dated folders: there is nothing to forget. */
export function keepOf(own: Readonly<Record<string, unknown>>): number | undefined {
  const { keep } = (own.backupDir ?? {}) as { readonly keep?: unknown }
  return typeof keep === 'number' ? keep : undefined
}
