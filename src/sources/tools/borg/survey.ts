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
  const known = await listing(access, folder, wish.trustTimes === true && !wish.size, io)
  if (!known.ok) return known
  const { archives, repositoryId } = known.value
  const fresh = archives.filter(({ id }) => !wish.known.has(id))
  const details = await detailsOf(access, archives, fresh, io)
  if (!details.ok) return details
  const found = new Set(details.value.map(({ id }) => id))
  // Between the listing and the look into it, one may have been removed.
  const ids = archives.filter(({ id }) => wish.known.has(id) || found.has(id)).map(({ id }) => id)
  const size = wish.size ? await stats(access, io) : undefined
  // Who holds the cache keeps it for hours, perhaps; the next reading measures.
  if (size?.ok === false && size.problem.code !== 'borg.locked') return size
  const locks: readonly Lock[] | undefined = wish.locks && folder !== undefined ? locksIn(folder) : undefined
  return ok({
    ids,
    fresh: details.value,
    repositoryId,
    ...(locks && { locks }),
    ...(size?.ok === true && { sizeBytes: size.value.sizeBytes }),
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
  const found = await listArchives(access, io)
  remembered.delete(key)
  if (!found.ok || stamp === undefined) return found
  if (remembered.size < mostRemembered)
    remembered.set(key, { stamp, listedAt: performance.now(), listing: found.value })
  return found
}

/** Another passphrase, program or setting is another way to look, and has to prove itself. */
const keyOf = ({ url, password, own, ...access }: RepositoryAccess): string =>
  createHash('sha256')
    .update(JSON.stringify([url.reveal(), password?.reveal(), own, programOf(access), access.cacheDir]))
    .digest('hex')

/** The manifest alone, which is one small object, however many archives there are. */
export async function listArchives(access: RepositoryAccess, io: OperationIo): Promise<Result<Listing>> {
  const found = await callForDocument(access, io, {
    args: ['list', '--json', '--bypass-lock'],
    inUtc: true,
    withoutCache: true,
  })
  return documentOr(access, found, parseListing)
}

/** So many are asked for one by one; more are cheaper in one go with those that are known. */
const mostByName = 5
/**
 * Sizes are measured for so many new archives at a time, the newest: `info` goes through all files of each, and the first look at a
 * repository of years would not end within its limit.
 */
const mostMeasured = 20

async function detailsOf(
  access: RepositoryAccess,
  all: Listing['archives'],
  fresh: Listing['archives'],
  io: OperationIo,
): Promise<Result<readonly Snapshot[]>> {
  const found = new Map<string, Snapshot>()
  const newest = fresh.slice(-mostMeasured)
  const rounds = [
    ...(newest.length < fresh.length ? selectors(all, fresh).map((which) => listed(access, which, io)) : []),
    ...selectors(all, newest).map((which) => measured(access, which, io)),
  ]
  const wanted = new Set(fresh.map(({ id }) => id))
  for (const round of rounds) {
    const some = await round()
    // One that was removed meanwhile is no news.
    if (!some.ok && some.problem.code !== 'borg.no-archive') return fail(some.problem)
    for (const archive of some.ok ? some.value : []) if (wanted.has(archive.id)) found.set(archive.id, archive)
  }
  return ok([...found.values()].sort((a, b) => a.takenAt.getTime() - b.takenAt.getTime()))
}

/** How borg is told which archives are meant: an argument a call. */
function selectors(all: Listing['archives'], fresh: Listing['archives']): readonly string[] {
  if (fresh.length === 0) return []
  const areNewest = all.slice(-fresh.length).every((archive, at) => archive === fresh[at])
  if (areNewest) return [`--last=${fresh.length}`]
  return fresh.length <= mostByName ? fresh.map(({ name }) => archiveArgument(name)) : ['--glob-archives=*']
}

type Round = () => Promise<Result<readonly Snapshot[]>>

/** Sizes need the cache of this machine; where a backup holds that, they stay unknown. */
const measured =
  (access: RepositoryAccess, which: string, io: OperationIo): Round =>
  async () => {
    const args = ['info', '--json', '--bypass-lock', which]
    const details = documentOr(access, await callForDocument(access, io, { args, inUtc: true }), parseDetails)
    return details.ok || details.problem.code !== 'borg.locked' ? details : listed(access, which, io)()
  }

/** Everything but sizes, without any cache. */
const listed =
  (access: RepositoryAccess, which: string, io: OperationIo): Round =>
  async () => {
    const format = '--format={hostname}{username}{comment}{end}{command_line}'
    // A single archive is listed by a pattern here: by its name, its files would be.
    const pattern = which.startsWith('::') ? `--glob-archives=${which.slice(2).replace(/[*?[]/g, '[$&]')}` : which
    const args = ['list', '--json', '--bypass-lock', format, pattern]
    return documentOr(
      access,
      await callForDocument(access, io, { args, inUtc: true, withoutCache: true }),
      parseDetails,
    )
  }

/** All archives with what they hold, newest last. */
export async function snapshots(access: RepositoryAccess, io: OperationIo): Promise<Result<readonly Snapshot[]>> {
  const found = await survey(access, { known: new Set(), locks: false, size: false }, io)
  return found.ok ? ok(found.value.fresh) : found
}
