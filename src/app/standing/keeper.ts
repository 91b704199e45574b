/** Keeps how everything stands: only what changed in ledger, configuration or time is looked up and judged again. */
import { setImmediate } from 'node:timers/promises'
import type { OpenRun } from '../../ledger/ledger.ts'
import type { Problem } from '../../model/problem.ts'
import type { JobStanding, RepositoryStanding, SetStanding, Standing } from '../../model/standing.ts'
import { version } from '../../system/version.ts'
import type { App } from '../context.ts'
import { interruptedRun, isDead } from '../recover.ts'
import { type Judged, judgedJob, judgedRepository, type Totals } from './judge.ts'
import { type JobKnown, learn, nothingKnown } from './known.ts'
import { stripsOf } from './strips.ts'

export interface StandingExtras {
  readonly configProblem?: Problem
  readonly configLoadedAt: Date
  /** Last sign of life, by job; only the process that runs them knows. */
  readonly progressAt?: ReadonlyMap<string, Date>
}

export interface StandingKeeper {
  /** All there is to tell, in the words of this moment. */
  whole(app: App, extras: StandingExtras): Promise<Standing>
  /**
   * What metrics tell. What did not change is the same object as before, also within (`sets`, `totals`): its states and
   * times are those of now, its words may be older. Strips and lanes are empty.
   */
  figures(app: App, extras: StandingExtras): Promise<Standing>
}

interface Kept<T> extends Judged<T> {
  /** What it was judged from. */
  readonly known: unknown
  readonly config: App['config']
  readonly from: number
}

/** Nothing else is answered for longer than this. */
const sliceMs = 5

export function openStandings(): StandingKeeper {
  const known = nothingKnown()
  const jobs = new Map<string, Kept<JobStanding>>()
  const repositories = new Map<string, Kept<RepositoryStanding>>()
  let before: Pick<Standing, 'repositories' | 'jobs' | 'totals'> = { repositories: [], jobs: [], totals: [] }
  /** One question after the other: two that learn at once would forget what the other learnt. */
  let turn: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  /** A run that died and was not closed yet is no running one, and counts as it will read. */
  const factsOf = (name: string): JobKnown | undefined => {
    const facts = known.jobs.get(name)
    const dead = known.open.filter((one) => one.run.job === name && one.run.operation === 'backup' && isDead(one))
    if (facts === undefined || dead.length === 0) return facts
    const runs = dead.map(interruptedRun).reverse()
    return { ...facts, ...(runs[0] && { last: runs[0] }), failures: [...runs, ...facts.failures] }
  }

  const judge = function* (app: App, { progressAt }: StandingExtras, now: Date): Generator<void> {
    const { config } = app
    const open = openBackups(known.open)
    for (const [name, job] of Object.entries(config.jobs)) {
      const facts = factsOf(name)
      if (facts === undefined) continue
      const kept = jobs.get(name)
      if (isGoodFor(kept, facts, config, now) && !open.has(name)) continue
      const judged = judgedJob(app, name, job, facts, open.get(name), progressAt?.get(name), now)
      jobs.set(
        name,
        keep({ ...judged, known: facts, config, from: now.getTime() }, kept, (a, b) => figure(a) === figure(b)),
      )
      yield
    }
    for (const name of Object.keys(config.repositories)) {
      const facts = known.repositories.get(name)
      if (facts === undefined) continue
      const kept = repositories.get(name)
      if (isGoodFor(kept, facts, config, now)) continue
      const judged = judgedRepository(app, name, facts, now)
      const sets =
        kept !== undefined && sameSets(kept.standing.sets, judged.standing.sets)
          ? kept.standing.sets
          : judged.standing.sets
      const one = { ...judged, standing: { ...judged.standing, sets }, known: facts, config, from: now.getTime() }
      repositories.set(
        name,
        keep(one, kept, (a, b) => a.sets === b.sets && figure({ ...a, sets: [] }) === figure({ ...b, sets: [] })),
      )
      yield
    }
  }

  return {
    figures: (app, extras) =>
      inTurn(async () => {
        await learn(app, known)
        const now = app.now()
        await sliced(judge(app, extras, now))
        const judgedJobs = Object.keys(app.config.jobs).flatMap((name) => jobs.get(name) ?? [])
        const judgedRepositories = Object.keys(app.config.repositories).flatMap((name) => repositories.get(name) ?? [])
        for (const [all, kept] of [
          [app.config.jobs, jobs],
          [app.config.repositories, repositories],
        ] as const)
          for (const name of kept.keys()) if (!Object.hasOwn(all, name)) kept.delete(name)
        before = {
          jobs: sameItems(
            before.jobs,
            judgedJobs.map(({ standing }) => standing),
          ),
          repositories: sameItems(
            before.repositories,
            judgedRepositories.map(({ standing }) => standing),
          ),
          totals: sameItems(
            before.totals,
            [...judgedJobs, ...judgedRepositories].flatMap(({ totals }) => totals),
          ),
        }
        return { ...before, ...rest(app, extras, now) }
      }),
    whole: (app, extras) =>
      inTurn(async () => {
        await learn(app, known)
        const now = app.now()
        const strips = await stripsOf(app, now)
        const lanes = Map.groupBy(await app.ledger.lanes(), ({ repository }) => repository)
        const open = openBackups(known.open)
        const all: { jobs: JobStanding[]; repositories: RepositoryStanding[]; totals: Totals[number][] } = {
          jobs: [],
          repositories: [],
          totals: [],
        }
        await sliced(
          (function* () {
            for (const [name, job] of Object.entries(app.config.jobs)) {
              const facts = factsOf(name)
              if (facts === undefined) continue
              const { standing, totals } = judgedJob(
                app,
                name,
                job,
                facts,
                open.get(name),
                extras.progressAt?.get(name),
                now,
              )
              all.jobs.push(standing)
              all.totals.push(...totals)
              yield
            }
            for (const name of Object.keys(app.config.repositories)) {
              const facts = known.repositories.get(name)
              if (facts === undefined) continue
              const shown = { strip: strips(name), lanes: lanes.get(name) ?? [] }
              const { standing, totals } = judgedRepository(app, name, facts, now, shown)
              all.repositories.push(standing)
              all.totals.push(...totals)
              yield
            }
          })(),
        )
        return { ...all, ...rest(app, extras, now) }
      }),
  }
}

/** The oldest living one of each job. */
const openBackups = (open: readonly OpenRun[]): ReadonlyMap<string | undefined, OpenRun> =>
  new Map(
    open
      .filter((one) => one.run.operation === 'backup' && !isDead(one))
      .map((one) => [one.run.job, one] as const)
      .reverse(),
  )

const rest = (app: App, { configProblem, configLoadedAt }: StandingExtras, now: Date) => ({
  now,
  version,
  ...(app.ledger.degraded && { ledgerProblem: app.ledger.degraded }),
  ...(configProblem && { configProblem }),
  configLoadedAt,
})

/** Lets others be answered in between. */
async function sliced(steps: Iterable<void>): Promise<void> {
  let begun = performance.now()
  for (const _ of steps) {
    if (performance.now() - begun < sliceMs) continue
    await setImmediate()
    begun = performance.now()
  }
}

/** Judged from the same, and time changed nothing since. */
const isGoodFor = (kept: Kept<unknown> | undefined, known: unknown, config: App['config'], now: Date): boolean =>
  kept !== undefined &&
  kept.known === known &&
  kept.config === config &&
  now.getTime() >= kept.from &&
  now.getTime() < kept.until

/** The new one, with the objects of the old one wherever they say the same. */
function keep<T>(fresh: Kept<T>, old: Kept<T> | undefined, isSame: (a: T, b: T) => boolean): Kept<T> {
  if (old === undefined) return fresh
  return {
    ...fresh,
    standing: isSame(old.standing, fresh.standing) ? old.standing : fresh.standing,
    totals: JSON.stringify(old.totals) === JSON.stringify(fresh.totals) ? old.totals : fresh.totals,
  }
}

/** All but the words, which grow older by the minute. */
const figure = (standing: object): string =>
  JSON.stringify(standing, (key, value) =>
    key === 'reason' || key === 'lateMs' || key === 'aheadMs' ? undefined : value,
  )

const sameItems = <T>(old: readonly T[], fresh: readonly T[]): readonly T[] =>
  old.length === fresh.length && old.every((item, at) => item === fresh[at]) ? old : fresh

const timeOf = ({ verdict }: SetStanding): number | undefined =>
  'expectedBefore' in verdict ? verdict.expectedBefore?.getTime() : undefined

const sameSets = (old: readonly SetStanding[], fresh: readonly SetStanding[]): boolean =>
  old.length === fresh.length &&
  old.every((a, at) => {
    const b = fresh[at] as SetStanding
    return (
      a.set.newestId === b.set.newestId &&
      a.set.snapshots === b.set.snapshots &&
      a.set.host === b.set.host &&
      a.set.user === b.set.user &&
      a.set.newestAt.getTime() === b.set.newestAt.getTime() &&
      a.set.sizeBytes === b.set.sizeBytes &&
      a.set.files === b.set.files &&
      a.verdict.state === b.verdict.state &&
      timeOf(a) === timeOf(b)
    )
  })
