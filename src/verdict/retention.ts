/**
 * Which snapshots a policy keeps, as restic decides it. Nothing is forgotten by this: it only tells a forget from a deletion.
 * Source: restic `internal/restic/snapshot_policy.go` (`internal/data/` since 0.19), `ApplyPolicy`.
 */
import type { Snapshot } from '../model/snapshot.ts'

type Keys = 'keepLast' | 'keepHourly' | 'keepDaily' | 'keepWeekly' | 'keepMonthly' | 'keepYearly'
type Within = 'keepWithinHourly' | 'keepWithinDaily' | 'keepWithinWeekly' | 'keepWithinMonthly' | 'keepWithinYearly'

/** Counts as `keep-*`, spans as restic writes them (`2y5m7d3h`). */
export type Policy = { readonly [key in Keys]?: number | undefined } & {
  readonly [key in Within | 'keepWithin']?: string | undefined
} & {
  readonly group: readonly ('host' | 'paths' | 'tags')[]
  readonly keepTags: readonly string[]
}

/** A policy and the snapshots it looks at: those of the host that have all the tags and all the paths. */
export interface DeclaredPolicy {
  readonly policy: Policy
  readonly host?: string
  readonly tags: readonly string[]
  readonly paths: readonly string[]
  /** Only for what no other policy looks at. */
  readonly isFallback?: boolean
}

export const looksAt = ({ host, tags, paths }: DeclaredPolicy, snapshot: Snapshot): boolean =>
  (host === undefined || snapshot.host === host) &&
  tags.every((tag) => snapshot.tags.includes(tag)) &&
  paths.every((path) => snapshot.paths.includes(path))

/** @returns Ids of those among `snapshots` that the policy keeps, group by group. */
export function keptBy(policy: Policy, snapshots: readonly Snapshot[], now: Date): ReadonlySet<string> {
  const groups = Map.groupBy(snapshots, (snapshot) => groupOf(policy, snapshot))
  return new Set([...groups.values()].flatMap((group) => keptInGroup(policy, group, now)))
}

const groupOf = ({ group }: Policy, { host, paths, tags }: Snapshot): string =>
  JSON.stringify([
    group.includes('host') ? host : '',
    group.includes('paths') ? paths.toSorted() : [],
    group.includes('tags') ? tags.toSorted() : [],
  ])

function keptInGroup(policy: Policy, group: readonly Snapshot[], now: Date): string[] {
  const newestFirst = group.toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime())
  const latest = newestFirst.find(({ takenAt }) => takenAt <= now) ?? newestFirst[0]
  const counted = Object.entries(buckets).map(([key, bucket]) => ({ bucket, left: policy[key as Keys] ?? 0, last: -1 }))
  const spans = Object.entries(withinBuckets).flatMap(([key, bucket]) => {
    const span = policy[key as Within]
    return span === undefined || latest === undefined ? [] : [{ bucket, since: before(latest, span), last: -1 }]
  })
  const since = policy.keepWithin === undefined || latest === undefined ? undefined : before(latest, policy.keepWithin)
  return newestFirst
    .filter((snapshot, at) => {
      const takenMs = snapshot.takenAt.getTime()
      const isOldest = at === newestFirst.length - 1
      let keep = policy.keepTags.some((tag) => snapshot.tags.includes(tag)) || (since !== undefined && takenMs > since)
      for (const rule of counted) {
        if (rule.left === 0) continue
        const value = rule.bucket(localOf(snapshot), at)
        // The oldest is kept while a rule has counts left, so that the history reaches back as far as it can.
        if (value === rule.last && !isOldest) continue
        keep = true
        rule.last = value
        rule.left -= 1
      }
      for (const rule of spans) {
        const value = rule.bucket(localOf(snapshot), at)
        if (takenMs <= rule.since || (value === rule.last && !isOldest)) continue
        keep = true
        rule.last = value
      }
      return keep
    })
    .map(({ id }) => id)
}

/** The clock on the wall where the snapshot was taken, read as if it were UTC. */
const localOf = ({ takenAt, offsetMinutes = 0 }: Pick<Snapshot, 'takenAt' | 'offsetMinutes'>): Date =>
  new Date(takenAt.getTime() + offsetMinutes * 60_000)

type Bucket = (local: Date, at: number) => number
const year: Bucket = (local) => local.getUTCFullYear()
const month: Bucket = (local) => year(local, 0) * 100 + local.getUTCMonth()
const day: Bucket = (local) => month(local, 0) * 100 + local.getUTCDate()
const hour: Bucket = (local) => day(local, 0) * 100 + local.getUTCHours()
const week: Bucket = (local) => {
  // ISO 8601: a week belongs to the year of its Thursday.
  const thursday = new Date(local.getTime() + (3 - ((local.getUTCDay() + 6) % 7)) * 86_400_000)
  const firstDay = Date.UTC(thursday.getUTCFullYear(), 0, 1)
  return thursday.getUTCFullYear() * 100 + Math.floor((thursday.getTime() - firstDay) / 604_800_000)
}
const buckets: { readonly [key in Keys]: Bucket } = {
  keepLast: (_, at) => at,
  keepHourly: hour,
  keepDaily: day,
  keepWeekly: week,
  keepMonthly: month,
  keepYearly: year,
}
const withinBuckets: { readonly [key in Within]: Bucket } = {
  keepWithinHourly: hour,
  keepWithinDaily: day,
  keepWithinWeekly: week,
  keepWithinMonthly: month,
  keepWithinYearly: year,
}

/** The instant so long before a snapshot; months and years by the calendar, too many days running over as in Go and here. */
function before(latest: Snapshot, span: string): number {
  const of = (unit: string): number => Number(new RegExp(`(\\d+)${unit}`).exec(span)?.[1] ?? 0)
  const local = localOf(latest)
  const moved = new Date(local)
  moved.setUTCFullYear(local.getUTCFullYear() - of('y'), local.getUTCMonth() - of('m'), local.getUTCDate() - of('d'))
  return moved.getTime() - of('h') * 3_600_000 - (latest.offsetMinutes ?? 0) * 60_000
}
