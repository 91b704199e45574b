/**
 * What `borg prune` keeps. It differs from restic: each rule counts only what no rule before it keeps, the span is seen from now and
 * not from the newest, and a rule keeps the oldest only when it has a count left in the end.
 * Source: borg 1.2 and 1.4 `helpers/misc.py`, `prune_within` and `prune_split`.
 */
import type { Snapshot } from '../../model/snapshot.ts'
import { type Bucket, type CountKey, countBuckets, localOf } from './buckets.ts'

type Rules = { readonly [key in CountKey]?: number | undefined } & { readonly keepWithin?: string | undefined }

/** borg's months have 31 days, its years 365. */
const hours: Readonly<Record<string, number>> = { h: 1, d: 24, m: 24 * 31, y: 24 * 365 }

/** @returns Ids of those among `snapshots` that are kept. */
export function keptByBorg(rules: Rules, snapshots: readonly Snapshot[], now: Date): string[] {
  const newestFirst = snapshots.toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime())
  const kept = new Set<string>()
  if (rules.keepWithin !== undefined) {
    const since = now.getTime() - hoursOf(rules.keepWithin) * 3_600_000
    for (const { id, takenAt } of newestFirst) if (takenAt.getTime() > since) kept.add(id)
  }
  for (const [key, bucket] of Object.entries(countBuckets))
    keepSplit(newestFirst, key === 'keepLast' ? second : bucket, rules[key as CountKey] ?? 0, kept)
  return [...kept]
}

/** The newest of each period that no earlier rule keeps, up to a number; and the oldest where that was not reached. */
function keepSplit(newestFirst: readonly Snapshot[], bucket: Bucket, most: number, kept: Set<string>): void {
  let [left, last] = [most, -1]
  if (left === 0) return
  for (const snapshot of newestFirst) {
    const period = bucket(localOf(snapshot), 0)
    if (period === last) continue
    last = period
    if (kept.has(snapshot.id)) continue
    kept.add(snapshot.id)
    left -= 1
    if (left === 0) return
  }
  const oldest = newestFirst.at(-1)
  if (oldest !== undefined) kept.add(oldest.id)
}

/** To borg the last ones are the last of each second. */
const second: Bucket = (local) => Math.floor(local.getTime() / 1000)

const hoursOf = (span: string): number =>
  [...span.matchAll(/(\d+)([hdmy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (hours[unit ?? ''] ?? 0),
    0,
  )
