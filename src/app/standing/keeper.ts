/** Keeps how everything stands: only what changed in ledger, configuration or time is looked up and judged again. */
import { setImmediate } from 'node:timers/promises'
import type { OpenRun } from '../../ledger/ledger.ts'
import type { Problem } from '../../model/problem.ts'
import type { JobStanding, RepositoryStanding, Standing } from '../../model/standing.ts'
import { version } from '../../system/version.ts'
import type { App } from '../context.ts'
import { interruptedRun, isDead } from '../recover.ts'
import { heartbeatOf } from '../telling/heartbeat.ts'
import { diagnosesOf } from './diagnoses.ts'
import { inboxOf } from './inbox.ts'
import { judgedJob, judgedRepository, type Totals } from './judge.ts'
import { type JobKnown, type Known, learn, nothingKnown } from './known.ts'
import { notifiersOf } from './notifiers.ts'
import { pushesOf } from './pushes.ts'
import { isGoodFor, type Kept, keep, keepRepository, olderList } from './same.ts'
import { stripsOf } from './strips.ts'
import { watchedOf } from './watched.ts'

export interface StandingExtras {
  readonly configProblem?: Problem
  readonly configLoadedAt: Date
  /** Last sign of life, by job; only the process that runs them knows. */
  readonly progressAt?: ReadonlyMap<string, Date>
  /** Bodies with alerts that are not sorted yet; likewise. */
  readonly backlog?: { readonly bodies: number; readonly bytes: number }
}

export interface StandingKeeper {
  /** All there is to tell, in the words of this moment. */
  whole(app: App, extras: StandingExtras): Promise<Standing>
  /**
   * What metrics tell. What did not change is the same object as before, also within (`sets`, `operations`): its states and
   * times are those of now, its words may be older. Strips and lanes are empty.
   */
  figures(app: App, extras: StandingExtras): Promise<Standing>
}

type Lists = Pick<Standing, 'repositories' | 'jobs' | 'totals'>

/** Nothing else is answered for longer than this. */
const sliceMs = 5

export function openStandings(): StandingKeeper {
  const known = nothingKnown()
  const kept = { jobs: new Map<string, Kept<JobStanding>>(), repositories: new Map<string, Kept<RepositoryStanding>>() }
  let before: Lists = { repositories: [], jobs: [], totals: [] }
  /** One question after the other: two that learn at once would forget what the other learnt. */
  let turn: Promise<unknown> = Promise.resolve()

  const inTurn = (app: App, extras: StandingExtras, gather: (now: Date) => Promise<Lists>): Promise<Standing> => {
    const mine = turn.then(async () => {
      await learn(app, known)
      const now = app.now()
      const heartbeat = await heartbeatOf(app)
      const told = {
        notifiers: await notifiersOf(app),
        pushes: await pushesOf(app),
        ...(await diagnosesOf(app)),
        ...(await inboxOf(app, extras.backlog)),
        ...(heartbeat && { heartbeat }),
      }
      return { ...(await gather(now)), ...aroundOf(app, extras, now), ...told }
    })
    turn = mine.catch(() => undefined)
    return mine
  }

  return {
    whole: (app, extras) => inTurn(app, extras, (now) => wholeOf(app, extras, known, now)),
    figures: (app, extras) =>
      inTurn(app, extras, async (now) => {
        await sliced(judge(app, extras, known, now, kept))
        const jobs = inOrder(watchedOf(app.config), kept.jobs)
        const repositories = inOrder(app.config.repositories, kept.repositories)
        before = {
          jobs: olderList(
            before.jobs,
            jobs.map(({ standing }) => standing),
          ),
          repositories: olderList(
            before.repositories,
            repositories.map(({ standing }) => standing),
          ),
          totals: olderList(
            before.totals,
            [...jobs, ...repositories].flatMap(({ totals }) => totals),
          ),
        }
        return before
      }),
  }
}

/** A run that died and was not closed yet is no running one, and counts as it will read. */
function jobFacts(known: Known, name: string): JobKnown | undefined {
  const facts = known.jobs.get(name)
  const dead = known.open.filter((one) => one.run.job === name && one.run.operation === 'backup' && isDead(one))
  if (facts === undefined || dead.length === 0) return facts
  const runs = dead.map(interruptedRun).reverse()
  return { ...facts, ...(runs[0] && { last: runs[0] }), failures: [...runs, ...facts.failures] }
}

/** Judges what is not good any more, a step a job or repository. */
function* judge(
  app: App,
  { progressAt }: StandingExtras,
  known: Known,
  now: Date,
  kept: { readonly jobs: Map<string, Kept<JobStanding>>; readonly repositories: Map<string, Kept<RepositoryStanding>> },
): Generator<void> {
  const { config } = app
  const open = openBackups(known.open)
  for (const [name, job] of Object.entries(watchedOf(config))) {
    const facts = jobFacts(known, name)
    const old = kept.jobs.get(name)
    // While it runs, signs of life come without the ledger.
    if (facts === undefined || (isGoodFor(old, facts, config, now) && !open.has(name))) continue
    const judged = judgedJob(app, name, job, facts, open.get(name), progressAt?.get(name), now)
    kept.jobs.set(name, keep({ ...judged, known: facts, config, from: now.getTime() }, old))
    yield
  }
  for (const name of Object.keys(config.repositories)) {
    const facts = known.repositories.get(name)
    const old = kept.repositories.get(name)
    if (facts === undefined || isGoodFor(old, facts, config, now)) continue
    const judged = judgedRepository(app, name, facts, now)
    kept.repositories.set(name, keepRepository({ ...judged, known: facts, config, from: now.getTime() }, old))
    yield
  }
}

/** As the configuration has them; what is not in it any more goes. */
function inOrder<T>(configured: object, kept: Map<string, T>): T[] {
  for (const name of kept.keys()) if (!Object.hasOwn(configured, name)) kept.delete(name)
  return Object.keys(configured).flatMap((name) => kept.get(name) ?? [])
}

async function wholeOf(app: App, { progressAt }: StandingExtras, known: Known, now: Date): Promise<Lists> {
  const strips = await stripsOf(app, now)
  const lanes = Map.groupBy(await app.ledger.lanes(), ({ repository }) => repository)
  const open = openBackups(known.open)
  const [jobs, repositories, all]: [JobStanding[], RepositoryStanding[], Totals[number][]] = [[], [], []]
  const steps = function* (): Generator<void> {
    for (const [name, job] of Object.entries(watchedOf(app.config))) {
      const facts = jobFacts(known, name)
      if (facts === undefined) continue
      const { standing, totals } = judgedJob(app, name, job, facts, open.get(name), progressAt?.get(name), now)
      jobs.push(standing)
      all.push(...totals)
      yield
    }
    for (const name of Object.keys(app.config.repositories)) {
      const facts = known.repositories.get(name)
      if (facts === undefined) continue
      const shown = { strip: strips(name), lanes: lanes.get(name) ?? [] }
      const { standing, totals } = judgedRepository(app, name, facts, now, shown)
      repositories.push(standing)
      all.push(...totals)
      yield
    }
  }
  await sliced(steps())
  return { jobs, repositories, totals: all }
}

/** The oldest living one of each job. */
const openBackups = (open: readonly OpenRun[]): ReadonlyMap<string | undefined, OpenRun> =>
  new Map(
    open
      .filter((one) => one.run.operation === 'backup' && !isDead(one))
      .map((one) => [one.run.job, one] as const)
      .reverse(),
  )

const aroundOf = (app: App, { configProblem, configLoadedAt }: StandingExtras, now: Date) => ({
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
