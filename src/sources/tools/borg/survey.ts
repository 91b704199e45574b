/** One look at a repository: a cheap listing each time, and what an archive holds only when it is new. */
import { createHash } from 'node:crypto'
import { fail, ok, type Result } from '../../../model/problem.ts'
import type { Lock, Snapshot } from '../../../model/snapshot.ts'
import type { OperationIo, RepositoryAccess, Survey, SurveyWish } from '../tool.ts'
import { localFolder } from './address.ts'
import { type Listing, parseDetails, parseListing } from './archives.ts'
import { programOf } from './command.ts'
import { archiveArgument } from './command-text.ts'
import { callForDocument, documentOr } from './json.ts'
import { locksIn } from './locks.ts'
import { stampOf } from './stamp.ts'
import { stats } from './stats.ts'

/** What the last listing of a repository on this machine found, and by what it is told that nothing changed since. */
interface Remembered {
  readonly stamp: string
  readonly listedAt: number
  readonly listing: Listing
}

const remembered = new Map<string, Remembered>()
/** However trustworthy the files look, the whole list is read once in a while. */
const longestTrustMs = 3_600_000
const mostRemembered = 10_000

/** Reads archives, and locks and size when wished; takes no lock and writes nothing into the repository. */
export async function survey(access: RepositoryAccess, wish: SurveyWish, io: OperationIo): Promise<Result<Survey>> {
  const folder = localFolder(access.url.reveal())
  const listed = await listing(access, folder, wish.trustTimes === true && !wish.size, io)
  if (!listed.ok) return listed
  const { archives, repositoryId } = listed.value
  const fresh = archives.filter(({ id }) => !wish.known.has(id))
  const details = await detailsOf(access, archives, fresh, io)
  if (!details.ok) return details
  const found = new Set(details.value.map(({ id }) => id))
  // Between the listing and the look into it, one may have been removed.
  const ids = archives.filter(({ id }) => wish.known.has(id) || found.has(id)).map(({ id }) => id)
  const size = wish.size ? await stats(access, io) : undefined
  if (size !== undefined && !size.ok) return size
  const locks: readonly Lock[] | undefined = wish.locks && folder !== undefined ? locksIn(folder) : undefined
  return ok({
    ids,
    fresh: details.value,
    repositoryId,
    ...(locks && { locks }),
    ...(size && { sizeBytes: size.value.sizeBytes }),
  })
}

async function listing(
  access: RepositoryAccess,
  folder: string | undefined,
  trust: boolean,
  io: OperationIo,
): Promise<Result<Listing>> {
  const key = keyOf(access)
  // Taken before the listing: what changes meanwhile is seen at the next look.
  const stamp = folder === undefined ? undefined : stampOf(folder)
  const before = remembered.get(key)
  const isSame = stamp !== undefined && before?.stamp === stamp && performance.now() - before.listedAt < longestTrustMs
  if (trust && isSame) return ok(before.listing)
  const listed = await listArchives(access, io)
  remembered.delete(key)
  if (!listed.ok || stamp === undefined) return listed
  if (remembered.size < mostRemembered)
    remembered.set(key, { stamp, listedAt: performance.now(), listing: listed.value })
  return listed
}

/** Another passphrase, program or setting is another way to look, and has to prove itself. */
const keyOf = ({ url, password, own, ...access }: RepositoryAccess): string =>
  createHash('sha256')
    .update(JSON.stringify([url.reveal(), password?.reveal(), own, programOf(access), access.cacheDir]))
    .digest('hex')

/** The manifest alone, which is one small object, however many archives there are. */
export async function listArchives(access: RepositoryAccess, io: OperationIo): Promise<Result<Listing>> {
  const listed = await callForDocument(access, io, { args: ['list', '--json', '--bypass-lock'], inUtc: true })
  return documentOr(access, listed, parseListing)
}

/** So many are asked for one by one; more are cheaper in one go with those that are known. */
const mostByName = 5

async function detailsOf(
  access: RepositoryAccess,
  all: Listing['archives'],
  fresh: Listing['archives'],
  io: OperationIo,
): Promise<Result<readonly Snapshot[]>> {
  if (fresh.length === 0) return ok([])
  const areNewest = all.slice(-fresh.length).every((archive, at) => archive === fresh[at])
  const found: Snapshot[] = []
  for (const which of areNewest
    ? [[`--last=${fresh.length}`]]
    : fresh.length <= mostByName
      ? fresh.map(({ name }) => [archiveArgument(name)])
      : [['--glob-archives=*']]) {
    const some = await detailsBy(access, which, io)
    if (some.ok) found.push(...some.value)
    else if (some.problem.code !== 'borg.no-archive') return fail(some.problem)
  }
  const wanted = new Set(fresh.map(({ id }) => id))
  return ok(found.filter(({ id }) => wanted.delete(id)).sort((a, b) => a.takenAt.getTime() - b.takenAt.getTime()))
}

/** Sizes come from `info`, which needs the cache of this machine; where a backup holds that, they stay unknown. */
async function detailsBy(
  access: RepositoryAccess,
  which: readonly string[],
  io: OperationIo,
): Promise<Result<readonly Snapshot[]>> {
  const looked = await callForDocument(access, io, { args: ['info', '--json', '--bypass-lock', ...which], inUtc: true })
  const details = documentOr(access, looked, parseDetails)
  if (details.ok || details.problem.code !== 'borg.locked') return details
  const format = '--format={hostname}{username}{comment}{end}{command_line}'
  // A single archive is listed by a pattern here: by its name, its files would be.
  const [only = ''] = which
  const pattern = only.startsWith('::') ? `--glob-archives=${only.slice(2).replace(/[*?[]/g, '[$&]')}` : only
  const listed = await callForDocument(access, io, {
    args: ['list', '--json', '--bypass-lock', format, pattern],
    inUtc: true,
  })
  return documentOr(access, listed, parseDetails)
}

/** All archives with what they hold, newest last. */
export async function snapshots(access: RepositoryAccess, io: OperationIo): Promise<Result<readonly Snapshot[]>> {
  const found = await survey(access, { known: new Set(), locks: false, size: false }, io)
  return found.ok ? ok(found.value.fresh) : found
}
