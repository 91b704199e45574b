/** What the ledger knows about repositories and jobs, as far as judging them needs it. Loaded again only when it changed. */
import type { Ledger, OpenRun, RepositoryFacts, RunHead } from '../../ledger/ledger.ts'
import type { Operation, Run } from '../../model/run.ts'
import type { SpaceMeasure } from '../../model/space.ts'
import { holdsRetention } from '../../verdict/shrink.ts'
import type { App } from '../context.ts'
import { taskOf } from '../tasks.ts'
import { type Rhythms, rhythmsOf } from './rhythms.ts'
import { watchedOf } from './watched.ts'

/** So many of the newest runs are asked for when a job fails, to count how often it did. */
const mostFailures = 100

/** The newest runs of one operation that ended. */
export interface OperationKnown {
  readonly last?: Run
  readonly lastSuccessAt?: Date
}

export interface JobKnown {
  /** Newest backup that came to an end of its own: not skipped, not cancelled. */
  readonly last?: Run
  /** Newest backup that made a snapshot. */
  readonly lastGood?: Run
  /** Runs since the last sound one: those that failed, and those whose snapshot is doubtful. Newest first; may be cut. */
  readonly failures: readonly Run[]
  /** Since when the job is known; asked for only while it never made a snapshot. */
  readonly since: Date
  readonly operations: ReadonlyMap<Operation, OperationKnown>
  readonly totals: readonly RunHead[]
}

export interface RepositoryKnown {
  readonly facts: RepositoryFacts
  readonly operations: ReadonlyMap<Operation, OperationKnown>
  /** Newest backups that made a snapshot and that nothing speaks against, of whatever job; newest first. */
  readonly backups: readonly Run[]
  /** By the newest backups of each outcome: a native reading starts no program that could tell. */
  readonly toolVersion?: string
  readonly totals: readonly RunHead[]
  /** Looks at the room in its store in the time that a forecast looks at; oldest first. */
  readonly spaces: readonly SpaceMeasure[]
  /** Of sets of which nobody said when they are due, by the configuration of `Known`. */
  readonly rhythms: Rhythms
}

export interface Known {
  /** Up to where changes are in here. */
  sequence: number
  /** What was learned depends on what is declared. */
  config?: App['config']
  open: readonly OpenRun[]
  readonly jobs: Map<string, JobKnown>
  readonly repositories: Map<string, RepositoryKnown>
}

export const nothingKnown = (): Known => ({ sequence: -1, open: [], jobs: new Map(), repositories: new Map() })

/** Brings what is known up to date with the ledger, for what is configured now; the rest is forgotten. */
export async function learn(app: App, known: Known): Promise<void> {
  const { config, ledger } = app
  const isOtherConfig = known.config !== config
  const watched = watchedOf(config)
  const isGrouped = !isOtherConfig || (await groupSets(app))
  const changes = await ledger.changesSince(known.sequence)
  const stale = (all: object, kept: ReadonlyMap<string, unknown>, changed: ReadonlySet<string>): string[] =>
    Object.keys(all).filter((name) => changed.has(name) || !kept.has(name))
  for (const [all, kept] of [
    [watched, known.jobs],
    [config.repositories, known.repositories],
  ] as const)
    for (const name of kept.keys()) if (!Object.hasOwn(all, name)) kept.delete(name)
  const jobs = stale(watched, known.jobs, changes.jobs)
  const repositories = stale(config.repositories, known.repositories, changes.repositories)
  if (jobs.length > 0) for (const [name, job] of await jobsKnown(app, jobs)) known.jobs.set(name, job)
  if (repositories.length > 0)
    for (const [name, one] of await repositoriesKnown(ledger, repositories, app.now()))
      known.repositories.set(name, one)
  for (const name of isOtherConfig ? Object.keys(config.repositories) : repositories) {
    const one = known.repositories.get(name)
    if (one !== undefined) known.repositories.set(name, { ...one, rhythms: await rhythmsOf(app, one.facts.sets) })
  }
  // Tried again at the next question.
  if (isGrouped) known.config = config
  if (changes.sequence !== known.sequence) known.open = await ledger.openRuns()
  known.sequence = changes.sequence
}

/** A disk that is full must not keep anybody from hearing how things stand. */
async function groupSets({ config, ledger, log }: App): Promise<boolean> {
  try {
    await ledger.groupSets(new Map(Object.entries(config.repositories).map(([name, { sets }]) => [name, sets.by])))
    return true
  } catch (error) {
    log.warn({ error: String(error) }, `backup sets cannot be told apart as configured: ${String(error)}`)
    return false
  }
}

async function jobsKnown(app: App, names: readonly string[]): Promise<Map<string, JobKnown>> {
  const heads = Map.groupBy(await app.ledger.runHeads('job', names), ({ job }) => job)
  const known = new Map<string, JobKnown>()
  for (const name of names) known.set(name, await jobKnown(app, name, heads.get(name) ?? []))
  return known
}

async function jobKnown(app: App, name: string, heads: readonly RunHead[], tries = 3): Promise<JobKnown> {
  const backups = newestFirst(heads.filter(({ operation }) => operation === 'backup'))
  const last = backups.find(isTelling)
  const lastGood = backups.find(isGood)
  const failures = last === undefined || isSound(last) ? [] : await failuresOf(app.ledger, name)
  // One ended between the two questions: what is older would say that all is well for a moment.
  if (last !== undefined && !isSound(last) && failures[0]?.id !== last.id && tries > 0) {
    const again = await app.ledger.runHeads('job', [name])
    return jobKnown(app, name, again, tries - 1)
  }
  const now = app.now()
  return {
    ...(last && { last }),
    ...(lastGood && { lastGood }),
    failures,
    since: lastGood === undefined ? (await app.ledger.scheduleMark(taskOf('backup', name), now)).since : now,
    operations: operationsOf(heads),
    totals: heads,
  }
}

async function failuresOf(ledger: Ledger, job: string): Promise<readonly Run[]> {
  const recent = await ledger.runs({ job, operation: 'backup', closedOnly: true, most: mostFailures })
  const tried = recent.filter(isTelling)
  const goodAt = tried.findIndex(isSound)
  return goodAt < 0 ? tried : tried.slice(0, goodAt)
}

/** A forecast looks back so far: some prunes and some weeks of backups. */
const forecastMs = 30 * 86_400_000

async function repositoriesKnown(
  ledger: Ledger,
  names: readonly string[],
  now: Date,
): Promise<Map<string, RepositoryKnown>> {
  const facts = await ledger.repositoryFacts(names)
  // Most have no store that tells its room: nothing is asked for them.
  const told = names.filter((name) => facts.get(name)?.space !== undefined)
  const spaces = told.length === 0 ? new Map() : await ledger.spaceSince(told, new Date(now.getTime() - forecastMs))
  const heads = Map.groupBy(await ledger.runHeads('repository', names), ({ repository }) => repository)
  return new Map(
    names.map((name): [string, RepositoryKnown] => {
      const own = heads.get(name) ?? []
      const version = newestFirst(own.filter(({ operation }) => operation === 'backup')).find(
        ({ toolVersion }) => toolVersion !== undefined,
      )?.toolVersion
      return [
        name,
        {
          facts: facts.get(name) ?? { sets: [], findings: [] },
          operations: operationsOf(own),
          backups: newestFirst(own.filter(({ operation }) => operation === 'backup')).filter(isSound),
          ...(version !== undefined && { toolVersion: version }),
          totals: own.filter(({ job }) => job === undefined),
          spaces: spaces.get(name) ?? [],
          rhythms: new Map(),
        },
      ]
    }),
  )
}

function operationsOf(heads: readonly RunHead[]): ReadonlyMap<Operation, OperationKnown> {
  const known = new Map<Operation, OperationKnown>()
  for (const [operation, own] of Map.groupBy(heads, (head) => head.operation)) {
    const runs = newestFirst(own)
    // An instant that was left out because the run before it still went on would hide how that one ended.
    const last = operation === 'backup' ? (runs.find(({ outcome }) => outcome !== 'skipped') ?? runs[0]) : runs[0]
    const success = runs.find(({ outcome }) => outcome === 'ok')
    known.set(operation, {
      ...(last && { last }),
      ...(success?.endedAt && { lastSuccessAt: success.endedAt }),
    })
  }
  return known
}

/** As the ledger orders runs. */
const newestFirst = (heads: readonly RunHead[]): Run[] =>
  heads
    .flatMap(({ newest }) => newest ?? [])
    .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? 1 : -1))

/** What did not start, or was ended because somebody wanted it, says nothing of how backups go. */
const isTelling = ({ outcome }: Pick<Run, 'outcome'>): boolean => outcome !== 'skipped' && outcome !== 'cancelled'

/** A snapshot was made, and nothing speaks against it. */
const isSound = (run: Run): boolean => isGood(run) && !holdsRetention(run.problem)

const isGood = (run: Run): boolean => run.outcome === 'ok' || run.outcome === 'warning'
