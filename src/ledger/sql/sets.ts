/** Backup sets, kept in step with the snapshots they are made of; how they are told apart. Portable SQL. */
import { type Kysely, sql, type Transaction } from 'kysely'
import { type SetKey, type SetName, setKeys } from '../../model/set-name.ts'
import type { Ledger, TakenOf } from '../ledger.ts'
import { fromSnapshotRow, groupOf as listsOf, toSetRow } from '../rows.ts'
import { sealed, unsealed } from '../seal.ts'
import type { SetRow, SnapshotRow, Tables } from '../tables.ts'
import { noteChanges } from './changes.ts'

type Tx = Transaction<Tables>
type Db = Kysely<Tables> | Tx

/** Under it `meta` keeps what the sets of a repository are told apart by; absent: host and user alone. */
const prefix = 'sets/'

interface Owner {
  readonly repository: string
  readonly host: string
  readonly user_name: string
}

export function setStore(db: Kysely<Tables>): Pick<Ledger, 'groupSets' | 'takenTimes'> {
  return {
    async groupSets(wanted) {
      const known = await groupings(db)
      for (const [repository, by] of wanted)
        if (known.get(repository)?.join() !== (by.length === 0 ? undefined : by.join()))
          await db.transaction().execute((tx) => group(tx, repository, by))
    },
    takenTimes: (repository, of, most, by = []) => takenTimes(db, repository, of, most, by),
  }
}

async function group(tx: Tx, repository: string, by: readonly SetKey[]): Promise<void> {
  const key = `${prefix}${repository}`
  await tx.deleteFrom('meta').where('key', '=', key).execute()
  if (by.length > 0)
    await tx
      .insertInto('meta')
      .values(sealed({ key, value: by.join() }))
      .execute()
  await tx.deleteFrom('backup_set').where('repository', '=', repository).execute()
  const owners = await tx
    .selectFrom('snapshot')
    .select(['repository', 'host', 'user_name'])
    .distinct()
    .where('repository', '=', repository)
    .where('gone_at', 'is', null)
    .execute()
  for (const owner of owners) await renewSets(tx, owner, by)
  await noteChanges(tx, [{ repository, job: '' }])
}

/** What the sets of every repository are told apart by, where it is more than host and user. */
export async function groupings(db: Db): Promise<ReadonlyMap<string, readonly SetKey[]>> {
  // The character behind the slash: a range is one step in the index, a pattern is none.
  const rows = await db.selectFrom('meta').selectAll().where('key', '>=', prefix).where('key', '<', 'sets0').execute()
  return new Map(rows.map((row) => [row.key.slice(prefix.length), keysIn(unsealed('meta', row).value)]))
}

export async function groupingOf(db: Db, repository: string): Promise<readonly SetKey[]> {
  const key = `${prefix}${repository}`
  const row = await db.selectFrom('meta').selectAll().where('key', '=', key).executeTakeFirst()
  return row === undefined ? [] : keysIn(unsealed('meta', row).value)
}

const keysIn = (value: string): SetKey[] => setKeys.filter((key) => value.split(',').includes(key))

type Group = Pick<SetRow, 'tags' | 'paths'>

/** Which set a snapshot belongs to, by the columns of both. */
export const groupOf = (row: Group, by: readonly SetKey[]): Group => ({
  tags: by.includes('tags') ? row.tags : '',
  paths: by.includes('paths') ? row.paths : '',
})

/** So many sets are cheaper one by one than all of their host and user together. */
const mostAlone = 8

/**
 * Makes rows of one host and user what their snapshots say. Of several that are equally new the greater id wins.
 * @param changed Snapshots that came or went; absent: all of them.
 */
export async function renewSets(
  tx: Tx,
  owner: Owner,
  by: readonly SetKey[],
  changed?: readonly Group[],
): Promise<void> {
  const groups = new Map(changed?.map((row) => [JSON.stringify(groupOf(row, by)), groupOf(row, by)]))
  if (by.length === 0) return renewSet(tx, owner, { tags: '', paths: '' }, by)
  if (changed !== undefined && groups.size <= mostAlone) {
    for (const group of groups.values()) await renewSet(tx, owner, group, by)
    return
  }
  await setsOf(tx, owner).execute()
  const snapshots = await snapshotsOf(tx, owner)
    .where('gone_at', 'is', null)
    .selectAll()
    .orderBy('taken_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  const found = Map.groupBy(snapshots, (row) => JSON.stringify(groupOf(row, by)))
  const rows = [...found.values()].map((all) => toSet(all[0] as SnapshotRow, all.length, by))
  for (let at = 0; at < rows.length; at += 50)
    await tx
      .insertInto('backup_set')
      .values(rows.slice(at, at + 50))
      .execute()
}

async function renewSet(tx: Tx, owner: Owner, group: Group, by: readonly SetKey[]): Promise<void> {
  await setsOf(tx, owner).where('tags', '=', group.tags).where('paths', '=', group.paths).execute()
  let snapshots = snapshotsOf(tx, owner).where('gone_at', 'is', null)
  for (const key of by) snapshots = snapshots.where(key, '=', group[key])
  const { count } = await snapshots.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  const newest = await snapshots
    .selectAll()
    .orderBy('taken_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (newest !== undefined)
    await tx
      .insertInto('backup_set')
      .values(toSet(newest, Number(count), by))
      .execute()
}

function toSet(newest: SnapshotRow, count: number, by: readonly SetKey[]): SetRow {
  fromSnapshotRow(newest)
  return toSetRow(newest, count, groupOf(newest, by))
}

const setsOf = (tx: Tx, { repository, host, user_name }: Owner) =>
  tx
    .deleteFrom('backup_set')
    .where('repository', '=', repository)
    .where('host', '=', host)
    .where('user_name', '=', user_name)

const snapshotsOf = (db: Db, { repository, host, user_name }: Owner) =>
  db
    .selectFrom('snapshot')
    .where('repository', '=', repository)
    .where('host', '=', host)
    .where('user_name', '=', user_name)

async function takenTimes(
  db: Db,
  repository: string,
  { host, user }: Pick<SetName, 'host' | 'user'>,
  most: number,
  by: readonly SetKey[],
): Promise<TakenOf[]> {
  const rows = await snapshotsOf(db, { repository, host, user_name: user })
    .select(['taken_at', 'first_seen', 'tags', 'paths', rewritten.as('rewritten')])
    .orderBy('taken_at', 'desc')
    .limit(most)
    .execute()
  return rows.map((row) => ({
    takenAt: new Date(Number(row.taken_at)),
    seenAt: new Date(Number(row.first_seen)),
    isRewritten: Number(row.rewritten) === 1,
    ...listsOf(groupOf(row, by)),
  }))
}

/** In JSON a quotation mark within a text has a backslash before it: only the key itself looks so. */
const rewritten = sql<number>`case when exists (select 1 from snapshot_detail as known where known.repository = snapshot.repository
  and known.id = snapshot.id and known.detail like '%"original":%') then 1 else 0 end`
