/** The strips of 30 days, for whoever shows them; a scrape never does. */
import type { RepositoryDays } from '../../ledger/ledger.ts'
import { keyOf, type SetName } from '../../model/set-name.ts'
import type { DayMark } from '../../model/standing.ts'
import { type DayOf, dayFormat, stripOf } from '../../verdict/strip.ts'
import { type App, zoneOf } from '../context.ts'

const stripDays = 30
const dayMs = 86_400_000

export type StripOf = (set: SetName, jobs: readonly string[]) => readonly DayMark[]

/** @returns For each repository, how the days of a set look that these jobs write. */
export async function stripsOf(app: App, now: Date): Promise<(repository: string) => StripOf> {
  const since = new Date(now.getTime() - (stripDays + 1) * dayMs)
  const days = await app.ledger.days(Object.keys(app.config.repositories), since)
  const dayOf = remembered(dayFormat(zoneOf(app.config)))
  return (repository) => {
    const found: RepositoryDays = days.get(repository) ?? { snapshots: [], runs: [] }
    const taken = Map.groupBy(found.snapshots, keyOf)
    return (set, jobs) =>
      stripOf(
        taken.get(keyOf(set)) ?? [],
        found.runs.filter(({ job }) => job !== '' && jobs.includes(job)),
        dayOf,
        now,
        stripDays,
      )
  }
}

/** The same few thousand quarters of an hour come again with each repository, and naming a day costs more than finding it. */
function remembered(dayOf: DayOf): DayOf {
  const known = new Map<number, string>()
  return (at) => {
    const day = known.get(at.getTime()) ?? dayOf(at)
    known.set(at.getTime(), day)
    return day
  }
}
