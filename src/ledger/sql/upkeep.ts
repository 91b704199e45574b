/** Small facts about the ledger itself, trimming by age, and a look at every row. Portable SQL. */
import { setImmediate } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Ledger } from '../ledger.ts'
import {
  fromDetailRow,
  fromFindingRow,
  fromReadingRow,
  fromRunRow,
  fromSetRow,
  fromSnapshotRow,
  fromSpaceRow,
} from '../rows.ts'
import { DamagedRow, unsealed } from '../seal.ts'
import type { Tables } from '../tables.ts'
import { fromAlertRow } from './alerts.ts'
import { noteAllChanged } from './changes.ts'
import { fromDeliveryRow, trimTelling } from './deliveries.ts'
import { fromDiagnosisRow, trimDiagnoses } from './diagnoses.ts'
import { fromIncidentRow, fromToldRow } from './incidents.ts'
import { fromIntakeRow } from './intakes.ts'
import { putMeta } from './meta.ts'
import { fromPushRow } from './pushes.ts'

type Db = Kysely<Tables>

export function upkeepStore(db: Db): Pick<Ledger, 'readMeta' | 'writeMeta' | 'trim' | 'verify'> {
  return {
    async readMeta(key) {
      const row = await db.selectFrom('meta').selectAll().where('key', '=', key).executeTakeFirst()
      return row === undefined ? undefined : unsealed('meta', row).value
    },
    writeMeta: (key, value) => putMeta(db, key, value),
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
        const spaces = await tx
          .deleteFrom('space')
          .where('at', '<', limits.readingsBefore.getTime())
          .where(sql<boolean>`exists (select 1 from space as newer where newer.repository = space.repository
            and newer.at > space.at)`)
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
        const telling = await trimTelling(tx, limits.runsBefore)
        const diagnoses = await trimDiagnoses(tx, { alertsBefore: limits.readingsBefore, before: limits.runsBefore })
        const snapshots = await tx
          .deleteFrom('snapshot')
          .where('gone_at', 'is not', null)
          .where('gone_at', '<', limits.goneBefore.getTime())
          .executeTakeFirst()
        // What is learned of a set is learned from snapshots that are gone too.
        if (Number(runs.numDeletedRows) + Number(snapshots.numDeletedRows) > 0) await noteAllChanged(tx)
        const gone = [runs, readings, spaces, snapshots, findings]
        return gone.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), telling + diagnoses)
      }),
    verify: () => verify(db),
  }
}

/** So many rows are looked at before others are answered. */
const mostRows = 200

/** Each table with a seal, by its key, and how a row of it is read. */
const looks: readonly { readonly table: keyof Tables; readonly key: readonly string[]; read(row: never): unknown }[] = [
  { table: 'run', key: ['id'], read: fromRunRow },
  { table: 'reading', key: ['id'], read: fromReadingRow },
  { table: 'snapshot', key: ['repository', 'id'], read: fromSnapshotRow },
  { table: 'snapshot_detail', key: ['repository', 'id'], read: fromDetailRow },
  { table: 'finding', key: ['number'], read: fromFindingRow },
  { table: 'incident', key: ['number'], read: fromIncidentRow },
  { table: 'delivery', key: ['id'], read: fromDeliveryRow },
  { table: 'told', key: ['notifier', 'incident', 'event', 'told_at'], read: fromToldRow },
  { table: 'delivery_total', key: ['notifier', 'state'], read: (row) => unsealed('delivery_total', row) },
  { table: 'push', key: ['target', 'place', 'push_key'], read: fromPushRow },
  { table: 'push_total', key: ['target', 'state'], read: (row) => unsealed('push_total', row) },
  { table: 'intake', key: ['number'], read: fromIntakeRow },
  { table: 'alert', key: ['alert_key'], read: fromAlertRow },
  { table: 'alert_total', key: ['way', 'fate'], read: (row) => unsealed('alert_total', row) },
  { table: 'diagnosis', key: ['id'], read: fromDiagnosisRow },
  { table: 'diagnosis_total', key: ['outcome', 'cause'], read: (row) => unsealed('diagnosis_total', row) },
  { table: 'space', key: ['repository', 'at'], read: fromSpaceRow },
  { table: 'backup_set', key: ['repository', 'host', 'user_name', 'tags', 'paths'], read: fromSetRow },
  { table: 'run_total', key: ['job', 'repository', 'operation', 'outcome'], read: (row) => unsealed('run_total', row) },
  { table: 'meta', key: ['key'], read: (row) => unsealed('meta', row) },
  { table: 'schedule_mark', key: ['task'], read: (row) => unsealed('schedule_mark', row) },
]

async function verify(db: Db): Promise<string[]> {
  const damage = new Set<string>()
  for (const { table, key, read } of looks)
    for await (const row of rowsOf(db, table, key)) {
      try {
        read(row as never)
      } catch (error) {
        damage.add(
          error instanceof DamagedRow
            ? error.message
            : `a row cannot be read (${error instanceof Error ? error.message : String(error)})`,
        )
      }
    }
  return [...damage]
}

/** All rows in the order of the key, a part at a time, so that nobody waits and no table has to fit into memory. */
async function* rowsOf(db: Db, table: keyof Tables, key: readonly string[]): AsyncGenerator<Record<string, unknown>> {
  const columns = sql.join(key.map((name) => sql.ref(name)))
  for (let last: Record<string, unknown> | undefined; ; ) {
    const after = last === undefined ? sql`` : sql`where (${columns}) > (${sql.join(key.map((name) => last?.[name]))})`
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)} ${after}
      order by ${columns} limit ${mostRows}`.execute(db)
    yield* rows
    if (rows.length < mostRows) return
    last = rows.at(-1)
    await setImmediate()
  }
}
