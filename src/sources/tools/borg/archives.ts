/** Archives as `list --json` and `info --json` print them. */
import { isAbsolute, resolve } from 'node:path'
import { z } from 'zod'
import type { Snapshot } from '../../../model/snapshot.ts'
import { readComment } from './comment.ts'

const Id = z.string().regex(/^[0-9a-f]{64}$/)
const Count = z.int().nonnegative().optional().catch(undefined)

/**
 * `2026-11-21T09:15:12.000000`, without zone: 1.x stores UTC and prints local time, so it is started with `TZ=UTC` for listings.
 * borg 2 writes the zone.
 */
const Time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/)
  .transform((text) => new Date(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`))
  .refine((time) => !Number.isNaN(time.getTime()))

const Listing = z.object({
  archives: z.array(z.object({ id: Id, name: z.string(), start: Time })),
  repository: z.object({ id: Id }),
})
export interface Listing {
  readonly repositoryId: string
  /** Oldest first. */
  readonly archives: readonly { readonly id: string; readonly name: string; readonly start: Date }[]
}

/** Reads `list --json`. One entry that cannot be read spoils the list: a gap would look like a lost backup. */
export function parseListing(document: unknown): Listing | undefined {
  const parsed = Listing.safeParse(document).data
  if (parsed === undefined) return undefined
  const archives = parsed.archives.toSorted((a, b) => a.start.getTime() - b.start.getTime())
  return { repositoryId: parsed.repository.id, archives }
}

const Details = z.object({
  archives: z.array(
    z.object({
      id: Id,
      name: z.string(),
      start: Time,
      end: Time.optional().catch(undefined),
      hostname: z.string().catch(''),
      username: z.string().catch(''),
      comment: z.string().catch(''),
      command_line: z.array(z.string()).catch([]),
      cwd: z.string().optional().catch(undefined),
      stats: z.object({ original_size: Count, nfiles: Count }).optional().catch(undefined),
    }),
  ),
})

/** Reads what `info --json` says of archives, or `list --json` with a format. */
export function parseDetails(document: unknown): readonly Snapshot[] | undefined {
  return Details.safeParse(document).data?.archives.map((archive) => {
    const noted = readComment(archive.comment)
    return {
      id: archive.id,
      name: archive.name,
      removal: `borg delete ::${archive.name}`,
      takenAt: archive.start,
      // borg stores no zone: policies count days in the zone of whoever prunes, which is ours.
      offsetMinutes: 0 - archive.start.getTimezoneOffset(),
      host: noted.host ?? archive.hostname,
      user: archive.username,
      tags: noted.tags,
      paths: sourcesIn(archive.command_line, archive.cwd),
      ...(archive.stats?.original_size !== undefined && { sizeBytes: archive.stats.original_size }),
      ...(archive.stats?.nfiles !== undefined && { files: archive.stats.nfiles }),
      ...(archive.end !== undefined && { finishedAt: archive.end }),
    }
  })
}

/**
 * The sources in the command that made an archive: what follows the archive's name. Where options follow too, or a path is
 * relative to nobody knows what, they are not known.
 */
export function sourcesIn(command: readonly string[], cwd: string | undefined): readonly string[] {
  const at = command.findIndex((word) => !word.startsWith('-') && word.includes('::'))
  const words = at === -1 ? [] : command.slice(at + 1)
  const isPlain = command[at - 1] === '--' || words.every((word) => !word.startsWith('-'))
  if (!isPlain || words.some((word) => !isAbsolute(word) && cwd === undefined)) return []
  return words.map((word) => resolve(cwd ?? '/', word))
}

const Cache = z.object({ cache: z.object({ stats: z.object({ unique_csize: z.int().nonnegative() }) }) })

/** Reads of `info --json` how much all archives take together, compressed and each part once. */
export const parseSize = (document: unknown): number | undefined =>
  Cache.safeParse(document).data?.cache.stats.unique_csize
