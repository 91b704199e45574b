/** Snapshots and locks as restic stores them and prints them. Lenient: what is missing or impossible is absent. */
import { z } from 'zod'
import type { Lock, Snapshot } from '../../../model/snapshot.ts'
import { toCounters } from './backup-report.ts'

const Count = z.int().nonnegative().optional().catch(undefined)
const Texts = z.array(z.string()).nullish().catch(undefined)

/** RFC 3339 with up to nine digits of a second and an offset; milliseconds are kept. */
const Time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT/)
  .transform((text) => new Date(text))
  .refine((time) => !Number.isNaN(time.getTime()))

/** Minutes east of UTC; snapshots keep the zone they were made in. */
function offsetOf(text: string): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? []
  const total = Number(hours ?? 0) * 60 + Number(minutes ?? 0)
  return sign === '-' ? -total : total
}

const Id = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .nullish()
  .catch(undefined)

const Summary = z.object({
  backup_end: Time.optional().catch(undefined),
  files_new: Count,
  files_changed: Count,
  files_unmodified: Count,
  dirs_new: Count,
  dirs_changed: Count,
  dirs_unmodified: Count,
  data_added: Count,
  data_added_packed: Count,
  total_files_processed: Count,
  total_bytes_processed: Count,
})

/** What `snapshots --json` prints also has `id`; in the repository it is the name of the file. */
const SnapshotRecord = z
  .object({
    time: z.string(),
    hostname: z.string().catch(''),
    username: z.string().catch(''),
    tags: Texts,
    paths: Texts,
    parent: Id,
    original: Id,
    program_version: z.string().optional().catch(undefined),
    summary: Summary.optional().catch(undefined),
  })
  .transform(({ time, hostname, username, tags, paths, parent, original, program_version, summary }, context) => {
    const takenAt = Time.safeParse(time).data
    if (takenAt === undefined) {
      context.issues.push({ code: 'custom', message: 'no time', input: time })
      return z.NEVER
    }
    const counters = summary === undefined ? undefined : toCounters(summary)
    return {
      takenAt,
      offsetMinutes: offsetOf(time),
      host: hostname,
      user: username,
      tags: tags ?? [],
      paths: paths ?? [],
      ...(summary?.total_bytes_processed === undefined ? {} : { sizeBytes: summary.total_bytes_processed }),
      ...(summary?.total_files_processed === undefined ? {} : { files: summary.total_files_processed }),
      ...(program_version === undefined ? {} : { program: program_version }),
      ...(summary?.backup_end === undefined ? {} : { finishedAt: summary.backup_end }),
      ...(original == null ? {} : { original }),
      ...(parent == null ? {} : { parent }),
      ...(counters === undefined || Object.keys(counters).length === 0 ? {} : { counters }),
    } satisfies Omit<Snapshot, 'id'>
  })

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
