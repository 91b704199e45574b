import { toResult } from '../called.ts'
import type { OperationIo, OperationResult, RepositoryAccess } from '../tool.ts'
import { option } from './backup.ts'
import { callRestic } from './command.ts'

/**
 * Removes data that no snapshot needs.
 *
 * @param own Settings of the repository; those that `access` carries hold where `own` has none.
 */
export async function prune(
  access: RepositoryAccess,
  own: Readonly<Record<string, unknown>>,
  io: OperationIo,
): Promise<OperationResult> {
  const settings = { ...access.own, ...own }
  const args = [
    'prune',
    ...option('--max-unused', settings.pruneMaxUnused),
    ...option('--max-repack-size', settings.pruneMaxRepackSize),
    ...option('--pack-size', settings.packSize),
  ]
  return toResult(await callRestic(access, io, { args }))
}
