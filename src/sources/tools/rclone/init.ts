import { toResult } from '../called.ts'
import type { OperationIo, OperationResult, RepositoryAccess } from '../tool.ts'
import { callRclone } from './command.ts'
import { destinationOf, placeOf } from './destination.ts'
import { list } from './listing.ts'
import { outcomeOf, problem } from './problems.ts'

/** Makes the folder of the tree; one that holds something already is left as it is (`rclone.exists`). */
export async function init(access: RepositoryAccess, io: OperationIo): Promise<OperationResult> {
  const place = placeOf(destinationOf(access.url.reveal()).name)
  const there = await list(access, io, ['--no-modtime', '--no-mimetype', '--', place], () => {})
  if (there.ok)
    return { outcome: 'failed', problem: problem('rclone.exists', { repository: access.name }), durationMs: 0 }
  if (there.problem.code !== 'rclone.no-repository')
    return { outcome: outcomeOf(there.problem), problem: there.problem, durationMs: 0 }
  return toResult(await callRclone(access, io, { args: ['mkdir', '--', place] }))
}
