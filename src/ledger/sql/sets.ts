/** Backup sets, kept in step with the snapshots they are made of; how they are told apart. Portable SQL. */
import { type Kysely, sql, type Transaction } from 'kysely'
import { type SetKey, type SetName, setKeys } from '../../model/set-name.ts'
import type { Ledger } from '../ledger.ts'
import { fromSnapshotRow, toSetRow } from '../rows.ts'
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
    takenTimes: (repository, set, most) => takenTimes(db, repository, set, most),
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

/** Which set a snapshot belongs to, by the columns of both. */
export function groupOf(
  row: Pick<SnapshotRow, 'tags' | 'paths'>,
  by: readonly SetKey[],
): Pick<SetRow, 'tags' | 'paths'> {
  const sorted = (key: SetKey): string =>
    by.includes(key) ? JSON.stringify([...new Set(JSON.parse(row[key]) as string[])].sort()) : ''
  return { tags: sorted('tags'), paths: sorted('paths') }
}

/** Makes the rows of one host and user what their snapshots say. Of several that are equally new the greater id wins. */
export async function renewSets(tx: Tx, owner: Owner, by: readonly SetKey[]): Promise<void> {
  await tx
    .deleteFrom('backup_set')
    .where('repository', '=', owner.repository)
    .where('host', '=', owner.host)
    .where('user_name', '=', owner.user_name)
    .execute()
  const rows = by.length === 0 ? await wholeSet(tx, owner) : await groupedSets(tx, owner, by)
  for (let at = 0; at < rows.length; at += 50)
    await tx
      .insertInto('backup_set')
      .values(rows.slice(at, at + 50))
      .execute()
}

const snapshotsOf = (db: Db, { repository, host, user_name }: Owner) =>
  db
    .selectFrom('snapshot')
    .where('repository', '=', repository)
    .where('host', '=', host)
    .where('user_name', '=', user_name)

async function wholeSet(tx: Tx, owner: Owner): Promise<SetRow[]> {
  const snapshots = snapshotsOf(tx, owner).where('gone_at', 'is', null)
  const { count } = await snapshots.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  const newest = await snapshots
    .selectAll()
    .orderBy('taken_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (newest === undefined) return []
  fromSnapshotRow(newest)
  return [toSetRow(newest, Number(count), { tags: '', paths: '' })]
}

async function groupedSets(tx: Tx, owner: Owner, by: readonly SetKey[]): Promise<SetRow[]> {
  const snapshots = await snapshotsOf(tx, owner)
    .where('gone_at', 'is', null)
    .selectAll()
    .orderBy('taken_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  const groups = Map.groupBy(snapshots, (row) => JSON.stringify(groupOf(row, by)))
  return [...groups.values()].map((rows) => {
    const newest = rows[0] as SnapshotRow
    fromSnapshotRow(newest)
    return toSetRow(newest, rows.length, groupOf(newest, by))
  })
}

async function takenTimes(db: Db, repository: string, set: SetName, most: number) {
  const owner = { repository, host: set.host, user_name: set.user }
  let query = snapshotsOf(db, owner)
  const by = setKeys.filter((key) => set[key] !== undefined)
  if (by.length > 0) {
    // A list is stored in the order the snapshot has it in.
    const lists = await snapshotsOf(db, owner).select(['tags', 'paths']).distinct().execute()
    const wanted = JSON.stringify({ tags: listText(set.tags), paths: listText(set.paths) })
    const own = lists.filter((row) => JSON.stringify(groupOf(row, by)) === wanted)
    if (own.length === 0) return []
    for (const key of by) query = query.where(key, 'in', [...new Set(own.map((row) => row[key]))])
  }
  const rows = await query
    .select(['taken_at', 'first_seen', rewritten.as('rewritten')])
    .orderBy('taken_at', 'desc')
    .limit(most)
    .execute()
  return rows.map((row) => ({
    takenAt: new Date(Number(row.taken_at)),
    seenAt: new Date(Number(row.first_seen)),
    isRewritten: Number(row.rewritten) === 1,
  }))
}

const listText = (list: readonly string[] | undefined): string => (list === undefined ? '' : JSON.stringify(list))

/** In JSON a quotation mark within a text has a backslash before it: only the key itself looks so. */
const rewritten = sql<number>`case when exists (select 1 from snapshot_detail as known where known.repository = snapshot.repository
  and known.id = snapshot.id and known.detail like '%"original":%') then 1 else 0 end`
