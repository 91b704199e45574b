import { z } from 'zod'
import { fail, ok, type Result } from '../../../model/problem.ts'
import type { OperationIo, RepositoryAccess } from '../tool.ts'
import { callBorg } from './command.ts'
import { archiveArgument } from './command-text.ts'
import { nameOf } from './restore.ts'

const File = z.object({ type: z.literal('-'), path: z.string(), size: z.int().nonnegative() })

/** Regular files of an archive, in borg's order, by whole paths; the listing is ended once there are `most`. */
export async function files(
  access: RepositoryAccess,
  snapshotId: string,
  most: number,
  io: OperationIo,
): Promise<Result<readonly { path: string; sizeBytes: number }[]>> {
  const name = await nameOf(access, snapshotId, io)
  if (!name.ok) return name
  const enough = new AbortController()
  const found: { path: string; sizeBytes: number }[] = []
  const signal = AbortSignal.any([io.signal, enough.signal])
  const called = await callBorg(
    access,
    { ...io, signal },
    {
      args: ['list', '--json-lines', '--bypass-lock', '--format={type}{path}{size}', '--', archiveArgument(name.value)],
      withoutCache: true,
      onLine: (line) => {
        const file = found.length < most ? File.safeParse(parse(line)).data : undefined
        if (file !== undefined) found.push({ path: `/${file.path}`, sizeBytes: file.size })
        if (found.length >= most) enough.abort()
      },
    },
  )
  if (called.problem !== undefined && !called.warned && !enough.signal.aborted) return fail(called.problem)
  return ok(found)
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
