import { z } from 'zod'
import type { Result } from '../../../model/problem.ts'
import type { OperationIo, RepositoryAccess, RepositoryStats } from '../tool.ts'
import { callForDocument, documentOr } from './json.ts'

const Stats = z.object({ total_size: z.int().nonnegative() }).transform(({ total_size }) => ({ sizeBytes: total_size }))

export const parseStats = (document: unknown): RepositoryStats | undefined => Stats.safeParse(document).data

/** Stored bytes of all blobs that snapshots use; costs a look at every tree. */
export async function stats(access: RepositoryAccess, io: OperationIo): Promise<Result<RepositoryStats>> {
  const listed = await callForDocument(access, io, '{', { args: ['stats', '--json', '--mode=raw-data', '--no-lock'] })
  return documentOr(access, listed, parseStats)
}
