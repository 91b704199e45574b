/** Room in a store: when it is full if it goes on like this, and whether somebody has to look now. Pure. */
import type { SpaceMeasure } from '../model/space.ts'
import { sayBytes, sayDuration } from '../model/units.ts'
import type { Verdict } from '../model/verdict.ts'

export interface SpacePoint {
  readonly at: Date
  readonly freeBytes: number
  readonly totalBytes: number
}

/** Less says nothing of how it goes on: a day has its own course, and one backup is no trend. */
const leastSpanMs = 24 * 3_600_000
const leastPoints = 6
/** Pairs of points are compared: enough for a trend, few enough to be quick. */
const mostPoints = 48
/** What is further away is no forecast. */
const farMs = 5 * 365 * 86_400_000

/**
 * The median of the slopes between all pairs (Theil and Sen): a prune or a single large backup does not tilt it.
 * @param points Oldest first.
 */
export function forecastFull(points: readonly SpacePoint[]): Date | undefined {
  const last = points.at(-1)
  if (last === undefined) return undefined
  // A store that was enlarged begins anew.
  const changedAt = points.findLastIndex(({ totalBytes }) => totalBytes !== last.totalBytes)
  const own = thinned(points.slice(changedAt + 1))
  const first = own[0]
  if (first === undefined || own.length < leastPoints || last.at.getTime() - first.at.getTime() < leastSpanMs)
    return undefined
  const slopes = own.flatMap((from, at) =>
    own.slice(at + 1).map((to) => (from.freeBytes - to.freeBytes) / Math.max(1, to.at.getTime() - from.at.getTime())),
  )
  const slope = slopes.sort((a, b) => a - b)[Math.floor(slopes.length / 2)] ?? 0
  const leftMs = last.freeBytes / slope
  return slope > 0 && leftMs < farMs ? new Date(last.at.getTime() + leftMs) : undefined
}

/** Evenly, the newest among them. */
function thinned(points: readonly SpacePoint[]): readonly SpacePoint[] {
  const step = Math.max(1, points.length / mostPoints)
  return points.filter(
    (_, at) =>
      Math.floor((points.length - 1 - at) / step) !== Math.floor((points.length - 2 - at) / step) ||
      at === points.length - 1,
  )
}

const usedShare = ({ freeBytes, totalBytes }: SpacePoint): number =>
  totalBytes <= 0 ? 1 : (totalBytes - freeBytes) / totalBytes

export interface SpaceFacts {
  readonly repository: string
  readonly last: SpaceMeasure
  /** Oldest first, the last good one included. */
  readonly points: readonly SpacePoint[]
  /** 0 to 1. */
  readonly alarm: number
  /** Somebody wants it watched: not to know is a matter then. */
  readonly isAsked: boolean
  readonly fullAt: Date | undefined
}

/** @returns Undefined while there is nothing to say. */
export function judgeSpace({ repository, last, points, alarm, isAsked, fullAt }: SpaceFacts): Verdict | undefined {
  const { problem, at } = last
  if (problem !== undefined)
    return isAsked
      ? { state: 'unreadable', since: at, problem, reason: problem.message, next: problem.next }
      : undefined
  const newest = points.at(-1)
  if (newest === undefined || usedShare(newest) <= alarm) return undefined
  const begin = points[points.findLastIndex((point) => usedShare(point) <= alarm) + 1] ?? newest
  const percent = (share: number): string => `${Math.floor(share * 100)} %`
  const soon =
    fullAt === undefined ? '' : `; full in ${sayDuration(fullAt.getTime() - at.getTime())} if it goes on like this`
  return {
    state: 'full',
    since: begin.at,
    reason: `${percent(usedShare(newest))} of the store of ${repository} is used (${sayBytes(newest.freeBytes)} free), more than ${percent(alarm)}${soon}`,
    next: 'Make room there: enlarge the store, shorten the retention and prune. Or raise `space.alarm` of the repository.',
  }
}
