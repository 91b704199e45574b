/** Snapshots and locks as restic stores them and prints them. Lenient: what is missing or impossible is absent. */
import { z } from 'zod'
import type { Lock, Snapshot } from '../../../model/snapshot.ts'

const Count = z.int().nonnegative().optional().catch(undefined)
const Texts = z.array(z.string()).nullish().catch(undefined)

/** RFC 3339 with up to nine digits of a second and an offset; milliseconds are kept. */
const Time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT/)
  .transform((text) => new Date(text))
  .refine((time) => !Number.isNaN(time.getTime()))

/** What `snapshots --json` prints also has `id`; in the repository it is the name of the file. */
const SnapshotRecord = z
  .object({
    time: Time,
    hostname: z.string().catch(''),
    username: z.string().catch(''),
    tags: Texts,
    paths: Texts,
    program_version: z.string().optional().catch(undefined),
    summary: z.object({ total_bytes_processed: Count, total_files_processed: Count }).optional().catch(undefined),
  })
  .transform(
    ({ time, hostname, username, tags, paths, program_version, summary }): Omit<Snapshot, 'id'> => ({
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

const LockRecord = z.object({
  time: Time,
  exclusive: z.boolean().catch(false),
  hostname: z.string(),
  username: z.string().catch(''),
  pid: z.int().nonnegative(),
})

/** @returns undefined for what is no snapshot. Never throws. */
export function toSnapshot(id: string, value: unknown): Snapshot | undefined {
  const record = SnapshotRecord.safeParse(value).data
  return record === undefined ? undefined : { id, ...record }
}

/** @returns undefined for what is no lock. Never throws. */
export function toLock(id: string, value: unknown): Lock | undefined {
  const record = LockRecord.safeParse(value).data
  if (record === undefined) return undefined
  const { time, exclusive, hostname, username, pid } = record
  return { id, takenAt: time, exclusive, host: hostname, user: username, pid }
}
