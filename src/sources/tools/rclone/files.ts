import { fail, ok, type Result } from '../../../model/problem.ts'
import type { OperationIo, RepositoryAccess } from '../tool.ts'
import { isPartial, list } from './listing.ts'
import { problem } from './problems.ts'
import { placeOfId } from './restore.ts'

/** Files of the tree or of a dated folder, relative to it, links not among them; the listing is ended once there are `most`. */
export async function files(
  access: RepositoryAccess,
  snapshotId: string,
  most: number,
  io: OperationIo,
): Promise<Result<readonly { path: string; sizeBytes: number }[]>> {
  const place = placeOfId(access, snapshotId)
  if (place === undefined)
    return fail(problem('rclone.no-snapshot', { repository: access.name, snapshot: snapshotId.slice(0, 8) }))
  const enough = new AbortController()
  const found: { path: string; sizeBytes: number }[] = []
  const signal = AbortSignal.any([io.signal, enough.signal])
  const args = ['--recursive', '--files-only', '--no-modtime', '--no-mimetype', '--', place]
  const listed = await list(access, { ...io, signal }, args, ({ Path, Size }) => {
    if (found.length < most && !isPartial(Path) && !Path.endsWith('.rclonelink'))
      found.push({ path: Path, sizeBytes: Math.max(0, Size) })
    if (found.length >= most) enough.abort()
  })
  return listed.ok || enough.signal.aborted ? ok(found) : listed
}
