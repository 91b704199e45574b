/** The 30-day strip: what a backup set got, day by day. */
import type { Outcome } from '../model/run.ts'
import type { DayMark } from '../model/standing.ts'

const dayMs = 86_400_000

export type DayOf = (at: Date) => string

/** Snapshots of one moment; those of a day are added up. */
export interface Taken {
  readonly at: Date
  readonly snapshots: number
}

/**
 * Marks for the last `days` days, oldest first, in the days that `dayOf` names.
 *
 * A day with a snapshot counts as one even if another run failed on it; a warning shows where a run of that day left
 * something out; days before the first snapshot ever seen are `before`.
 */
export function stripOf(
  taken: readonly Taken[],
  runs: readonly { readonly at: Date; readonly outcome: Outcome }[],
  dayOf: DayOf,
  now: Date,
  days = 30,
): DayMark[] {
  const snapshots = new Map<string, number>()
  for (const { at, snapshots: count } of taken) snapshots.set(dayOf(at), (snapshots.get(dayOf(at)) ?? 0) + count)
  const marks = new Map<string, 'warning' | 'failed'>()
  for (const run of runs) {
    const day = dayOf(run.at)
    if (run.outcome === 'warning') marks.set(day, 'warning')
    else if (run.outcome !== 'ok' && run.outcome !== 'skipped' && !marks.has(day)) marks.set(day, 'failed')
  }
  const first = [...snapshots.keys(), ...marks.keys()].sort()[0]
  return lastDays(now, days, dayOf).map((day) => {
    const count = snapshots.get(day) ?? 0
    const mark = marks.get(day)
    if (count > 0) return { day, mark: mark === 'warning' ? 'warning' : 'snapshot', snapshots: count }
    if (mark === 'failed') return { day, mark: 'failed', snapshots: 0 }
    return { day, mark: first === undefined || day < first ? 'before' : 'none', snapshots: 0 }
  })
}

/** Days by name, so that a clock change neither doubles nor drops one. */
function lastDays(now: Date, days: number, dayOf: DayOf): string[] {
  const today = Date.parse(`${dayOf(now)}T12:00:00Z`)
  return Array.from({ length: days }, (_, at) => new Date(today - (days - 1 - at) * dayMs).toISOString().slice(0, 10))
}

/** Days of a zone, `2026-11-21`. */
export function dayFormat(zone: string): DayOf {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return (at) => format.format(at)
}
