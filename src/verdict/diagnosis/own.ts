/** Which of Muster's own jobs, backup sets and repositories an alert is about, and how they stand. Pure. */
import type { SortedAlert } from '../../model/alert.ts'
import type { Part, PartState } from '../../model/diagnosis.ts'
import type { Run } from '../../model/run.ts'
import type { SetName } from '../../model/set-name.ts'
import type { JobStanding, RepositoryStanding, SetStanding, Standing } from '../../model/standing.ts'
import { setName } from '../../model/trouble.ts'
import type { Verdict, VerdictState } from '../../model/verdict.ts'

export interface Own {
  readonly parts: readonly Part[]
  /** Alerts that fire and are about something that is not known here. */
  readonly others: readonly SortedAlert[]
  /** Names of the repositories it is about. */
  readonly repositories: readonly string[]
}

/** A run says how it ended in its log: the last of it says why. */
const mostWords = 2_000

const states: Readonly<Record<VerdictState, PartState>> = {
  fresh: 'ok',
  late: 'missing',
  absent: 'missing',
  ahead: 'warning',
  failing: 'failed',
  stalled: 'failed',
  unreadable: 'unknown',
  // How it ends decides.
  running: 'unknown',
  suspect: 'warning',
  full: 'warning',
}

/** What of ours the alerts are about. What any of them is about that is nothing of ours is among `others`. */
export function ownParts(standing: Stands, alerts: readonly SortedAlert[]): Own {
  const found = alerts.map((alert) => ({ alert, of: partsOfAlert(standing, alert.labels) }))
  const parts = new Map(
    found.flatMap(({ of }) => of.parts).map((part) => [`${part.kind} ${part.repository} ${part.name}`, part]),
  )
  const repositories = new Set([
    ...found.flatMap(({ of }) => of.repositories),
    ...[...parts.values()].flatMap(({ repository }) =>
      repository === undefined || repository === '' ? [] : [repository],
    ),
  ])
  return {
    parts: [...parts.values()],
    repositories: [...repositories],
    others: found.filter(({ alert, of }) => alert.status === 'firing' && !of.isSure).map(({ alert }) => alert),
  }
}

type Stands = Pick<Standing, 'jobs' | 'repositories'>
type Labels = Readonly<Record<string, string>>

interface Match {
  readonly parts: readonly Part[]
  readonly repositories: readonly string[]
  /** Its labels name what it is about, and how that stands says whether the alert is right. */
  readonly isSure: boolean
}

/** Alerts of `muster rules` whose subject is looked at here. Others tell of Muster itself, of clocks, or of what never ran. */
const modelled = new Set([
  ...['MusterSetLate', 'MusterSetAhead', 'MusterSetsMissing', 'MusterJobLate', 'MusterJobNeverRan', 'MusterJobFailing'],
  ...['MusterJobInterrupted', 'MusterJobStalled', 'MusterJobWarnings', 'MusterGuardStopped', 'MusterCheckFailing'],
  ...['MusterUpkeepFailing', 'MusterRepositoryUnreadable', 'MusterHistoryFindings', 'MusterLockOld'],
  ...['MusterSpaceLow', 'MusterSpaceSoonFull'],
])

/**
 * Labels of Muster's own metrics are names of ours; `job` only where nothing else can be meant, since Prometheus calls what it scrapes so.
 * Any other value that happens to be a name of ours says where to look, and is no proof of anything.
 */
function partsOfAlert({ jobs, repositories }: Stands, labels: Labels): Match {
  const { alertname = '', operation } = labels
  const isOurs = alertname.startsWith('Muster')
  const isSure = !isOurs || modelled.has(alertname)
  const named = (key: string): readonly string[] =>
    [labels[key], labels[`exported_${key}`], labels[`muster_${key}`]].filter((value) => value !== undefined)
  const repository = repositories.filter(({ name }) => named('repository').includes(name))
  const job = jobs.filter(({ name }) => named('job').includes(name))
  const surely = job.filter(
    (one) =>
      isOurs ||
      one.name !== labels.job ||
      repository.some(({ name }) => name === one.repository) ||
      labels.exported_job !== undefined,
  )
  if (surely.length > 0)
    return {
      parts: surely.flatMap((one) => [jobPart(one), ...operationParts('job', one.name, one, operation)]),
      repositories: [],
      isSure,
    }
  if (repository.length > 0) {
    const [host] = named('host')
    return {
      parts: repository.flatMap((one) =>
        host === undefined ? allOf({ jobs }, one, operation) : setsOf(one, host, named('user')[0]),
      ),
      repositories: repository.map(({ name }) => name),
      isSure:
        isSure && (host === undefined || repository.some((one) => setsOf(one, host, named('user')[0]).length > 0)),
    }
  }
  const values = new Set(Object.values(labels).flatMap((value) => [value, value.replace(/:\d+$/, '')]))
  const byName = repositories.filter(({ name }) => values.has(name))
  return {
    parts: [
      ...jobs.filter(({ name }) => values.has(name)).map(jobPart),
      ...byName.flatMap((one) => allOf({ jobs }, one, operation)),
      ...repositories.flatMap((one) =>
        one.sets.filter(({ set }) => set.host !== '' && values.has(set.host)).map((set) => setPart(one, set)),
      ),
    ],
    repositories: byName.map(({ name }) => name),
    isSure: false,
  }
}

/** Itself, its jobs, and the sets that no job here writes. */
const allOf = (
  { jobs }: Pick<Standing, 'jobs'>,
  repository: RepositoryStanding,
  operation: string | undefined,
): Part[] => [
  repositoryPart(repository),
  ...operationParts('repository', repository.name, repository, operation),
  ...jobs.filter((job) => job.repository === repository.name).map(jobPart),
  ...repository.sets.filter((set) => set.jobs.length === 0).map((set) => setPart(repository, set)),
  ...(repository.missing ?? []).map(({ match, verdict }) => missingPart(repository.name, match, verdict)),
]

const setsOf = (repository: RepositoryStanding, host: string, user: string | undefined): Part[] =>
  repository.sets
    .filter(({ set }) => set.host === host && (user === undefined || set.user === user))
    .map((set) => setPart(repository, set))

/** Forgets, prunes, checks and drills that somebody has to look at, and the one that the alert names. */
function operationParts(
  kind: 'job' | 'repository',
  name: string,
  { operations }: Pick<JobStanding, 'operations'>,
  asked: string | undefined,
): Part[] {
  return operations.flatMap(({ operation, verdict, last, lastSuccessAt }): Part[] => {
    if (operation === 'backup' || (verdict === undefined && operation !== asked)) return []
    const ended = last?.endedAt
    return [
      {
        kind,
        name: `${operation} of ${name}`,
        state: verdict !== undefined ? 'failed' : ended === undefined ? 'unknown' : 'ok',
        ...(ended && { at: ended }),
        ...(verdict !== undefined && 'since' in verdict && { since: verdict.since }),
        ...(lastSuccessAt && { lastGood: lastSuccessAt }),
        ...(verdict !== undefined && last?.log !== undefined && { message: last.log.slice(-mostWords) }),
        ...(verdict !== undefined && last?.problem && { problem: last.problem }),
        source: 'ledger',
      },
    ]
  })
}

function jobPart({ name, repository, verdict, operations }: JobStanding): Part {
  const last = operations.find(({ operation }) => operation === 'backup')?.last
  return { ...partOf('job', name, repository ?? '', verdict), ...runFacts(last, verdict) }
}

function runFacts(last: Run | undefined, verdict: Verdict): Partial<Part> {
  if (last?.endedAt === undefined) return {}
  const { outcome, problem, log, endedAt } = last
  const at = { at: endedAt }
  if (outcome === 'ok' || outcome === 'skipped' || outcome === undefined) return at
  const words = log === undefined ? {} : { message: log.slice(-mostWords) }
  // The verdict of a run with warnings is fine: a snapshot is there. It is no success all the same.
  const state = outcome === 'warning' && verdict.state === 'fresh' ? ({ state: 'warning' } as const) : {}
  return { ...at, ...state, ...words, ...(problem && { problem }) }
}

function repositoryPart({ name, lastReading, lastGoodReading, findings, space }: RepositoryStanding): Part {
  const base = {
    kind: 'repository',
    name,
    repository: name,
    ...(lastReading && { at: lastReading.endedAt }),
    ...(lastGoodReading && { lastGood: lastGoodReading.endedAt }),
    source: 'ledger',
  } as const
  const [finding] = findings
  if (lastReading?.problem !== undefined) return { ...base, state: 'failed', problem: lastReading.problem }
  if (finding !== undefined) return { ...base, state: 'warning', message: finding.message, since: finding.foundAt }
  if (space?.verdict !== undefined) return { ...base, state: 'warning', message: space.verdict.reason }
  return { ...base, state: lastReading === undefined ? 'unknown' : 'ok' }
}

const setPart = (repository: RepositoryStanding, { set, verdict }: SetStanding): Part => ({
  ...partOf('backup set', setName(set as SetName), repository.name, verdict),
  node: set.host,
  at: set.newestAt,
})

const missingPart = (repository: string, match: string, verdict: Verdict): Part =>
  partOf('backup set', match === '*' ? 'any' : match, repository, verdict)

function partOf(kind: Part['kind'], name: string, repository: string, verdict: Verdict): Part {
  const since = 'since' in verdict ? verdict.since : 'expectedBefore' in verdict ? verdict.expectedBefore : undefined
  const isBad = states[verdict.state] !== 'ok'
  return {
    kind,
    name,
    ...(repository !== '' && { repository }),
    state: states[verdict.state],
    ...(isBad && since && { since }),
    ...('newestAt' in verdict && verdict.newestAt && { lastGood: verdict.newestAt }),
    ...('problem' in verdict && verdict.problem && { problem: verdict.problem }),
    // What to do about it is said already.
    ...(states[verdict.state] === 'missing' && {
      problem: {
        code: `verdict.${verdict.state}`,
        message: verdict.reason,
        next: verdict.next,
        retry: 'next-run' as const,
      },
    }),
    source: 'ledger',
  }
}
