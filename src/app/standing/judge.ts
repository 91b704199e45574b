/** How one job or repository stands, from what is known of it, and until when time alone changes nothing about it. Pure. */

import { type SpaceSettings, spaceDefaults } from '../../config/schema/space.ts'
import { maskUrl } from '../../config/show.ts'
import type { Lane, OpenRun } from '../../ledger/ledger.ts'
import type { BackupSet } from '../../model/reading.ts'
import { type Operation, outcomes } from '../../model/run.ts'
import { keyOf, type SetName } from '../../model/set-name.ts'
import type { SpaceStanding } from '../../model/space.ts'
import type {
  DayMark,
  JobStanding,
  OperationStanding,
  RepositoryStanding,
  SetStanding,
  Standing,
} from '../../model/standing.ts'
import type { Verdict } from '../../model/verdict.ts'
import { aheadToleranceMs, judgeJob, judgeMissing, judgeSet } from '../../verdict/freshness.ts'
import { forecastFull, judgeSpace, type SpacePoint } from '../../verdict/space.ts'
import { judgeUpkeep } from '../../verdict/upkeep.ts'
import { toolOf } from '../access.ts'
import { type App, repositoryOf } from '../context.ts'
import { declaredFor, type Expected, expectationOf, jobsOf, missingSets, nextOf } from './expectation.ts'
import type { JobKnown, OperationKnown, RepositoryKnown } from './known.ts'
import type { Watched } from './watched.ts'

export type Totals = Standing['totals']

export interface Judged<T> {
  readonly standing: T
  readonly totals: Totals
  /** In milliseconds: from then on some figure, next instant or state is another one, though the ledger is the same. */
  readonly until: number
}

export function judgedJob(
  app: App,
  name: string,
  job: Watched,
  known: JobKnown,
  running: OpenRun | undefined,
  progressAt: Date | undefined,
  now: Date,
): Judged<JobStanding> {
  const verdict = judgeJob(
    {
      name,
      expectation: expectationOf(app, job),
      since: known.since,
      last: known.last,
      lastGood: known.lastGood,
      failures: known.failures,
      open: running?.run,
      // A sign of life of an earlier run says nothing about this one.
      progressAt:
        running !== undefined && progressAt !== undefined && progressAt >= running.run.startedAt
          ? progressAt
          : undefined,
      stallLimitMs: job.stallLimitMs,
      isTold: job.repository === undefined,
    },
    now,
  )
  const operations: Operation[] = [
    'backup',
    ...(job.forgets ? (['forget'] as const) : []),
    ...(known.operations.has('drill') ? (['drill'] as const) : []),
  ]
  const next = nextOf(app, job.schedule, job.timezone, now)
  const standing: JobStanding = {
    name,
    ...(job.repository !== undefined && { repository: job.repository }),
    ...(job.schedule !== undefined && { schedule: job.schedule }),
    verdict,
    operations: operations.map((operation) =>
      operationStanding(operation, known.operations.get(operation), operation === 'backup' ? next : undefined),
    ),
    ...(running && { running: { run: running.run, waiting: running.phase === 'waiting' } }),
  }
  const { repository = '' } = job
  const possible: Operation[] =
    job.repository === undefined ? ['backup'] : ['backup', ...(job.forgets ? (['forget'] as const) : []), 'drill']
  return {
    standing,
    totals: totalsOf(
      { job: name, repository },
      possible,
      known.totals.filter((total) => total.repository === repository),
    ),
    // While it runs, signs of life come at any time.
    until: running === undefined ? Math.min(stateUntil(verdict), next?.getTime() ?? Number.POSITIVE_INFINITY) : 0,
  }
}

function operationStanding(
  operation: Operation,
  known: OperationKnown | undefined,
  next: Date | undefined,
): OperationStanding {
  const verdict = judgeUpkeep(known?.last)
  return {
    operation,
    ...(verdict && { verdict }),
    ...(known?.last && { last: known.last }),
    ...(known?.lastSuccessAt && { lastSuccessAt: known.lastSuccessAt }),
    ...(next && { next }),
  }
}

/** What only pages show of a repository. */
export interface Shown {
  readonly strip: (set: SetName, jobs: readonly string[]) => readonly DayMark[]
  readonly lanes: readonly Lane[]
}

const nothingShown: Shown = { strip: () => [], lanes: [] }

export function judgedRepository(
  app: App,
  name: string,
  known: RepositoryKnown,
  now: Date,
  shown = nothingShown,
): Judged<RepositoryStanding> {
  const repository = repositoryOf(app, name)
  const { lastReading, lastGoodReading, size, locks } = known.facts
  const toolVersion = lastGoodReading?.toolVersion ?? lastReading?.toolVersion ?? known.toolVersion
  const space = spaceStanding(name, repository.space, known)
  const isYetToBeMade =
    repository.create && lastGoodReading === undefined && lastReading?.problem?.code.endsWith('.no-repository') === true
  let until = Number.POSITIVE_INFINITY
  const sets = known.facts.sets.map((seen): SetStanding => {
    const jobs = jobsOf(app, seen)
    const set = broughtUpToDate(app, seen, jobs, known)
    const expected = declaredFor(app, set, jobs) ?? learnedFor(known, set)
    const expectation = expected?.expectation
    const verdict = judgeSet({ set, expectation, lastReading, lastGoodReading }, now)
    until = Math.min(until, stateUntil(verdict))
    return {
      set,
      ...(expected && {
        expectation: {
          source: expected.source,
          ...(expectation?.kind === 'learned' && { confidence: expectation.confidence }),
        },
      }),
      verdict,
      jobs,
      strip: shown.strip(set, jobs),
    }
  })
  // While it cannot be read nobody knows what is there.
  const readWell = lastReading !== undefined && lastReading.problem === undefined
  const missing = (readWell ? missingSets(app, name, known.facts.sets) : []).map((match) => ({
    match,
    verdict: judgeMissing(match),
  }))
  const operations = (['prune', 'check', 'unlock', 'init'] as const).map((operation) => {
    const schedule = operation === 'prune' || operation === 'check' ? repository[operation]?.schedule : undefined
    const next = nextOf(app, schedule, undefined, now)
    until = Math.min(until, next?.getTime() ?? until)
    return operationStanding(operation, known.operations.get(operation), next)
  })
  const possible: Operation[] = [
    ...(repository.prune === undefined ? [] : (['prune'] as const)),
    ...(repository.check === undefined ? [] : (['check'] as const)),
    'init',
  ]
  return {
    standing: {
      name,
      tool: repository.tool,
      ...(toolVersion !== undefined && { toolVersion }),
      location: maskUrl(repository.url),
      ...(lastReading && { lastReading }),
      ...(lastGoodReading && { lastGoodReading }),
      ...(size && { size }),
      ...(locks && { locks }),
      ...(space && { space }),
      ...(isYetToBeMade && { isYetToBeMade }),
      sets,
      ...(missing.length > 0 && { missing }),
      findings: known.facts.findings,
      operations,
      lanes: shown.lanes.map(({ purpose, waiting, since }) => ({ purpose, waiting, since })),
    },
    totals: totalsOf({ repository: name }, possible, known.totals),
    until,
  }
}

/**
 * A tree that lives on has no new snapshot where its source did not change: a good backup that ended with what is there says
 * that it was up to date then.
 */
function broughtUpToDate(app: App, set: BackupSet, jobs: readonly string[], known: RepositoryKnown): BackupSet {
  if (jobs.length === 0 || toolOf(repositoryOf(app, set.repository).tool).namesTree !== true) return set
  const good = known.backups.find((run) => run.job !== undefined && jobs.includes(run.job))
  return good === undefined || good.startedAt <= set.newestAt ? set : { ...set, newestAt: good.startedAt }
}

function spaceStanding(
  repository: string,
  settings: SpaceSettings | undefined,
  { facts, spaces }: RepositoryKnown,
): SpaceStanding | undefined {
  const last = facts.space
  if (last === undefined || settings?.by === 'off') return undefined
  const points = spaces.flatMap(({ at, space }): SpacePoint[] => (space === undefined ? [] : [{ at, ...space }]))
  const fullAt = last.space === undefined ? undefined : forecastFull(points)
  const alarm = settings?.alarm ?? spaceDefaults.alarm
  const isAsked = settings !== undefined
  const verdict = judgeSpace({ repository, last, points, alarm, isAsked, fullAt })
  return { last, ...(fullAt && { fullAt }), ...(verdict && { verdict }) }
}

function learnedFor({ rhythms }: RepositoryKnown, set: BackupSet): Expected | undefined {
  const cadence = rhythms.get(keyOf(set))
  return cadence && { expectation: { kind: 'learned', ...cadence }, source: 'learned' }
}

/** When time alone changes the state: the clock reaches what is ahead, or passes a deadline. */
function stateUntil(verdict: Verdict): number {
  if (verdict.state === 'ahead') return verdict.newestAt.getTime() - aheadToleranceMs
  if (verdict.state === 'fresh' && verdict.expectedBefore !== undefined) return verdict.expectedBefore.getTime() + 1
  return Number.POSITIVE_INFINITY
}

/** Every operation that is possible with every outcome, so that its first failure is an increase and no birth. */
function totalsOf(
  owner: { readonly job?: string; readonly repository: string },
  possible: readonly Operation[],
  known: Totals,
): Totals {
  const keyOf = (total: { readonly operation: Operation; readonly outcome: string }): string =>
    `${total.operation} ${total.outcome}`
  const totals = new Map<string, Totals[number]>()
  for (const operation of possible)
    for (const outcome of outcomes) {
      const total = { ...owner, operation, outcome, runs: 0 }
      totals.set(keyOf(total), total)
    }
  for (const { operation, outcome, runs } of known) {
    const total = { ...owner, operation, outcome, runs }
    totals.set(keyOf(total), total)
  }
  return [...totals.values()]
}
