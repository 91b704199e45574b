/** Readings and the first-seen history of snapshots. Portable SQL. */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { BackupSet, Reading } from '../../model/reading.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import type { Ledger, StoredSnapshot } from '../ledger.ts'
import { fromReadingRow, fromSnapshotRow, toReadingRow, toSnapshotRow } from '../rows.ts'
import { sealed, unsealed } from '../seal.ts'
import type { SnapshotRow, Tables } from '../tables.ts'

type Db = Kysely<Tables>

export function readingStore(
  db: Db,
): Pick<Ledger, 'recordReading' | 'lastReading' | 'lastSize' | 'lastLocks' | 'snapshots' | 'sets'> {
  return {
    recordReading: (reading, snapshots) =>
      db.transaction().execute(async (tx) => {
        await tx.insertInto('reading').values(toReadingRow(reading)).execute()
        if (snapshots !== undefined) await bringUpToDate(tx, reading, snapshots)
      }),
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

async function bringUpToDate(tx: Transaction<Tables>, reading: Reading, snapshots: readonly Snapshot[]): Promise<void> {
  const known = await tx.selectFrom('snapshot').selectAll().where('repository', '=', reading.repository).execute()
  const byId = new Map(known.map((row) => [row.id, row]))
  const fresh: SnapshotRow[] = []
  for (const snapshot of snapshots) {
    const row = byId.get(snapshot.id)
    byId.delete(snapshot.id)
    if (row === undefined) fresh.push(toSnapshotRow(reading.repository, snapshot, reading.endedAt))
    // It was gone and is back, say after a disk was put back: the first time it was seen stays.
    else if (row.gone_at !== null) await setGone(tx, row, null)
  }
  // At most 50 rows of 13 columns a statement: SQLite takes 32,766 values, older builds 999.
  for (let at = 0; at < fresh.length; at += 50)
    await tx
      .insertInto('snapshot')
      .values(fresh.slice(at, at + 50))
      .execute()
  for (const row of byId.values()) if (row.gone_at === null) await setGone(tx, row, reading.endedAt.getTime())
}

async function setGone(tx: Transaction<Tables>, row: SnapshotRow, goneAt: number | null): Promise<void> {
  unsealed('snapshot', row)
  const { crc } = sealed({ ...row, gone_at: goneAt })
  await tx
    .updateTable('snapshot')
    .set({ gone_at: goneAt, crc })
    .where('repository', '=', row.repository)
    .where('id', '=', row.id)
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
