/** Readings and the first-seen history of snapshots. Portable SQL. */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { BackupSet, Reading } from '../../model/reading.ts'
import type { Ledger, SeenSnapshots, StoredSnapshot } from '../ledger.ts'
import { fromReadingRow, fromSnapshotRow, toReadingRow, toSnapshotRow } from '../rows.ts'
import { sealed, unsealed } from '../seal.ts'
import type { Tables } from '../tables.ts'

type Db = Kysely<Tables>

export function readingStore(
  db: Db,
): Pick<Ledger, 'recordReading' | 'knownSnapshots' | 'lastReading' | 'lastSize' | 'lastLocks' | 'snapshots' | 'sets'> {
  return {
    recordReading: (reading, seen) =>
      db.transaction().execute(async (tx) => {
        await tx.insertInto('reading').values(toReadingRow(reading)).execute()
        if (seen === undefined) return
        const found = 'fresh' in seen ? seen : { ids: seen.map(({ id }) => id), fresh: seen }
        await bringUpToDate(tx, reading, found)
      }),
    async knownSnapshots(repository) {
      const rows = await db.selectFrom('snapshot').select('id').where('repository', '=', repository).execute()
      return new Set(rows.map(({ id }) => id))
    },
    async lastReading(repository, good): Promise<Reading | undefined> {
      let query = db.selectFrom('reading').selectAll().where('repository', '=', repository)
      if (good !== undefined) query = query.where('good', '=', good ? 1 : 0)
      const row = await query.orderBy('started_at', 'desc').limit(1).executeTakeFirst()
      return row === undefined ? undefined : fromReadingRow(row)
    },
    async lastSize(repository) {
      const reading = await lastWith(db, repository, 'size_bytes')
      return reading?.sizeBytes === undefined ? undefined : { at: reading.endedAt, sizeBytes: reading.sizeBytes }
    },
    async lastLocks(repository) {
      const reading = await lastWith(db, repository, 'locks')
      return reading?.locks === undefined ? undefined : { at: reading.endedAt, locks: reading.locks }
    },
    async snapshots(repository, filter): Promise<StoredSnapshot[]> {
      let query = db.selectFrom('snapshot').selectAll().where('repository', '=', repository)
      query = query.where('gone_at', filter?.gone === true ? 'is not' : 'is', null)
      if (filter?.since !== undefined) query = query.where('taken_at', '>=', filter.since.getTime())
      const rows = await query.orderBy('taken_at').orderBy('id').execute()
      return rows.map(fromSnapshotRow)
    },
    sets: (repository) => sets(db, repository),
  }
}

/** The newest reading that has a value in this column. */
async function lastWith(db: Db, repository: string, column: 'size_bytes' | 'locks'): Promise<Reading | undefined> {
  const row = await db
    .selectFrom('reading')
    .selectAll()
    .where('repository', '=', repository)
    .where(column, 'is not', null)
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : fromReadingRow(row)
}

async function bringUpToDate(tx: Transaction<Tables>, reading: Reading, seen: SeenSnapshots): Promise<void> {
  const { repository, endedAt } = reading
  const rows = await tx.selectFrom('snapshot').select(['id', 'gone_at']).where('repository', '=', repository).execute()
  const known = new Map(rows.map((row) => [row.id, row.gone_at]))
  const fresh = new Map(seen.fresh.map((snapshot) => [snapshot.id, snapshot]))
  const here = new Set([...seen.ids, ...fresh.keys()])
  const added = [...fresh.values()].filter(({ id }) => !known.has(id))
  // At most 50 rows of 13 columns a statement: SQLite takes 32,766 values, older builds 999.
  for (let at = 0; at < added.length; at += 50)
    await tx
      .insertInto('snapshot')
      .values(added.slice(at, at + 50).map((snapshot) => toSnapshotRow(repository, snapshot, endedAt)))
      .execute()
  for (const [id, goneAt] of known) {
    // It was gone and is back, say after a disk was put back: the first time it was seen stays.
    if (here.has(id) && goneAt !== null) await setGone(tx, repository, id, null)
    if (!here.has(id) && goneAt === null) await setGone(tx, repository, id, endedAt.getTime())
  }
}

async function setGone(tx: Transaction<Tables>, repository: string, id: string, goneAt: number | null): Promise<void> {
  const row = await tx
    .selectFrom('snapshot')
    .selectAll()
    .where('repository', '=', repository)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  unsealed('snapshot', row)
  const { crc } = sealed({ ...row, gone_at: goneAt })
  await tx
    .updateTable('snapshot')
    .set({ gone_at: goneAt, crc })
    .where('repository', '=', repository)
    .where('id', '=', id)
    .execute()
}

async function sets(db: Db, repository: string): Promise<BackupSet[]> {
  const groups = await db
    .selectFrom('snapshot')
    .select(['host', 'user_name', sql<number>`count(*)`.as('snapshots'), sql<number>`max(taken_at)`.as('newest_at')])
    .where('repository', '=', repository)
    .where('gone_at', 'is', null)
    .groupBy(['host', 'user_name'])
    .orderBy('host')
    .orderBy('user_name')
    .execute()
  const found: BackupSet[] = []
  for (const group of groups) {
    const row = await db
      .selectFrom('snapshot')
      .selectAll()
      .where('repository', '=', repository)
      .where('host', '=', group.host)
      .where('user_name', '=', group.user_name)
      .where('gone_at', 'is', null)
      .where('taken_at', '=', Number(group.newest_at))
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    const newest = fromSnapshotRow(row)
    found.push({
      repository,
      host: group.host,
      user: group.user_name,
      snapshots: Number(group.snapshots),
      newestId: newest.id,
      newestAt: newest.takenAt,
      newestSeenAt: newest.firstSeen,
      ...(newest.sizeBytes === undefined ? {} : { sizeBytes: newest.sizeBytes }),
      ...(newest.files === undefined ? {} : { files: newest.files }),
    })
  }
  return found
}
