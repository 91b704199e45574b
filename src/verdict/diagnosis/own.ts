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

/** By the labels that Muster's own metrics have; where an alert has none of these names, by any value that is a name of ours. */
export function ownParts(standing: Pick<Standing, 'jobs' | 'repositories'>, alerts: readonly SortedAlert[]): Own {
  const found = alerts.map((alert) => partsOfAlert(standing, alert.labels))
  const parts = new Map(
    found.flatMap((one) => one.parts).map((part) => [`${part.kind} ${part.repository} ${part.name}`, part]),
  )
  const repositories = new Set([
    ...found.flatMap((one) => one.repositories),
    ...[...parts.values()].flatMap(({ repository }) =>
      repository === undefined || repository === '' ? [] : [repository],
    ),
  ])
  return { parts: [...parts.values()], repositories: [...repositories] }
}

type Labels = Readonly<Record<string, string>>

function partsOfAlert(standing: Pick<Standing, 'jobs' | 'repositories'>, labels: Labels): Own {
  const named = (key: string): readonly string[] =>
    [labels[key], labels[`exported_${key}`], labels[`muster_${key}`]].filter((value) => value !== undefined)
  const { jobs, repositories } = standing
  const job = jobs.filter(({ name }) => named('job').includes(name))
  if (job.length > 0) return { parts: job.map(jobPart), repositories: [] }
  const repository = repositories.filter(({ name }) => named('repository').includes(name))
  const [host] = named('host')
  if (repository.length > 0)
    return {
      parts: repository.flatMap((one) =>
        host === undefined ? allOf(standing, one) : setsOf(one, host, named('user')[0]),
      ),
      repositories: repository.map(({ name }) => name),
    }
  const values = new Set(Object.values(labels).flatMap((value) => [value, value.replace(/:\d+$/, '')]))
  const byJob = jobs.filter(({ name }) => values.has(name))
  if (byJob.length > 0) return { parts: byJob.map(jobPart), repositories: [] }
  const byRepository = repositories.filter(({ name }) => values.has(name))
  if (byRepository.length > 0)
    return {
      parts: byRepository.flatMap((one) => allOf(standing, one)),
      repositories: byRepository.map(({ name }) => name),
    }
  return {
    parts: repositories.flatMap((one) =>
      one.sets.filter(({ set }) => set.host !== '' && values.has(set.host)).map((set) => setPart(one, set)),
    ),
    repositories: [],
  }
}

/** Itself, its jobs, and the sets that no job here writes. */
const allOf = ({ jobs }: Pick<Standing, 'jobs'>, repository: RepositoryStanding): Part[] => [
  repositoryPart(repository),
  ...jobs.filter((job) => job.repository === repository.name).map(jobPart),
  ...repository.sets.filter((set) => set.jobs.length === 0).map((set) => setPart(repository, set)),
  ...(repository.missing ?? []).map(({ match, verdict }) => missingPart(repository.name, match, verdict)),
]

const setsOf = (repository: RepositoryStanding, host: string, user: string | undefined): Part[] =>
  repository.sets
    .filter(({ set }) => set.host === host && (user === undefined || set.user === user))
    .map((set) => setPart(repository, set))

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
    source: 'ledger',
  }
}
