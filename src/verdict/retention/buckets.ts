/** Hours, days, weeks, months and years of snapshots, by the clock on the wall. */
import type { Snapshot } from '../../model/snapshot.ts'

export type CountKey = 'keepLast' | 'keepHourly' | 'keepDaily' | 'keepWeekly' | 'keepMonthly' | 'keepYearly'

/** The clock on the wall where the snapshot was taken, read as if it were UTC. */
export const localOf = ({ takenAt, offsetMinutes = 0 }: Pick<Snapshot, 'takenAt' | 'offsetMinutes'>): Date =>
  new Date(takenAt.getTime() + offsetMinutes * 60_000)

export type Bucket = (local: Date, at: number) => number
export const year: Bucket = (local) => local.getUTCFullYear()
export const month: Bucket = (local) => year(local, 0) * 100 + local.getUTCMonth()
export const day: Bucket = (local) => month(local, 0) * 100 + local.getUTCDate()
export const hour: Bucket = (local) => day(local, 0) * 100 + local.getUTCHours()
export const week: Bucket = (local) => {
  // ISO 8601: a week belongs to the year of its Thursday.
  const thursday = new Date(local.getTime() + (3 - ((local.getUTCDay() + 6) % 7)) * 86_400_000)
  const firstDay = Date.UTC(thursday.getUTCFullYear(), 0, 1)
  return thursday.getUTCFullYear() * 100 + Math.floor((thursday.getTime() - firstDay) / 604_800_000)
}
/** In the order that tools look at them. */
export const countBuckets: { readonly [key in CountKey]: Bucket } = {
  keepLast: (_, at) => at,
  keepHourly: hour,
  keepDaily: day,
  keepWeekly: week,
  keepMonthly: month,
  keepYearly: year,
}
