/** What happened in each quarter of an hour: days of any zone are made of them. Portable SQL. */
import { setImmediate } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Outcome } from '../../model/run.ts'
import type { Ledger, RepositoryDays } from '../ledger.ts'
import { groupOf } from '../rows.ts'
import type { Tables } from '../tables.ts'
import { groupings, groupOf as setOf } from './sets.ts'

/** Every zone of today is whole quarters of an hour from UTC. */
const quarterMs = 900_000
const mostNames = 64

export function dayStore(db: Kysely<Tables>): Pick<Ledger, 'days'> {
  return {
    async days(names, since) {
      const all = new Map<string, RepositoryDays>()
      for (let at = 0; at < names.length; at += mostNames) {
        const some = names.slice(at, at + mostNames)
        const snapshots = Map.groupBy(await takenSince(db, some, since), ({ repository }) => repository)
        const runs = Map.groupBy(await runsSince(db, some, since), ({ repository }) => repository)
        for (const name of some) all.set(name, { snapshots: snapshots.get(name) ?? [], runs: runs.get(name) ?? [] })
        await setImmediate()
      }
      return all
    },
  }
}

async function takenSince(db: Kysely<Tables>, names: readonly string[], since: Date) {
  const known = await groupings(db)
  const [tagged, pathed] = (['tags', 'paths'] as const).map((key) =>
    names.filter((name) => known.get(name)?.includes(key)),
  ) as [string[], string[]]
  const rows = await db
    .selectFrom('snapshot')
    .select(['repository', 'host', 'user_name', quarterOf('taken_at'), sql<number>`count(*)`.as('snapshots')])
    .select([listOf('tags', tagged).as('tag_list'), listOf('paths', pathed).as('path_list')])
    .where('repository', 'in', [...names])
    .where('gone_at', 'is', null)
    .where('taken_at', '>=', since.getTime())
    .groupBy(['repository', 'host', 'user_name', 'quarter', 'tag_list', 'path_list'])
    .execute()
  return rows.map(({ repository, host, user_name, quarter, snapshots, tag_list, path_list }) => ({
    repository,
    host,
    user: user_name,
    ...groupOf(setOf({ tags: tag_list, paths: path_list }, known.get(repository) ?? [])),
    at: new Date(Number(quarter) * quarterMs),
    snapshots: Number(snapshots),
  }))
}

async function runsSince(db: Kysely<Tables>, names: readonly string[], since: Date) {
  const rows = await db
    .selectFrom('run')
    .select(['repository', 'job', 'outcome', quarterOf('started_at')])
    .where('repository', 'in', [...names])
    .where('operation', '=', 'backup')
    .where('outcome', 'is not', null)
    .where('started_at', '>=', since.getTime())
    .groupBy(['repository', 'job', 'outcome', 'quarter'])
    .execute()
  return rows.map(({ repository, job, outcome, quarter }) => ({
    repository,
    job,
    outcome: outcome as Outcome,
    at: new Date(Number(quarter) * quarterMs),
  }))
}

/** Tags or paths as they are stored, where they tell sets apart. */
const listOf = (column: 'tags' | 'paths', names: readonly string[]) =>
  names.length === 0
    ? sql<string>`''`
    : sql<string>`case when repository in (${sql.join(names)}) then ${sql.ref(column)} else '' end`

/** Rounded down also before 1970, for which no snapshot is asked. */
const quarterOf = (column: 'taken_at' | 'started_at') =>
  sql<number>`${sql.ref(column)} / ${sql.lit(quarterMs)}`.as('quarter')
