/** Snapshots that were there and are no more. */
import type { HistoryAfter, HistoryBefore, HistoryFinding } from '../../model/history.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { type DeclaredPolicy, keptBy, looksAt } from '../retention.ts'

export function judgeGone(
  before: HistoryBefore,
  after: HistoryAfter,
  policies: readonly DeclaredPolicy[],
  isBeingWritten: boolean,
): HistoryFinding[] {
  const gone = before.snapshots.filter(({ id }) => !after.ids.has(id))
  if (gone.length === 0) return []
  const left = before.snapshots.filter(({ id }) => after.ids.has(id))
  const present = [...left, ...after.fresh, ...(after.returned ?? [])]
  const renamed = renamedHosts(gone, after.fresh)
  // Tagged, rewritten or copied anew: it lives on under another name.
  const origins = new Set(after.fresh.flatMap(({ original }) => original ?? []))
  const alive = new Set(present.flatMap(({ living }) => living ?? []))
  const lost = gone.filter(
    ({ id, original, living }) =>
      !origins.has(id) &&
      !(original !== undefined && origins.has(original)) &&
      !(living !== undefined && (isBeingWritten || alive.has(living))),
  )
  return [...renamed, ...judgeLost(lost, left, present, before, after, policies)]
}

function judgeLost(
  lost: readonly Snapshot[],
  left: readonly Snapshot[],
  present: readonly Snapshot[],
  before: HistoryBefore,
  after: HistoryAfter,
  policies: readonly DeclaredPolicy[],
): HistoryFinding[] {
  if (lost.length === 0) return []
  if (after.ids.size === 0) return [emptied(lost)]
  const beyond = lost.filter((snapshot) => verdictOf(snapshot, before, after, policies) === 'kept')
  const isDropped = (snapshot: Snapshot): boolean => verdictOf(snapshot, before, after, policies) === 'dropped'
  const times = new Map([...before.snapshots, ...after.fresh].map(({ id, takenAt }) => [id, takenAt]))
  const newest = lost.filter((one) => !present.some((other) => follows(other, one, times)) && !isDropped(one))
  const wrong = lost.filter((one) => beyond.includes(one) || newest.includes(one))
  if (wrong.length === 0) return []
  if (wasRolledBack(wrong, lost, left, after)) return [rolledBack(wrong)]
  const others = beyond.filter((one) => !newest.includes(one))
  return [...lastOfEach(newest).map(newestDeleted), ...(others.length > 0 ? [thinned(others)] : [])]
}

/** What the declared policies say of it, over all that was there in between; undefined where none looks at it. */
function verdictOf(
  snapshot: Snapshot,
  before: HistoryBefore,
  after: HistoryAfter,
  policies: readonly DeclaredPolicy[],
): 'kept' | 'dropped' | undefined {
  const looking = policies.filter((policy) => looksAt(policy, snapshot))
  const special = looking.filter(({ isFallback }) => isFallback !== true)
  const own = special.length > 0 ? special : looking
  if (own.length === 0) return undefined
  const all = [...before.snapshots, ...after.fresh]
  const isKept = own.every((one) =>
    keptBy(
      one,
      all.filter((other) => looksAt(one, other)),
      after.at,
    ).has(snapshot.id),
  )
  return isKept ? 'kept' : 'dropped'
}

/**
 * A later snapshot of the same host and user, of some of the same paths: a policy may have kept it instead. One whose
 * parent is older than the lost one was made when the lost one was gone already, and explains nothing.
 */
const follows = (later: Snapshot, earlier: Snapshot, times: ReadonlyMap<string, Date>): boolean =>
  later.host === earlier.host &&
  later.user === earlier.user &&
  later.takenAt > earlier.takenAt &&
  (earlier.paths.length === 0 || later.paths.some((path) => earlier.paths.includes(path))) &&
  ((later.parent === undefined ? undefined : times.get(later.parent)) ?? earlier.takenAt) >= earlier.takenAt

/** Everything since some moment is gone, at least two, or old ones are back, and nothing came since: the store is an older one. */
function wasRolledBack(
  wrong: readonly Snapshot[],
  lost: readonly Snapshot[],
  left: readonly Snapshot[],
  after: HistoryAfter,
): boolean {
  if (after.fresh.length > 0) return false
  if ((after.returned?.length ?? 0) > 0) return true
  if (wrong.length < 2 || left.length === 0) return false
  const oldest = Math.min(...lost.map(({ takenAt }) => takenAt.getTime()))
  return left.every(({ takenAt }) => takenAt.getTime() < oldest)
}

/** One finding for each host, user and paths: their newest. */
function lastOfEach(snapshots: readonly Snapshot[]): Snapshot[] {
  const groups = Map.groupBy(snapshots, ({ host, user, paths }) => JSON.stringify([host, user, paths]))
  return [...groups.values()].map((group) => group.reduce((a, b) => (b.takenAt > a.takenAt ? b : a)))
}

function renamedHosts(gone: readonly Snapshot[], fresh: readonly Snapshot[]): HistoryFinding[] {
  const from = new Map(gone.map((snapshot) => [snapshot.id, snapshot]))
  const pairs = new Map<string, { readonly old: Snapshot; readonly now: Snapshot; count: number }>()
  for (const now of fresh) {
    const old = now.original === undefined ? undefined : from.get(now.original)
    if (old === undefined || old.host === now.host) continue
    const known = pairs.get(`${old.host}\n${now.host}`)
    if (known === undefined) pairs.set(`${old.host}\n${now.host}`, { old, now, count: 1 })
    else known.count += 1
  }
  return [...pairs.values()].map(({ old, now, count }) => ({
    kind: 'host-renamed',
    subject: old.host,
    message: `${many(count, 'snapshot')} of ${old.host} ${count === 1 ? 'was' : 'were'} rewritten as of ${now.host}.`,
    next: `The set of ${old.host} ends with this and is late from now on. If you renamed the host: muster ack`,
  }))
}

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
const of = ({ host, user, takenAt }: Snapshot): string =>
  `${host}${user === '' ? '' : `/${user}`}, taken ${takenAt.toISOString()}`
const list = (snapshots: readonly Snapshot[]): string =>
  snapshots
    .slice(0, 5)
    .map(({ id }) => id.slice(0, 8))
    .join(', ') + (snapshots.length > 5 ? ' …' : '')
const newestOf = (snapshots: readonly Snapshot[]): Snapshot =>
  snapshots.reduce((a, b) => (b.takenAt > a.takenAt ? b : a))

const keepStill =
  'Forget and prune nothing until you know why; their data may still be there. If it was you: muster ack'

const emptied = (lost: readonly Snapshot[]): HistoryFinding => ({
  kind: 'emptied',
  subject: newestOf(lost).id,
  message: `All ${lost.length} snapshots are gone, the newest of ${of(newestOf(lost))}.`,
  next: keepStill,
})

const rolledBack = (lost: readonly Snapshot[]): HistoryFinding => ({
  kind: 'rolled-back',
  subject: newestOf(lost).id,
  message: `${lost.length === 1 ? 'The newest snapshot is' : `The newest ${lost.length} snapshots are`} gone and nothing came since: the repository is an older copy of itself. The newest was of ${of(newestOf(lost))}.`,
  next: `See whether a disk image or a copy was put back. ${keepStill}`,
})

const newestDeleted = (snapshot: Snapshot): HistoryFinding => ({
  kind: 'newest-deleted',
  subject: snapshot.id,
  message: `The newest snapshot ${snapshot.id.slice(0, 8)} of ${of(snapshot)}, was deleted. A policy keeps it, unless it counts several hosts together or is told to remove all.`,
  next: keepStill,
})

const thinned = (lost: readonly Snapshot[]): HistoryFinding => ({
  kind: 'thinned',
  subject: newestOf(lost).id,
  message: `${many(lost.length, 'snapshot')} that the declared retention keeps ${lost.length === 1 ? 'is' : 'are'} gone: ${list(lost)}.`,
  next: keepStill,
})
