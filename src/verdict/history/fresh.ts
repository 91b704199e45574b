/** Snapshots that are new, and cannot be what they say. */
import type { HistoryAfter, HistoryBefore, HistoryFinding } from '../../model/history.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { sayBytes, sayDuration } from '../../model/units.ts'
import { aheadToleranceMs } from '../freshness.ts'

/** A snapshot is written when its backup ends; clocks differ a little. */
const afterEndMs = 3_600_000
/** Where nobody knows when it ended, a backup may have taken so long. */
const unknownEndMs = 48 * 3_600_000
const longestBackupMs = 7 * 24 * 3_600_000

/** Less than this share of what was usual is no ordinary change. */
const tinyShare = 0.2
const [fewestPeers, mostPeers] = [3, 10]

export function judgeFresh(
  before: HistoryBefore | undefined,
  after: HistoryAfter,
  isBeingWritten: boolean,
): HistoryFinding[] {
  return after.fresh.flatMap((snapshot) => {
    // What was tagged, rewritten or copied keeps the time and the size it always had.
    const own = snapshot.original === undefined && before !== undefined
    // What lives on bears the time of its newest part, and may lose that.
    const time =
      inFuture(snapshot, after.at) ?? (own && snapshot.living === undefined ? inPast(snapshot, before) : undefined)
    const isHalfWay = isBeingWritten && snapshot.living !== undefined
    const size = own && !isHalfWay ? shrunk(snapshot, before) : undefined
    return [...(time ? [time] : []), ...(size ? [size] : [])]
  })
}

function inFuture(snapshot: Snapshot, now: Date): HistoryFinding | undefined {
  const aheadMs = snapshot.takenAt.getTime() - now.getTime()
  if (aheadMs <= aheadToleranceMs) return undefined
  return {
    kind: 'future-snapshot',
    subject: snapshot.id,
    message: `The snapshot ${say(snapshot)} is dated ${sayDuration(aheadMs)} in the future: it hides every later gap, and a policy would keep it instead of real ones.`,
    next: `Set the clock of ${snapshot.host}, and remove the snapshot (${snapshot.removal ?? `restic forget ${snapshot.id.slice(0, 8)}`}). Then: muster ack`,
  }
}

function inPast(snapshot: Snapshot, before: HistoryBefore): HistoryFinding | undefined {
  const takenMs = snapshot.takenAt.getTime()
  if (before.bornAt !== undefined && takenMs < before.bornAt.getTime() - afterEndMs)
    return {
      kind: 'before-repository',
      subject: snapshot.id,
      message: `The new snapshot ${say(snapshot)} is dated ${snapshot.takenAt.toISOString()}, before the repository was made.`,
      next: `${pastNext(snapshot)} Then: muster ack`,
    }
  const lastMs = before.at.getTime()
  const endMs = snapshot.finishedAt?.getTime()
  const isPast =
    endMs === undefined
      ? takenMs < lastMs - unknownEndMs
      : endMs < lastMs - afterEndMs || takenMs < lastMs - longestBackupMs
  if (!isPast) return undefined
  return {
    kind: 'back-dated',
    subject: snapshot.id,
    message: `The new snapshot ${say(snapshot)} is dated ${snapshot.takenAt.toISOString()}, but was not there at ${before.at.toISOString()}.`,
    next: `${pastNext(snapshot)} Then: muster ack`,
  }
}

const pastNext = ({ host }: Snapshot): string =>
  `See whether the clock of ${host} is wrong, or somebody backed up with --time or --timestamp; forged times make a policy drop good snapshots.`

/** Far smaller than its like: an empty mount, or a stand-in for what was deleted. */
function shrunk(snapshot: Snapshot, before: HistoryBefore): HistoryFinding | undefined {
  const { living } = snapshot
  const peers = before.snapshots
    .filter((other) => (living === undefined ? isEarlier(other, snapshot) : other.living === living))
    .sort((a, b) => b.takenAt.getTime() - a.takenAt.getTime())
    .slice(0, mostPeers)
  const sizes = peers.flatMap(({ sizeBytes }) => sizeBytes ?? [])
  const usual = median(sizes)
  // Of what lives on there is never more than the state before.
  const fewest = living === undefined ? fewestPeers : 1
  if (snapshot.sizeBytes === undefined || sizes.length < fewest || usual === 0) return undefined
  if (snapshot.sizeBytes > usual * tinyShare) return undefined
  // One large file that is being replaced is out of the tree for a while.
  const most = Math.max(0, ...peers.map(({ files = 0 }) => files))
  if (living !== undefined && (snapshot.files ?? 0) > most * tinyShare) return undefined
  return {
    kind: 'shrunk',
    subject: snapshot.id,
    message: `The snapshot ${say(snapshot)} holds ${sayBytes(snapshot.sizeBytes)}; ${sayBytes(usual)} were usual.`,
    next: `See on ${snapshot.host} whether everything is mounted and nothing was deleted. Forget nothing until then. If it is right: muster ack`,
  }
}

const isEarlier = (other: Snapshot, snapshot: Snapshot): boolean =>
  isLike(other, snapshot) && other.takenAt < snapshot.takenAt

const isLike = (a: Snapshot, b: Snapshot): boolean =>
  a.host === b.host && a.user === b.user && isSame(a.paths, b.paths) && isSame(a.tags, b.tags)

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text) => b.includes(text))

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

const say = ({ id, host, user }: Snapshot): string => `${id.slice(0, 8)} of ${host}${user === '' ? '' : `/${user}`}`
