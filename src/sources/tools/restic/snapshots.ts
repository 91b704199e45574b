import { z } from 'zod'
import type { Result } from '../../../model/problem.ts'
import type { Snapshot } from '../../../model/snapshot.ts'
import type { OperationIo, RepositoryAccess } from '../tool.ts'
import { callForDocument, documentOr } from './json.ts'

const Count = z.int().nonnegative().optional().catch(undefined)
const Texts = z.array(z.string()).nullish().catch(undefined)

/** RFC 3339 with up to nine digits of a second and an offset; milliseconds are kept. */
export const Time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT/)
  .transform((text) => new Date(text))
  .refine((time) => !Number.isNaN(time.getTime()))

const SnapshotJson = z
  .object({
    id: z.string().regex(/^[0-9a-f]{64}$/),
    time: Time,
    hostname: z.string().catch(''),
    username: z.string().catch(''),
    tags: Texts,
    paths: Texts,
    program_version: z.string().optional().catch(undefined),
    summary: z.object({ total_bytes_processed: Count, total_files_processed: Count }).optional().catch(undefined),
  })
  .transform(
    ({ id, time, hostname, username, tags, paths, program_version, summary }): Snapshot => ({
      id,
      takenAt: time,
      host: hostname,
      user: username,
      tags: tags ?? [],
      paths: paths ?? [],
      ...(summary?.total_bytes_processed === undefined ? {} : { sizeBytes: summary.total_bytes_processed }),
      ...(summary?.total_files_processed === undefined ? {} : { files: summary.total_files_processed }),
      ...(program_version === undefined ? {} : { program: program_version }),
    }),
  )

/** `null` stands for an empty list in some versions. */
const Snapshots = z.array(SnapshotJson).nullable()

/** Reads `snapshots --json`, newest last. One entry that cannot be read spoils the list: a gap would look like a lost backup. */
export function parseSnapshots(document: unknown): readonly Snapshot[] | undefined {
  const parsed = Snapshots.safeParse(document)
  if (!parsed.success) return undefined
  return (parsed.data ?? []).sort((a, b) => a.takenAt.getTime() - b.takenAt.getTime())
}

export async function snapshots(access: RepositoryAccess, io: OperationIo): Promise<Result<readonly Snapshot[]>> {
  const listed = await callForDocument(access, io, '[', { args: ['snapshots', '--json', '--no-lock'] })
  return documentOr(access, listed, parseSnapshots)
}
