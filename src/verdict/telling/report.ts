/** A report from how everything stands and what ran: what passes muster, what does not, what grew. Pure. */
import type { Entry, Figure, Message, Table } from '../../model/delivery.ts'
import type { Run } from '../../model/run.ts'
import type { JobStanding, RepositoryStanding, Standing } from '../../model/standing.ts'
import { setName, type Trouble } from '../../model/trouble.ts'
import { sayBytes } from '../../model/units.ts'
import { isFine } from '../../model/verdict.ts'
import { severityOf, tellable } from './incidents.ts'

export interface ReportFacts {
  readonly standing: Standing
  /** Runs that ended within the time it covers. */
  readonly runs: readonly Run[]
  /** Bytes of each repository when that time began; those not known are not there. */
  readonly sizesBefore: ReadonlyMap<string, number>
  readonly from: Date
  readonly to: Date
  readonly name: string
  readonly host: string
  readonly zone: string
  readonly link?: string
}

/** A report is read, not searched: the rest is counted. What is wrong is never left out. */
const mostRows = 60

export function reportMessage(facts: ReportFacts): Message {
  const { standing, to, host, link, zone } = facts
  const troubles = tellable(standing)
  const say = stampIn(zone)
  const judged = [
    ...standing.jobs.map(({ verdict }) => verdict),
    ...standing.repositories.flatMap(({ sets }) => sets.map(({ verdict }) => verdict)),
  ]
  const fine = judged.filter((verdict) => isFine(verdict)).length
  const isGood = troubles.length === 0
  return {
    kind: 'report',
    title: titleOf(facts.name, troubles.length, host),
    severity: isGood ? 'good' : troubles.some((one) => severityOf(one) === 'critical') ? 'critical' : 'warning',
    // As incidents are told: each with what to do.
    entries: troubles.map((trouble) => entryOf(trouble, to)),
    figures: figuresOf(facts, fine, judged.length, say),
    tables: [
      ...(standing.jobs.length === 0 ? [] : [jobTable(facts, say)]),
      ...(standing.repositories.length === 0 ? [] : [repositoryTable(facts)]),
      ...setTable(standing.repositories, say),
    ],
    host,
    at: to,
    ...(link !== undefined && { link }),
  }
}

const titleOf = (name: string, wrong: number, host: string): string =>
  `Report ${name}: ${wrong === 0 ? 'everything passes muster' : wrong === 1 ? '1 thing does not pass muster' : `${wrong} things do not pass muster`} (${host})`.slice(
    0,
    120,
  )

/** `2026-11-21 02:15` in the zone of the report. */
function stampIn(zone: string): (at: Date) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone: zone })
  return (at) => format.format(at)
}

function figuresOf(facts: ReportFacts, fine: number, all: number, say: (at: Date) => string): Figure[] {
  const { runs, from, to, zone } = facts
  const backups = runs.filter(({ operation }) => operation === 'backup')
  const good = backups.filter(({ outcome }) => outcome === 'ok').length
  const warned = backups.filter(({ outcome }) => outcome === 'warning').length
  const others = Map.groupBy(
    runs.filter(({ operation }) => operation !== 'backup'),
    ({ operation }) => operation,
  )
  const added = sumOf(backups.map(({ counters }) => counters?.addedBytes))
  return [
    { name: 'Time', value: `${say(from)} to ${say(to)} (${zone})` },
    { name: 'Pass muster', value: `${fine} of ${all} jobs and backup sets` },
    {
      name: 'Backups',
      value:
        backups.length === 0
          ? 'none ran'
          : [
              `${good} good`,
              ...(warned > 0 ? [`${warned} with a warning`] : []),
              ...(backups.length > good + warned ? [`${backups.length - good - warned} without success`] : []),
            ].join(', '),
    },
    ...[...others].map(([operation, of]) => {
      const failed = of.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'warning').length
      return {
        name: `Runs of ${operation}`,
        value: failed === 0 ? `${of.length}` : `${of.length}, ${failed} without success`,
      }
    }),
    ...(added === undefined ? [] : [{ name: 'Added by backups', value: sayBytes(added) }]),
  ]
}

/** Undefined where none is known: unknown is not 0. */
function sumOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0)
}

function entryOf(trouble: Trouble, now: Date): Entry {
  const { kind, name, within, state, since, lastGood, why, next } = trouble
  return {
    event: 'reminder',
    kind,
    name,
    ...(within !== undefined && { within }),
    state,
    severity: severityOf(trouble),
    reason: why,
    next,
    openedAt: since ?? now,
    ...(since && { since }),
    ...(lastGood && { lastGood }),
  }
}

function jobTable({ standing, runs }: ReportFacts, say: (at: Date) => string): Table {
  const ofJob = Map.groupBy(
    runs.filter(({ operation, job }) => operation === 'backup' && job !== undefined),
    ({ job }) => job,
  )
  return capped({
    title: 'Jobs',
    columns: ['job', 'state', 'last good', 'runs', 'added'],
    rows: worstFirst(standing.jobs).map((job) => {
      const mine = ofJob.get(job.name) ?? []
      const good = mine.filter(({ outcome }) => outcome === 'ok' || outcome === 'warning').length
      const added = sumOf(mine.map(({ counters }) => counters?.addedBytes))
      const last = job.operations.find(({ operation }) => operation === 'backup')?.lastSuccessAt
      return [
        job.name,
        job.verdict.state,
        last === undefined ? 'none known' : say(last),
        mine.length === good ? `${good}` : `${good} of ${mine.length} good`,
        added === undefined ? 'not known' : sayBytes(added),
      ]
    }),
  })
}

function repositoryTable({ standing, sizesBefore }: ReportFacts): Table {
  return capped({
    title: 'Repositories',
    columns: ['repository', 'snapshots', 'size', 'growth', 'free'],
    rows: standing.repositories.map(({ name, sets, size, space, lastReading }) => {
      const before = sizesBefore.get(name)
      return [
        lastReading?.problem === undefined ? name : `${name} (unreadable)`,
        lastReading === undefined ? 'not known' : String(sets.reduce((sum, { set }) => sum + set.snapshots, 0)),
        size === undefined ? 'not known' : sayBytes(size.sizeBytes),
        size === undefined || before === undefined ? 'not known' : signed(size.sizeBytes - before),
        space?.last.space === undefined ? 'not known' : sayBytes(space.last.space.freeBytes),
      ]
    }),
  })
}

/** Backup sets that something else writes: those of jobs stand with their jobs. */
function setTable(repositories: readonly RepositoryStanding[], say: (at: Date) => string): Table[] {
  const rows = repositories.flatMap(({ name, sets }) =>
    sets
      .filter(({ jobs }) => jobs.length === 0)
      .map(({ set, verdict }) => [
        `${setName(set)} in ${name}`,
        verdict.state,
        say(set.newestAt),
        String(set.snapshots),
      ]),
  )
  return rows.length === 0
    ? []
    : [capped({ title: 'Backup sets of others', columns: ['backup set', 'state', 'newest', 'snapshots'], rows })]
}

const worstFirst = (jobs: readonly JobStanding[]): readonly JobStanding[] =>
  jobs.toSorted((a, b) => Number(isFine(a.verdict)) - Number(isFine(b.verdict)))

const signed = (bytes: number): string => (bytes < 0 ? `−${sayBytes(-bytes)}` : `+${sayBytes(bytes)}`)

const capped = (table: Table): Table =>
  table.rows.length <= mostRows
    ? table
    : {
        ...table,
        title: `${table.title} (the first ${mostRows} of ${table.rows.length})`,
        rows: table.rows.slice(0, mostRows),
      }
