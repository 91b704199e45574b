/** Small facts about the ledger itself, trimming by age, and a look at every row. Portable SQL. */
import { type Kysely, sql } from 'kysely'
import type { Ledger } from '../ledger.ts'
import { fromDetailRow, fromFindingRow, fromReadingRow, fromRunRow, fromSetRow, fromSnapshotRow } from '../rows.ts'
import { DamagedRow, sealed, unsealed } from '../seal.ts'
import type { Tables } from '../tables.ts'

type Db = Kysely<Tables>

export function upkeepStore(db: Db): Pick<Ledger, 'readMeta' | 'writeMeta' | 'trim' | 'verify'> {
  return {
    async readMeta(key) {
      const row = await db.selectFrom('meta').selectAll().where('key', '=', key).executeTakeFirst()
      return row === undefined ? undefined : unsealed('meta', row).value
    },
    async writeMeta(key, value) {
      const row = sealed({ key, value })
      await db
        .insertInto('meta')
        .values(row)
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, crc: row.crc }))
        .execute()
    },
    trim: (limits) =>
      db.transaction().execute(async (tx) => {
        // The newest of each kind and outcome answers "when did this last go well"; it outlives any limit.
        const runs = await tx
          .deleteFrom('run')
          .where('started_at', '<', limits.runsBefore.getTime())
          .where('outcome', 'is not', null)
          .where(sql<boolean>`exists (select 1 from run as newer where newer.repository = run.repository and newer.job = run.job
            and newer.operation = run.operation and newer.outcome = run.outcome and newer.started_at > run.started_at)`)
          .executeTakeFirst()
        const readings = await tx
          .deleteFrom('reading')
          .where('started_at', '<', limits.readingsBefore.getTime())
          .where(sql<boolean>`exists (select 1 from reading as newer where newer.repository = reading.repository
            and newer.good = reading.good and newer.started_at > reading.started_at
            and (reading.size_bytes is null or newer.size_bytes is not null)
            and (reading.locks is null or newer.locks is not null))`)
          .executeTakeFirst()
        await tx
          .deleteFrom('snapshot_detail')
          .where(sql<boolean>`exists (select 1 from snapshot as gone where gone.repository = snapshot_detail.repository
            and gone.id = snapshot_detail.id and gone.gone_at < ${limits.goneBefore.getTime()})`)
          .execute()
        const findings = await tx
          .deleteFrom('finding')
          .where('settled_at', 'is not', null)
          .where('settled_at', '<', limits.goneBefore.getTime())
          .executeTakeFirst()
        const snapshots = await tx
          .deleteFrom('snapshot')
          .where('gone_at', 'is not', null)
          .where('gone_at', '<', limits.goneBefore.getTime())
          .executeTakeFirst()
        const gone = [runs, readings, snapshots, findings]
        return gone.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0)
      }),
    verify: () => verify(db),
  }
}

async function verify(db: Db): Promise<string[]> {
  const damage: string[] = []
  const look = <Row>(rows: readonly Row[], read: (row: Row) => unknown): void => {
    for (const row of rows) {
      try {
        read(row)
      } catch (error) {
        const what =
          error instanceof DamagedRow
            ? error.message
            : `a row cannot be read (${error instanceof Error ? error.message : String(error)})`
        if (!damage.includes(what)) damage.push(what)
      }
    }
  }
  look(await db.selectFrom('run').selectAll().execute(), fromRunRow)
  look(await db.selectFrom('reading').selectAll().execute(), fromReadingRow)
  look(await db.selectFrom('snapshot').selectAll().execute(), fromSnapshotRow)
  look(await db.selectFrom('snapshot_detail').selectAll().execute(), fromDetailRow)
  look(await db.selectFrom('finding').selectAll().execute(), fromFindingRow)
  look(await db.selectFrom('backup_set').selectAll().execute(), fromSetRow)
  look(await db.selectFrom('run_total').selectAll().execute(), (row) => unsealed('run_total', row))
  look(await db.selectFrom('meta').selectAll().execute(), (row) => unsealed('meta', row))
  look(await db.selectFrom('schedule_mark').selectAll().execute(), (row) => unsealed('schedule_mark', row))
  return damage
}
