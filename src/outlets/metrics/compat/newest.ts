import type { Snapshot } from '../../../model/snapshot.ts'

/** The one that claims the latest time. */
export const newestOf = (snapshots: readonly Snapshot[]): Snapshot | undefined =>
  snapshots.reduce<Snapshot | undefined>(
    (best, one) => (best === undefined || one.takenAt > best.takenAt ? one : best),
    undefined,
  )

/** Unix time in whole seconds. */
export const secondsOf = (time: Date | undefined): number | undefined => time && Math.floor(time.getTime() / 1000)
