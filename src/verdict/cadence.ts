/**
 * How often a backup set gets a snapshot, from its own history. Rather none than a wrong one: a rhythm is believed only where
 * nearly every gap keeps it, and so long as it was watched that nights and weekends are among what was seen.
 */
import type { Taken } from '../model/snapshot.ts'

export interface Cadence {
  /** From the newest snapshot to the next. */
  readonly everyMs: number
  /** How much later than that still counts as the same rhythm. */
  readonly graceMs: number
  /** 0 to 1: how many gaps there are and how well they keep to it. */
  readonly confidence: number
  /** Gaps it was learned from. */
  readonly n: number
  readonly pattern: 'interval' | 'weekly'
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const weekMs = 7 * dayMs

/** Fewer gaps say nothing. */
const fewestGaps = 8
/** A rhythm shorter than this has to be watched over a whole week: it may rest at night or on weekends. */
const wholeDayMs = 18 * hourMs
const longEnoughMs = 8 * dayMs
/** Snapshots this close are one visit: several sources or tags, one after the other. */
const burstsMs = [0, 15 * minuteMs, 3 * hourMs]
/** The newest ones count more than what was long ago; a change of plan shows in them. */
const newestOnes = [24, 12, fewestGaps]
const all = Number.POSITIVE_INFINITY

/** So many of the newest are looked at, and so many of a set that gets several a day. */
export const usualTaken = 40
export const denseTaken = 400

/** Whether a week of such a set may be more than the usual number. */
export function isDense(newest: readonly Taken[]): boolean {
  const times = newest.map(timeOf)
  return newest.length >= usualTaken && Math.max(...times) - Math.min(...times) < usualTaken * wholeDayMs
}

/**
 * @param taken In any order; those that are gone from the repository too, as retention would look like a rhythm of its own.
 * @param newestAt Of the newest one that is there, which the next has to follow.
 */
export function learnCadence(taken: readonly Taken[], newestAt: Date): Cadence | undefined {
  const own = taken
    .filter(({ isRewritten }) => !isRewritten)
    .map((one) => ({ at: timeOf(one), seen: one.seenAt.getTime() }))
    .sort((a, b) => a.at - b.at)
  const times = own.map(({ at }) => at)
  // A snapshot shows only when its backup has ended and somebody has looked.
  const lagMs = (everyMs: number): number =>
    Math.max(0, ...own.slice(-10).map(({ at, seen }) => (seen - at <= everyMs / 2 ? seen - at : 0)))
  const found = rhythmIn(times, newestAt.getTime())
  if (found === undefined) return undefined
  return { ...found, graceMs: Math.ceil((found.graceMs + lagMs(found.everyMs)) / minuteMs) * minuteMs }
}

/** The first that fits: over all there is, by the week, over the newest alone. */
function rhythmIn(times: readonly number[], newestAt: number): Cadence | undefined {
  return intervalOf(times, all) ?? weeklyIn(times, newestAt) ?? first(newestOnes, (most) => intervalOf(times, most))
}

const intervalOf = (times: readonly number[], most: number): Cadence | undefined =>
  first(burstsMs, (burstMs) => intervalIn(times, burstMs, most))

function first<T>(ways: readonly number[], find: (way: number) => T | undefined): T | undefined {
  for (const way of ways) {
    const found = find(way)
    if (found !== undefined) return found
  }
  return undefined
}

/** A clock that ran ahead, or that nobody ever set, is no witness; when it was first seen is. */
function timeOf({ takenAt, seenAt }: Taken): number {
  const at = takenAt.getTime()
  return at > seenAt.getTime() + 2 * minuteMs || at < Date.UTC(2000) ? seenAt.getTime() : at
}

/** One after the other at about the same distance. */
function intervalIn(taken: readonly number[], burstMs: number, most: number): Cadence | undefined {
  const times = visits(taken, burstMs).slice(-(most + 1))
  const gaps = gapsOf(times)
  const n = gaps.length
  if (n < fewestGaps) return undefined
  const median = quantile(gaps, 0.5)
  if (median < Math.max(10 * minuteMs, 4 * burstMs)) return undefined
  const isShort = median < wholeDayMs
  if (isShort && (times.at(-1) as number) - (times[0] as number) < longEnoughMs) return undefined
  const off = gaps.map((gap) => Math.abs(gap - median))
  // Few gaps have to agree better: by chance, they often do a little.
  const regular = off.filter((one) => one <= median / (n < 16 ? 5 : 3))
  // One missed run in twenty is a missed run; one in seven would be a weekend.
  if (n - regular.length > Math.floor(n / 20)) return undefined
  // Between few gaps any pause may be one of many: it is waited for as well, or there is no rhythm.
  if (isShort && Math.max(...gaps) > 4 * median) return undefined
  const spread = isShort ? Math.max(...gaps.map((gap) => gap - median), ...regular) : Math.max(...regular)
  const everyMs = rounded(median)
  return {
    everyMs,
    graceMs: Math.max(everyMs / 4, 30 * minuteMs, Math.min(spread * (2 + 8 / n), isShort ? spread + everyMs : everyMs)),
    confidence: confidenceOf(regular.length / n, Math.max(...regular) / median, n),
    n,
    pattern: 'interval',
  }
}

/** At the same times of the same days, week after week: workdays only, twice a day. */
function weeklyIn(taken: readonly number[], newestAt: number): Cadence | undefined {
  const times = visits(taken, 3 * hourMs)
  const gaps = gapsOf(times)
  const n = gaps.length
  const [first, last] = [times[0], times.at(-1)]
  if (n < fewestGaps || first === undefined || last === undefined || last - first < 2 * weekMs + dayMs) return undefined
  const median = quantile(gaps, 0.5)
  const toleranceMs = Math.min(3 * hourMs, median / 4)
  if (toleranceMs < hourMs) return undefined
  const nearest = (at: number): number => Math.min(...times.map((one) => Math.abs(one - at)))
  const misses = times.flatMap((at) => [
    ...(at + weekMs <= last + toleranceMs ? [nearest(at + weekMs)] : []),
    ...(at - weekMs >= first - toleranceMs ? [nearest(at - weekMs)] : []),
  ])
  const met = misses.filter((one) => one <= toleranceMs)
  if (misses.length - met.length > Math.floor(misses.length / 15)) return undefined
  const nexts = [1, 2, 3].flatMap((weeks) => {
    const then = newestAt - weeks * weekMs
    const next = then < first - toleranceMs ? undefined : times.find((at) => at > then + toleranceMs)
    return next === undefined ? [] : [next - then]
  })
  if (nexts.length < 2) return undefined
  const spread = Math.max(...met)
  return {
    everyMs: rounded(Math.max(...nexts)),
    graceMs: Math.max(Math.min(median, dayMs) / 4, 2.5 * spread, hourMs),
    confidence: confidenceOf(met.length / misses.length, spread / median, n),
    n,
    pattern: 'weekly',
  }
}

/** The first of each visit. */
function visits(times: readonly number[], burstMs: number): number[] {
  const kept: number[] = []
  for (const at of times) if (kept.length === 0 || at - (kept.at(-1) as number) > burstMs) kept.push(at)
  return kept
}

const gapsOf = (times: readonly number[]): number[] =>
  times.slice(1).map((at, before) => at - (times[before] as number))

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0

const confidenceOf = (share: number, spread: number, n: number): number =>
  Math.round(100 * share * (1 - Math.min(1, spread)) * (n / (n + 3))) / 100

/** 23 h 58 min is a day to a person. */
function rounded(ms: number): number {
  for (const unit of [dayMs, hourMs, 15 * minuteMs]) {
    const whole = Math.round(ms / unit) * unit
    if (whole > 0 && Math.abs(whole - ms) <= ms / 50) return whole
  }
  return Math.round(ms / minuteMs) * minuteMs
}
