import { toResult } from '../called.ts'
import type { OperationIo, OperationResult, RepositoryAccess } from '../tool.ts'
import { callRestic } from './command.ts'

/** Makes a new repository; one that is there already is left as it is (`restic.exists`). */
export async function init(access: RepositoryAccess, io: OperationIo): Promise<OperationResult> {
  return toResult(await callRestic(access, io, { args: ['init', '--json'] }))
}
