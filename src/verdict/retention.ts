/**
 * Which snapshots a policy keeps, as restic decides it, or borg. Nothing is forgotten by this: it only tells a forget from a
 * deletion.
 * Source: restic `internal/restic/snapshot_policy.go` (`internal/data/` since 0.19), `ApplyPolicy`.
 */
import type { Snapshot } from '../model/snapshot.ts'
import { keptByBorg } from './retention/borg.ts'
import { type Bucket, type CountKey, countBuckets, day, hour, localOf, month, week, year } from './retention/buckets.ts'

type Within = 'keepWithinHourly' | 'keepWithinDaily' | 'keepWithinWeekly' | 'keepWithinMonthly' | 'keepWithinYearly'

/** Counts as `keep-*`, spans as restic writes them (`2y5m7d3h`). */
export type Policy = { readonly [key in CountKey]?: number | undefined } & {
  readonly [key in Within | 'keepWithin']?: string | undefined
} & {
  readonly group: readonly ('host' | 'paths' | 'tags')[]
  readonly keepTags: readonly string[]
}

/** A policy and the snapshots it looks at: those of the host that have all the tags and all the paths; or those named so. */
export interface DeclaredPolicy {
  readonly policy: Policy
  readonly host?: string
  readonly tags: readonly string[]
  readonly paths: readonly string[]
  /** Only for what no other policy looks at. */
  readonly isFallback?: boolean
  /** Whose rules are counted by; default: restic's. */
  readonly rules?: 'borg' | undefined
  /** Only snapshots with such a name. */
  readonly names?: RegExp
}

export const looksAt = ({ host, tags, paths, names }: DeclaredPolicy, snapshot: Snapshot): boolean =>
  (names === undefined || (snapshot.name !== undefined && names.test(snapshot.name))) &&
  (host === undefined || snapshot.host === host) &&
  tags.every((tag) => snapshot.tags.includes(tag)) &&
  paths.every((path) => snapshot.paths.includes(path))

/** @returns Ids of those among `snapshots` that the policy keeps, group by group. */
export function keptBy(
  { policy, rules, names }: Pick<DeclaredPolicy, 'policy' | 'rules' | 'names'>,
  snapshots: readonly Snapshot[],
  now: Date,
): ReadonlySet<string> {
  // What is chosen by its name is one group.
  const groups = Map.groupBy(snapshots, (snapshot) => (names === undefined ? groupOf(policy, snapshot) : ''))
  const kept = rules === 'borg' ? keptByBorg : keptInGroup
  return new Set([...groups.values()].flatMap((group) => kept(policy, group, now)))
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
  const counted = Object.entries(countBuckets).map(([key, bucket]) => ({
    bucket,
    left: policy[key as CountKey] ?? 0,
    last: -1,
  }))
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
