import { ok, type Result } from '../../../model/problem.ts'
import type { OperationIo, RepositoryAccess, RepositoryStats } from '../tool.ts'
import { parseSize } from './archives.ts'
import { callForDocument, documentOr } from './json.ts'

/** Stored bytes of all archives together; brings the cache of this machine up to date, which may cost a look at each of them. */
export async function stats(access: RepositoryAccess, io: OperationIo): Promise<Result<RepositoryStats>> {
  const looked = await callForDocument(access, io, { args: ['info', '--json', '--bypass-lock'], inUtc: true })
  const size = documentOr(access, looked, parseSize)
  return size.ok ? ok({ sizeBytes: size.value }) : size
}
