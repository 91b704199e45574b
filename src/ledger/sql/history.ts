/** The first-seen history of snapshots, and the backup sets they make. Portable SQL. */
import type { Kysely, Transaction } from 'kysely'
import type { BackupSet, Reading } from '../../model/reading.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import type { SeenSnapshots } from '../ledger.ts'
import { fromSetRow, toDetailRow, toSnapshotRow } from '../rows.ts'
import { sealed, unsealed } from '../seal.ts'
import type { SnapshotRow, Tables } from '../tables.ts'
import { groupingOf, renewSets } from './sets.ts'

type Tx = Transaction<Tables>

/** A digest of the ids, however they are ordered. node:crypto is loaded by whoever reads: a start would pay 5 ms for it. */
export const digestOf = (ids: readonly string[]): string =>
  process.getBuiltinModule('node:crypto').hash('sha256', ids.toSorted().join(' '), 'base64')

/**
 * Makes rows and sets what the reading saw.
 * @returns The digest of all ids it saw that have a row; null where rows differ from it, because another reading overlapped this one.
 */
export async function bringUpToDate(tx: Tx, reading: Reading, seen: SeenSnapshots): Promise<string | null> {
  const { repository, endedAt } = reading
  const startedAt = reading.startedAt.getTime()
  const rows = await tx
    .selectFrom('snapshot')
    .select(['id', 'first_seen', 'gone_at'])
    .where('repository', '=', repository)
    .execute()
  const known = new Set(rows.map(({ id }) => id))
  const fresh = new Map(seen.fresh.map((snapshot) => [snapshot.id, snapshot]))
  const here = new Set([...seen.ids, ...fresh.keys()])
  const added = [...fresh.values()]
    .filter(({ id }) => !known.has(id))
    .map((snapshot) => toSnapshotRow(repository, snapshot, endedAt))
  // At most 50 rows of 13 columns a statement: SQLite takes 32,766 values, older builds 999.
  for (let at = 0; at < added.length; at += 50)
    await tx
      .insertInto('snapshot')
      .values(added.slice(at, at + 50))
      .execute()
  const details = added.flatMap(({ id }) => toDetailRow(repository, fresh.get(id) as Snapshot) ?? [])
  for (let at = 0; at < details.length; at += 200)
    await tx
      .insertInto('snapshot_detail')
      .values(details.slice(at, at + 200))
      .onConflict((conflict) => conflict.columns(['repository', 'id']).doNothing())
      .execute()
  const changed: SnapshotRow[] = [...added, ...(await fillBare(tx, repository, fresh))]
  let overlapped = false
  for (const { id, first_seen, gone_at } of rows) {
    if (here.has(id) === (gone_at === null)) continue
    // What a reading noticed that ended after this one began, this one may have missed: the next one settles it.
    if (Number(gone_at ?? first_seen) > startedAt) overlapped = true
    // It was gone and is back, say after a disk was put back: the first time it was seen stays.
    else changed.push(await setGone(tx, repository, id, gone_at === null ? endedAt.getTime() : null))
  }
  const touched = Map.groupBy(changed, (row) => JSON.stringify([row.host, row.user_name]))
  const by = touched.size === 0 ? [] : await groupingOf(tx, repository)
  for (const [, rows] of touched) {
    const { host, user_name } = rows[0] as SnapshotRow
    await renewSets(tx, { repository, host, user_name }, by, rows)
  }
  // Not of what is damaged: that is looked into again each time.
  return overlapped ? null : digestOf([...here].filter((id) => known.has(id) || fresh.has(id)))
}

/** Snapshots of which a reading without a password saw only the file: every backup has a path. */
export async function bareSnapshots(db: Kysely<Tables> | Tx, repository: string): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('snapshot')
    .select('id')
    .where('repository', '=', repository)
    .where('host', '=', '')
    .where('user_name', '=', '')
    .where('paths', '=', '[]')
    .execute()
  return new Set(rows.map(({ id }) => id))
}

/** Gives those rows their content once it was read. @returns The rows as they were and as they are, for their sets. */
async function fillBare(
  tx: Tx,
  repository: string,
  fresh: ReadonlyMap<string, Snapshot>,
): Promise<readonly SnapshotRow[]> {
  const bare = await bareSnapshots(tx, repository)
  const changed: SnapshotRow[] = []
  for (const id of bare) {
    const snapshot = fresh.get(id)
    if (snapshot === undefined || snapshot.paths.length === 0) continue
    const old = await snapshotRow(tx, repository, id)
    const { crc: _, ...content } = toSnapshotRow(repository, snapshot, new Date(Number(old.first_seen)))
    const row = sealed({ ...content, gone_at: old.gone_at })
    await tx.updateTable('snapshot').set(row).where('repository', '=', repository).where('id', '=', id).execute()
    const detail = toDetailRow(repository, snapshot)
    if (detail !== undefined) await tx.insertInto('snapshot_detail').values(detail).execute()
    changed.push(old, row)
  }
  return changed
}

async function snapshotRow(tx: Tx, repository: string, id: string): Promise<SnapshotRow> {
  const row = await tx
    .selectFrom('snapshot')
    .selectAll()
    .where('repository', '=', repository)
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return unsealed('snapshot', row)
}

async function setGone(tx: Tx, repository: string, id: string, goneAt: number | null): Promise<SnapshotRow> {
  const row = await snapshotRow(tx, repository, id)
  const { crc } = sealed({ ...row, gone_at: goneAt })
  await tx
    .updateTable('snapshot')
    .set({ gone_at: goneAt, crc })
    .where('repository', '=', repository)
    .where('id', '=', id)
    .execute()
  return row
}

/** The sets of some repositories, by host and user. */
export async function setsOf(db: Kysely<Tables>, repositories: readonly string[]): Promise<BackupSet[]> {
  const rows = await db
    .selectFrom('backup_set')
    .selectAll()
    .where('repository', 'in', [...repositories])
    .orderBy('repository')
    .orderBy('host')
    .orderBy('user_name')
    .orderBy('tags')
    .orderBy('paths')
    .execute()
  return rows.map(fromSetRow)
}
