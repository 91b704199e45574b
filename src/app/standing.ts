/** Gathers how everything stands, from the ledger and the configuration: what every outlet tells. */
import type { Job } from '../config/schema.ts'
import { maskUrl } from '../config/show.ts'
import type { OpenRun } from '../ledger/ledger.ts'
import type { Problem } from '../model/problem.ts'
import type { BackupSet } from '../model/reading.ts'
import { type Operation, outcomes, type Run } from '../model/run.ts'
import type { JobStanding, OperationStanding, RepositoryStanding, SetStanding, Standing } from '../model/standing.ts'
import { version } from '../system/version.ts'
import { deadlineAfter, type Expectation } from '../verdict/deadline.ts'
import { judgeJob, judgeSet } from '../verdict/freshness.ts'
import { nextAfter } from '../verdict/schedule/next.ts'
import { parseSchedule } from '../verdict/schedule/parse.ts'
import { stripOf } from '../verdict/strip.ts'
import { judgeUpkeep } from '../verdict/upkeep.ts'
import { type App, repositoryOf, zoneOf } from './context.ts'
import { interruptedRun, isDead } from './recover.ts'
import { taskOf } from './tasks.ts'

const stripDays = 30
const dayMs = 86_400_000

export interface StandingExtras {
  readonly configProblem?: Problem
  readonly configLoadedAt: Date
  /** Last sign of life of open runs, by id; only the process that runs them knows. */
  readonly progressAt?: ReadonlyMap<string, Date>
}

export async function standingOf(app: App, extras: StandingExtras): Promise<Standing> {
  const now = app.now()
  const open = await app.ledger.openRuns()
  const jobs = await Promise.all(
    Object.entries(app.config.jobs).map(([name, job]) => jobStanding(app, name, job, open, extras, now)),
  )
  const repositories = await Promise.all(
    Object.keys(app.config.repositories).map((name) => repositoryStanding(app, name, now)),
  )
  return {
    now,
    version,
    repositories,
    jobs,
    totals: await totalsOf(app),
    ...(app.ledger.degraded && { ledgerProblem: app.ledger.degraded }),
    ...(extras.configProblem && { configProblem: extras.configProblem }),
    configLoadedAt: extras.configLoadedAt,
  }
}

/** Every operation a job or repository has, with every outcome, so that its first failure is an increase and no birth. */
async function totalsOf(app: App): Promise<Standing['totals']> {
  const known = await app.ledger.totals()
  const owners = [
    ...Object.entries(app.config.jobs).flatMap(([job, { repository, retention }]) => [
      { job, repository, operation: 'backup' as const },
      ...(retention === undefined ? [] : [{ job, repository, operation: 'forget' as const }]),
    ]),
    ...Object.entries(app.config.repositories).flatMap(([repository, settings]) => [
      ...(settings.prune === undefined ? [] : [{ repository, operation: 'prune' as const }]),
      ...(settings.check === undefined ? [] : [{ repository, operation: 'check' as const }]),
    ]),
  ]
  const zeros = owners.flatMap((owner) => outcomes.map((outcome) => ({ ...owner, outcome, runs: 0 })))
  const keyOf = (total: { job?: string; repository: string; operation: string; outcome: string }) =>
    JSON.stringify([total.job, total.repository, total.operation, total.outcome])
  const totals = new Map<string, Standing['totals'][number]>(zeros.map((total) => [keyOf(total), total]))
  for (const total of known) {
    const here =
      total.job === undefined
        ? total.repository in app.config.repositories
        : app.config.jobs[total.job]?.repository === total.repository
    if (here) totals.set(keyOf(total), total)
  }
  return [...totals.values()]
}

export function expectationOf(app: App, job: Job): Expectation | undefined {
  if (job.maxAge !== undefined) return { kind: 'max-age', maxAgeMs: job.maxAge }
  return scheduled(job.schedule, job.timezone ?? zoneOf(app.config), job.grace + (job.jitter ?? 0))
}

function scheduled(text: string | undefined, zone: string, graceMs: number): Expectation | undefined {
  const schedule = text === undefined ? undefined : parseSchedule(text)
  return schedule?.ok === true ? { kind: 'schedule', schedule: schedule.value, zone, graceMs } : undefined
}

async function jobStanding(
  app: App,
  name: string,
  job: Job,
  open: readonly OpenRun[],
  extras: StandingExtras,
  now: Date,
): Promise<JobStanding> {
  const mine = open.filter(({ run }) => run.job === name && run.operation === 'backup')
  const running = mine.find((one) => !isDead(one))
  const recent = await app.ledger.runs({ job: name, operation: 'backup', closedOnly: true, most: 100 })
  // A run that died and was not closed yet is no running one.
  const tried = [...mine.filter(isDead).map(interruptedRun), ...recent.filter((run) => run.outcome !== 'skipped')]
  const lastGood =
    tried.find(isGood) ?? (await newest(app, { job: name, operation: 'backup', outcomes: ['ok', 'warning'] }))
  const goodAt = tried.findIndex(isGood)
  const progressAt = running === undefined ? undefined : extras.progressAt?.get(running.run.id)
  const verdict = judgeJob(
    {
      name,
      expectation: expectationOf(app, job),
      since: (await app.ledger.scheduleMark(taskOf('backup', name), now)).since,
      last: tried[0],
      lastGood,
      failures: goodAt < 0 ? tried : tried.slice(0, goodAt),
      open: running?.run,
      progressAt,
      stallLimitMs: job.stallLimit,
    },
    now,
  )
  const drilled = (await newest(app, { job: name, operation: 'drill' })) !== undefined
  const operations: Operation[] = [
    'backup',
    ...(job.retention === undefined ? [] : (['forget'] as const)),
    ...(drilled ? (['drill'] as const) : []),
  ]
  return {
    name,
    repository: job.repository,
    ...(job.schedule !== undefined && { schedule: job.schedule }),
    verdict,
    operations: await Promise.all(
      operations.map((operation) =>
        operationStanding(
          app,
          { job: name, operation },
          operation === 'backup' ? nextOf(app, job.schedule, job.timezone, now) : undefined,
        ),
      ),
    ),
    ...(running && { running: { run: running.run, waiting: running.phase === 'waiting' } }),
  }
}

const isGood = (run: Run): boolean => run.outcome === 'ok' || run.outcome === 'warning'

async function newest(
  app: App,
  filter: { job?: string; repository?: string; operation: Operation; outcomes?: Run['outcome'][] },
): Promise<Run | undefined> {
  const outcomesWanted = filter.outcomes?.flatMap((outcome) => outcome ?? [])
  const { outcomes: _, ...rest } = filter
  return (
    await app.ledger.runs({ ...rest, ...(outcomesWanted && { outcomes: outcomesWanted }), closedOnly: true, most: 1 })
  )[0]
}

async function operationStanding(
  app: App,
  filter: { job?: string; repository?: string; operation: Operation },
  next: Date | undefined,
): Promise<OperationStanding> {
  const last = await newest(app, filter)
  const success = last?.outcome === 'ok' ? last : await newest(app, { ...filter, outcomes: ['ok'] })
  const verdict = judgeUpkeep(last)
  return {
    operation: filter.operation,
    ...(verdict && { verdict }),
    ...(last && { last }),
    ...(success?.endedAt && { lastSuccessAt: success.endedAt }),
    ...(next && { next }),
  }
}

function nextOf(app: App, text: string | undefined, zone: string | undefined, now: Date): Date | undefined {
  const schedule = text === undefined ? undefined : parseSchedule(text)
  return schedule?.ok === true ? nextAfter(schedule.value, zone ?? zoneOf(app.config), now) : undefined
}

async function repositoryStanding(app: App, name: string, now: Date): Promise<RepositoryStanding> {
  const repository = repositoryOf(app, name)
  const lastReading = await app.ledger.lastReading(name)
  const lastGoodReading = lastReading?.problem === undefined ? lastReading : await app.ledger.lastReading(name, true)
  const [size, locks, sets, lanes] = await Promise.all([
    app.ledger.lastSize(name),
    app.ledger.lastLocks(name),
    app.ledger.sets(name),
    app.ledger.lanes(),
  ])
  const since = new Date(now.getTime() - (stripDays + 1) * dayMs)
  const taken = await app.ledger.snapshots(name, { since })
  const runs = await app.ledger.runs({ repository: name, operation: 'backup', closedOnly: true, since, most: 5000 })
  const toolVersion =
    lastGoodReading?.toolVersion ??
    lastReading?.toolVersion ??
    // A native reading starts no program; the last run of one tells.
    runs.find((run) => run.toolVersion !== undefined)?.toolVersion
  return {
    name,
    tool: repository.tool,
    ...(toolVersion !== undefined && { toolVersion }),
    location: maskUrl(repository.url),
    ...(lastReading && { lastReading }),
    ...(lastGoodReading && { lastGoodReading }),
    ...(size && { size }),
    ...(locks && { locks }),
    sets: sets.map((set): SetStanding => {
      const jobs = jobsOf(app, set)
      const mine = taken.filter((snapshot) => snapshot.host === set.host && snapshot.user === set.user)
      const verdict = judgeSet({ set, expectation: setExpectation(app, set, jobs), lastReading, lastGoodReading }, now)
      const strip = stripOf(
        mine.map((snapshot) => snapshot.takenAt),
        runs.filter((run) => run.job !== undefined && jobs.includes(run.job)),
        zoneOf(app.config),
        now,
        stripDays,
      )
      return { set, verdict, jobs, strip }
    }),
    operations: await Promise.all(
      (['prune', 'check', 'unlock', 'init'] as const).map((operation) => {
        const schedule = operation === 'prune' || operation === 'check' ? repository[operation]?.schedule : undefined
        return operationStanding(app, { repository: name, operation }, nextOf(app, schedule, undefined, now))
      }),
    ),
    lanes: lanes
      .filter((lane) => lane.repository === name)
      .map(({ purpose, waiting, since: from }) => ({ purpose, waiting, since: from })),
  }
}

/** Jobs of this configuration that write a set: same repository and host, run as this user. */
function jobsOf(app: App, set: BackupSet): string[] {
  return Object.entries(app.config.jobs)
    .filter(
      ([, job]) =>
        job.repository === set.repository &&
        (job.host ?? app.self.host) === set.host &&
        (set.user === '' || app.user === undefined || set.user === app.user),
    )
    .map(([name]) => name)
}

/** The expectation that asks first: a set that several jobs write is late when the most frequent of them is. */
function setExpectation(app: App, set: BackupSet, jobs: readonly string[]): Expectation | undefined {
  const own = jobs.flatMap((name) => {
    const job = app.config.jobs[name]
    const expectation = job === undefined ? undefined : expectationOf(app, job)
    const deadline = deadlineAfter(expectation, set.newestAt)
    return expectation === undefined || deadline === undefined ? [] : [{ expectation, deadline }]
  })
  const first = own.sort((a, b) => a.deadline.getTime() - b.deadline.getTime())[0]
  if (first !== undefined) return first.expectation
  const expect = repositoryOf(app, set.repository).expect
  if (expect === undefined) return undefined
  if (expect.maxAge !== undefined) return { kind: 'max-age', maxAgeMs: expect.maxAge }
  return scheduled(expect.schedule, expect.timezone ?? zoneOf(app.config), expect.grace)
}
