/** `muster status`: does it pass muster? One line a backup set or job, read in three seconds. */
import { type KeptFinding, numbered } from '../../model/history.ts'
import { type SetName, wholeName } from '../../model/set-name.ts'
import type { JobStanding, OperationStanding, RepositoryStanding, Standing } from '../../model/standing.ts'
import { type Trouble, troublesOf } from '../../model/trouble.ts'
import { sayDuration } from '../../model/units.ts'
import { isFine, type Verdict, type VerdictState } from '../../model/verdict.ts'
import { oneLine } from '../../system/text.ts'
import { paint, table } from './style.ts'

const colours: Record<VerdictState, 'green' | 'yellow' | 'red' | 'cyan'> = {
  fresh: 'green',
  running: 'cyan',
  late: 'red',
  ahead: 'red',
  absent: 'red',
  failing: 'red',
  unreadable: 'red',
  stalled: 'red',
  suspect: 'red',
  full: 'red',
}

const lamp = (verdict: Verdict): string =>
  paint(colours[verdict.state], `${isFine(verdict) ? '✓' : '✗'} ${verdict.state}`)

interface Line {
  readonly name: string
  readonly what: string
  readonly verdict: Verdict
  readonly next?: Date | undefined
}

/** @returns The table, what is wrong with what to do, and whether all is fine. */
export function renderStatus(standing: Standing, only: readonly string[] = []): { text: string; fine: boolean } {
  const wanted = (...names: string[]): boolean => only.length === 0 || names.some((name) => only.includes(name))
  const lines = [
    ...standing.jobs.filter((job) => wanted(job.name)).flatMap(jobLines),
    ...standing.repositories.flatMap((repository) => repositoryLines(repository, wanted)),
    ...troublesOf({ ...standing, jobs: [], repositories: [] })
      .filter(({ name }) => wanted(name))
      .map(outletLine),
  ]
  const ledger = standing.ledgerProblem
  const fine = lines.every(({ verdict }) => isFine(verdict)) && ledger === undefined
  const rows = lines.map(({ name, verdict, next, what }) => [
    lamp(verdict),
    oneLine(name),
    oneLine(what),
    newestOf(verdict, standing.now),
    next === undefined ? '' : `in ${sayDuration(next.getTime() - standing.now.getTime())}`,
    oneLine(verdict.reason),
  ])
  const fixes = lines
    .filter(({ verdict }) => !isFine(verdict))
    .map(({ name, verdict }) => `${paint('red', oneLine(name))}: → ${oneLine(verdict.next)}`)
  const text = [
    lines.length === 0
      ? 'Nothing to judge yet: no job, and no backup set has been seen.'
      : table(['verdict', 'what', 'repository', 'newest', 'next', 'why'], rows),
    ...fixes,
    ...(ledger === undefined ? [] : [`${paint('red', 'ledger')}: ${ledger.message}\n    → ${ledger.next}`]),
  ].join('\n')
  return { text, fine }
}

function jobLines({ name, repository = '-', verdict, operations }: JobStanding): Line[] {
  const next = operations.find(({ operation }) => operation === 'backup')?.next
  return [{ name: `job ${name}`, what: repository, verdict, next }, ...upkeepLines(operations, name, repository)]
}

function repositoryLines(repository: RepositoryStanding, wanted: (...names: string[]) => boolean): Line[] {
  const { name, lastReading } = repository
  const sets = repository.sets
    .filter(({ set }) => wanted(name, wholeName(set)))
    .map(({ set, verdict }): Line => ({ name: `set ${shownName(set)}`, what: name, verdict }))
  const missing = (repository.missing ?? [])
    .filter(({ match }) => wanted(name, match))
    .map(({ match, verdict }): Line => ({ name: match === '*' ? 'any set' : `set ${match}`, what: name, verdict }))
  sets.unshift(...missing)
  if (!wanted(name)) return sets
  // Where nothing is known yet, or all but damaged files was read, no set speaks for the repository.
  const mute =
    lastReading?.problem !== undefined && repository.sets.every(({ verdict }) => verdict.state !== 'unreadable')
  const own = mute
    ? [{ name: `repository ${name}`, what: name, verdict: unreadable(lastReading.problem, lastReading.endedAt) }]
    : []
  const room: Line[] =
    repository.space?.verdict === undefined
      ? []
      : [{ name: `room of ${name}`, what: name, verdict: repository.space.verdict }]
  return [
    ...own,
    ...repository.findings.map(findingLine),
    ...room,
    ...sets,
    ...upkeepLines(repository.operations, name, name),
  ]
}

/** With a dash where the tool knows no user; without a password nobody knows any name. */
export const shownName = (set: SetName): string =>
  set.host === '' && set.user === '' ? 'of all hosts' : wholeName({ ...set, user: set.user || '-' })

const outletLine = ({ kind, name, why, next, since = new Date(0) }: Trouble): Line => ({
  name: `${kind} ${name}`,
  what: '',
  verdict: { state: 'failing', since, failures: 1, reason: why, next },
})

const findingLine = ({ number, repository, message, next, foundAt }: KeptFinding): Line => ({
  name: `history of ${repository}`,
  what: repository,
  verdict: { state: 'suspect', since: foundAt, reason: message, next: numbered(next, number) },
})

/** Only what failed: a check that went well needs no line. */
const upkeepLines = (operations: readonly OperationStanding[], of: string, what: string): Line[] =>
  operations.flatMap(({ operation, verdict, next }) =>
    verdict === undefined ? [] : [{ name: `${operation} of ${of}`, what, verdict, next }],
  )

const unreadable = (problem: NonNullable<Standing['ledgerProblem']>, since: Date): Verdict => ({
  state: 'unreadable',
  since,
  problem,
  reason: problem.message,
  next: problem.next,
})

function newestOf(verdict: Verdict, now: Date): string {
  if (!('newestAt' in verdict) || verdict.newestAt === undefined) return '-'
  const ageMs = now.getTime() - verdict.newestAt.getTime()
  return ageMs < 0 ? `in ${sayDuration(-ageMs)}` : `${sayDuration(ageMs)} ago`
}
