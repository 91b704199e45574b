/** Whether two standings tell the same figures: then the older object stays, and whoever kept something for it need not look. */
import { keyOf } from '../../model/set-name.ts'
import type { RepositoryStanding, SetStanding } from '../../model/standing.ts'
import type { App } from '../context.ts'
import type { Judged } from './judge.ts'

export interface Kept<T> extends Judged<T> {
  /** What it was judged from, and when. */
  readonly known: unknown
  readonly config: App['config']
  readonly from: number
}

/** Judged from the same, and time changed nothing since. */
export const isGoodFor = (kept: Kept<unknown> | undefined, known: unknown, config: App['config'], now: Date): boolean =>
  kept !== undefined &&
  kept.known === known &&
  kept.config === config &&
  now.getTime() >= kept.from &&
  now.getTime() < kept.until

/** The new one, with the objects of the old one where they say the same. */
export const keep = <T extends object>(fresh: Kept<T>, old: Kept<T> | undefined): Kept<T> => ({
  ...fresh,
  standing: older(old?.standing, fresh.standing),
  totals: older(old?.totals, fresh.totals),
})

/** As `keep`, also for what is within: of thousands of sets nothing has to be looked at twice. */
export function keepRepository(fresh: Kept<RepositoryStanding>, old: Kept<RepositoryStanding> | undefined) {
  if (old === undefined) return fresh
  const sets = olderSets(old.standing.sets, fresh.standing.sets)
  const operations = older(old.standing.operations, fresh.standing.operations)
  const bare = (standing: RepositoryStanding) => ({ ...standing, sets: [], operations: [] })
  const isOld =
    sets === old.standing.sets &&
    operations === old.standing.operations &&
    figures(bare(old.standing)) === figures(bare(fresh.standing))
  const standing = isOld ? old.standing : { ...fresh.standing, sets, operations }
  return { ...fresh, standing, totals: older(old.totals, fresh.totals) }
}

/** The old one where it says the same. */
const older = <T extends object>(old: T | undefined, fresh: T): T =>
  old !== undefined && figures(old) === figures(fresh) ? old : fresh

/** All but the words, which grow older by the minute. */
const figures = (standing: object): string =>
  JSON.stringify(standing, (key, value) =>
    key === 'reason' || key === 'lateMs' || key === 'aheadMs' ? undefined : value,
  )

export const olderList = <T>(old: readonly T[], fresh: readonly T[]): readonly T[] =>
  old.length === fresh.length && old.every((item, at) => item === fresh[at]) ? old : fresh

/** As `older`, for what may be thousands: only what metrics tell of a set is looked at. */
const olderSets = (old: readonly SetStanding[], fresh: readonly SetStanding[]) =>
  old.length === fresh.length && old.every((set, at) => isSameSet(set, fresh[at] as SetStanding)) ? old : fresh

const isSameSet = (a: SetStanding, b: SetStanding): boolean =>
  keyOf(a.set) === keyOf(b.set) &&
  a.set.snapshots === b.set.snapshots &&
  a.set.newestId === b.set.newestId &&
  a.set.newestAt.getTime() === b.set.newestAt.getTime() &&
  a.set.sizeBytes === b.set.sizeBytes &&
  a.set.files === b.set.files &&
  a.verdict.state === b.verdict.state &&
  a.expectation?.source === b.expectation?.source &&
  a.expectation?.confidence === b.expectation?.confidence &&
  deadlineOf(a) === deadlineOf(b)

const deadlineOf = ({ verdict }: SetStanding): number | undefined =>
  'expectedBefore' in verdict ? verdict.expectedBefore?.getTime() : undefined
