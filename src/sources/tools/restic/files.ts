import { z } from 'zod'
import { fail, ok, type Result } from '../../../model/problem.ts'
import type { OperationIo, RepositoryAccess } from '../tool.ts'
import { callRestic } from './command.ts'
import { parseLine } from './messages.ts'

const File = z.object({
  struct_type: z.literal('node'),
  type: z.literal('file'),
  path: z.string(),
  // An empty file has no size here.
  size: z.int().nonnegative().default(0),
})

/** Regular files of a snapshot, in restic's order; the listing is ended once there are `most`. */
export async function files(
  access: RepositoryAccess,
  snapshotId: string,
  most: number,
  io: OperationIo,
): Promise<Result<readonly { path: string; sizeBytes: number }[]>> {
  const enough = new AbortController()
  const found: { path: string; sizeBytes: number }[] = []
  const signal = AbortSignal.any([io.signal, enough.signal])
  const called = await callRestic(
    access,
    { ...io, signal },
    {
      args: ['ls', '--json', '--no-lock', '--', snapshotId],
      onLine: (line) => {
        const file = found.length < most ? File.safeParse(parseLine(line)).data : undefined
        if (file !== undefined) found.push({ path: file.path, sizeBytes: file.size })
        if (found.length >= most) enough.abort()
      },
    },
  )
  if (called.problem !== undefined && !enough.signal.aborted) return fail(called.problem)
  return ok(found)
}
