/** The newest of everything for many repositories or jobs at once: a few queries, each one step in an index a name. Portable SQL. */
import { setImmediate } from 'node:timers/promises'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Operation, Outcome } from '../../model/run.ts'
import type { SpaceMeasure } from '../../model/space.ts'
import type { Ledger, RepositoryFacts, RunHead } from '../ledger.ts'
import { fromReadingRow, fromRunRow, fromSpaceRow } from '../rows.ts'
import { unsealed } from '../seal.ts'
import type { ReadingRow, RunRow, SpaceRow, Tables } from '../tables.ts'
import { findingStore } from './findings.ts'
import { setsOf } from './history.ts'
import { later } from './readings.ts'

type Db = Kysely<Tables>

/** So many names a statement: enough to spare queries, few enough that others are answered between two. */
const mostNames = 64

export function headStore(db: Db): Pick<Ledger, 'repositoryFacts' | 'runHeads'> {
  return {
    async repositoryFacts(names) {
      const facts = new Map<string, RepositoryFacts>()
      for (const some of inParts(names)) {
        for (const [name, found] of await factsOf(db, some)) facts.set(name, found)
        await setImmediate()
      }
      return facts
    },
    async runHeads(of, names) {
      const heads: RunHead[] = []
      for (const some of inParts(names)) {
        heads.push(...(await headsOf(db, of, some)))
        await setImmediate()
      }
      return heads
    },
  }
}

function* inParts(names: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < names.length; at += mostNames) yield names.slice(at, at + mostNames)
}

async function factsOf(db: Db, names: readonly string[]): Promise<ReadonlyMap<string, RepositoryFacts>> {
  const good = await newest(db, names, sql`good = 1`)
  const bad = await newest(db, names, sql`good = 0`)
  const sized = await newest(db, names, sql`size_bytes is not null`)
  const last = new Map(names.map((name) => [name, later(good.get(name), bad.get(name))]))
  // Nearly every reading looks at the locks: only where the newest did not, an older one is looked for.
  const without = names.filter((name) => last.get(name) !== undefined && last.get(name)?.locks === undefined)
  const locked = [
    await newest(db, without, sql`good = 1 and locks is not null`),
    await newest(db, without, sql`good = 0 and locks is not null`),
  ] as const
  const sets = Map.groupBy(await setsOf(db, names), ({ repository }) => repository)
  const open = await findingStore(db).findings({ repositories: names, open: true })
  const findings = Map.groupBy(open, ({ repository }) => repository)
  const spaces = await newestSpaces(db, names)
  return new Map(
    names.map((name) => {
      const lastReading = last.get(name)
      const lastGoodReading = good.get(name)
      const size = sized.get(name)
      const looked = lastReading?.locks === undefined ? later(locked[0].get(name), locked[1].get(name)) : lastReading
      return [
        name,
        {
          ...(lastReading && { lastReading }),
          ...(lastGoodReading && { lastGoodReading }),
          ...(size?.sizeBytes !== undefined && { size: { at: size.endedAt, sizeBytes: size.sizeBytes } }),
          ...(looked?.locks && { locks: { at: looked.endedAt, locks: looked.locks } }),
          sets: sets.get(name) ?? [],
          findings: findings.get(name) ?? [],
          ...(spaces.has(name) && { space: spaces.get(name) as SpaceMeasure }),
        },
      ]
    }),
  )
}

const listOf = (names: readonly string[]) => sql.join(names)

/** The newest reading of each repository that meets a condition on columns of `reading`. */
async function newest(db: Db, names: readonly string[], condition: RawBuilder<unknown>) {
  if (names.length === 0) return new Map<string, never>()
  const { rows } = await sql<ReadingRow>`select reading.* from repository_change as known join reading on reading.id =
    (select id from reading where repository = known.repository and ${condition} order by started_at desc limit 1)
    where known.job = '' and known.repository in (${listOf(names)})`.execute(db)
  return new Map(rows.map((row) => [row.repository, fromReadingRow(row)]))
}

/** One step in the index for each. */
async function newestSpaces(db: Db, names: readonly string[]): Promise<ReadonlyMap<string, SpaceMeasure>> {
  if (names.length === 0) return new Map()
  const { rows } = await sql<SpaceRow>`select space.* from repository_change as known join space
    on space.repository = known.repository and space.at =
      (select at from space where repository = known.repository order by at desc limit 1)
    where known.job = '' and known.repository in (${listOf(names)})`.execute(db)
  return new Map(rows.map((row) => [row.repository, fromSpaceRow(row)]))
}

interface HeadRow extends RunRow {
  total_job: string
  total_repository: string
  total_operation: string
  total_outcome: string
  total_runs: number
  total_crc: number
}

async function headsOf(db: Db, of: 'job' | 'repository', names: readonly string[]): Promise<RunHead[]> {
  const { rows } = await sql<HeadRow>`select total.job as total_job, total.repository as total_repository,
    total.operation as total_operation, total.outcome as total_outcome, total.runs as total_runs, total.crc as total_crc, run.*
    from run_total as total left join run on run.id = (select id from run where run.repository = total.repository
    and run.job = total.job and run.operation = total.operation and run.outcome = total.outcome
    order by run.started_at desc, run.id desc limit 1) where total.${sql.ref(of)} in (${listOf(names)})`.execute(db)
  return rows.map(
    ({ total_job, total_repository, total_operation, total_outcome, total_runs, total_crc, ...run }): RunHead => {
      const [job, repository, operation, outcome] = [total_job, total_repository, total_operation, total_outcome]
      unsealed('run_total', { job, repository, operation, outcome, runs: Number(total_runs), crc: total_crc })
      return {
        ...(job !== '' && { job }),
        repository,
        operation: operation as Operation,
        outcome: outcome as Outcome,
        runs: Number(total_runs),
        ...((run.id as string | null) !== null && { newest: fromRunRow(run) }),
      }
    },
  )
}
