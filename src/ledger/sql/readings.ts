/** Readings: recorded together with what they saw, and found again. Portable SQL. */
import type { Kysely, Transaction } from 'kysely'
import type { Reading } from '../../model/reading.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import type { Ledger, SeenHistory, SeenSnapshots, StoredSnapshot } from '../ledger.ts'
import { fromDetailRow, fromReadingRow, fromSnapshotRow, toReadingRow } from '../rows.ts'
import { sealed, unsealed } from '../seal.ts'
import type { Tables } from '../tables.ts'
import { noteChanges, noteSeen, seenBefore } from './changes.ts'
import { keepFindings } from './findings.ts'
import { type Group, groupCommit } from './group.ts'
import { bareSnapshots, bringUpToDate, digestOf, setsOf } from './history.ts'

type Db = Kysely<Tables>

export interface Told {
  readonly reading: Reading
  readonly seen: readonly Snapshot[] | SeenSnapshots | undefined
  readonly history: SeenHistory | undefined
}

export const readingGroup = (db: Db): Group<Told> => groupCommit(db, recordAll)

export function readingStore(
  db: Db,
  group: Group<Told>,
): Pick<
  Ledger,
  | 'recordReading'
  | 'marks'
  | 'sees'
  | 'knownSnapshots'
  | 'lastReading'
  | 'lastSize'
  | 'lastLocks'
  | 'snapshots'
  | 'sets'
> {
  return {
    recordReading: (reading, seen, history) => group.write({ reading, seen, history }),
    async marks(repository) {
      const row = await db.selectFrom('meta').selectAll().where('key', '=', marksKey(repository)).executeTakeFirst()
      return row === undefined ? undefined : unsealed('meta', row).value
    },
    sees: async (repository, ids) =>
      (await seenBefore(db, repository)) === digestOf(ids) && (await bareSnapshots(db, repository)).size === 0,
    async knownSnapshots(repository, content = false) {
      const rows = await db.selectFrom('snapshot').select('id').where('repository', '=', repository).execute()
      const bare = content ? await bareSnapshots(db, repository) : new Set()
      return new Set(rows.map(({ id }) => id).filter((id) => !bare.has(id)))
    },
    async lastReading(repository, good): Promise<Reading | undefined> {
      if (good !== undefined) return lastOf(db, repository, good)
      // Each of the two is one step in the index; the newest of both without one would sort all there are.
      return later(await lastOf(db, repository, true), await lastOf(db, repository, false))
    },
    async lastSize(repository, by) {
      let query = db
        .selectFrom('reading')
        .selectAll()
        .where('repository', '=', repository)
        .where('size_bytes', 'is not', null)
      if (by !== undefined) query = query.where('started_at', '<=', by.getTime())
      const row = await query.orderBy('started_at', 'desc').limit(1).executeTakeFirst()
      const reading = row === undefined ? undefined : fromReadingRow(row)
      return reading?.sizeBytes === undefined ? undefined : { at: reading.endedAt, sizeBytes: reading.sizeBytes }
    },
    async lastLocks(repository) {
      const reading = later(await lastOf(db, repository, true, true), await lastOf(db, repository, false, true))
      return reading?.locks === undefined ? undefined : { at: reading.endedAt, locks: reading.locks }
    },
    async snapshots(repository, filter): Promise<StoredSnapshot[]> {
      let query = db.selectFrom('snapshot').selectAll().where('repository', '=', repository)
      query = query.where('gone_at', filter?.gone === true ? 'is not' : 'is', null)
      if (filter?.since !== undefined) query = query.where('taken_at', '>=', filter.since.getTime())
      const rows = await query.orderBy('taken_at').orderBy('id').execute()
      const details = await db.selectFrom('snapshot_detail').selectAll().where('repository', '=', repository).execute()
      const byId = new Map(details.map((row) => [row.id, row]))
      return rows.map((row) => {
        const detail = byId.get(row.id)
        return detail === undefined ? fromSnapshotRow(row) : { ...fromSnapshotRow(row), ...fromDetailRow(detail) }
      })
    },
    sets: (repository) => setsOf(db, [repository]),
  }
}

/** The one that started later. */
export const later = (one: Reading | undefined, other: Reading | undefined): Reading | undefined =>
  one === undefined || (other !== undefined && other.startedAt > one.startedAt) ? other : one

async function lastOf(db: Db, repository: string, good: boolean, locks = false): Promise<Reading | undefined> {
  let query = db
    .selectFrom('reading')
    .selectAll()
    .where('repository', '=', repository)
    .where('good', '=', good ? 1 : 0)
  if (locks) query = query.where('locks', 'is not', null)
  const row = await query.orderBy('started_at', 'desc').limit(1).executeTakeFirst()
  return row === undefined ? undefined : fromReadingRow(row)
}

const marksKey = (repository: string): string => `marks/${repository}`

async function keepHistory(tx: Transaction<Tables>, reading: Reading, { findings, marks }: SeenHistory): Promise<void> {
  await keepFindings(tx, reading.repository, findings, reading.endedAt)
  if (marks === undefined) return
  const row = sealed({ key: marksKey(reading.repository), value: marks })
  await tx
    .insertInto('meta')
    .values(row)
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: row.value, crc: row.crc }))
    .execute()
}

async function recordAll(tx: Transaction<Tables>, all: readonly Told[]): Promise<void> {
  const digests = new Map<string, string | null>()
  for (const { reading, seen, history } of all) {
    await tx.insertInto('reading').values(toReadingRow(reading)).execute()
    if (history !== undefined) await keepHistory(tx, reading, history)
    if (seen === undefined) continue
    const found = 'fresh' in seen ? seen : { ids: seen.map(({ id }) => id), fresh: seen }
    const { repository } = reading
    const before = digests.has(repository) ? digests.get(repository) : await seenBefore(tx, repository)
    // The usual reading: nothing came, nothing went, and no row has to be looked at.
    if (found.fresh.length === 0 && before === digestOf(found.ids)) continue
    digests.set(repository, await bringUpToDate(tx, reading, found))
  }
  const repositories = new Set(all.map(({ reading }) => reading.repository))
  await noteChanges(
    tx,
    [...repositories].map((repository) => ({ repository, job: '' })),
  )
  for (const [repository, seen] of digests) await noteSeen(tx, repository, seen)
}
