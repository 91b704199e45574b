/** What is looked into: from the first alert of a group until the answer is in the outbox. Portable SQL. */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Cause, Diagnosis, DiagnosisOutcome, DiagnosisState, Finding } from '../../model/diagnosis.ts'
import type { Conclusion, Ledger } from '../ledger.ts'
import { sealed, unsealed } from '../seal.ts'
import type { DiagnosisRow, Tables } from '../tables.ts'
import { fromAlertRow } from './alerts.ts'
import { putDown } from './deliveries.ts'
import { change, openNumbers } from './incidents.ts'
import { waitingDiagnosis } from './waiting.ts'

type Db = Kysely<Tables>
/** Alerts of one diagnosis that are looked at one by one; a group may have more. */
const mostAlerts = 20_000

export function diagnosisStore(
  db: Db,
): Pick<
  Ledger,
  | 'openDiagnosis'
  | 'claimDiagnosis'
  | 'concludeDiagnosis'
  | 'nextDiagnosisAt'
  | 'waitingDiagnoses'
  | 'diagnoses'
  | 'diagnosisTotals'
> {
  return {
    openDiagnosis: (group, now, waitMs) =>
      db.transaction().execute(async (tx) => {
        await waitingDiagnosis(tx, { group, opens: true, now, waitMs })
      }),
    async claimDiagnosis(now, leaseMs) {
      const row = await db.transaction().execute(async (tx) => {
        const found = await tx
          .selectFrom('diagnosis')
          .selectAll()
          .where('state', '=', 'waiting')
          .where('due_at', '<=', now.getTime())
          .where(({ eb, or }) => or([eb('claimed_until', 'is', null), eb('claimed_until', '<=', now.getTime())]))
          .orderBy('due_at')
          .orderBy('id')
          .limit(1)
          .executeTakeFirst()
        if (found === undefined) return undefined
        const { crc: _, ...known } = unsealed('diagnosis', found)
        const mine = sealed({ ...known, attempts: found.attempts + 1, claimed_until: now.getTime() + leaseMs })
        await tx.updateTable('diagnosis').set(mine).where('id', '=', found.id).execute()
        return mine
      })
      return row === undefined ? undefined : withAlerts(db, row)
    },
    concludeDiagnosis: (id, conclusion) => db.transaction().execute((tx) => conclude(tx, id, conclusion)),
    async nextDiagnosisAt() {
      const rows = await db
        .selectFrom('diagnosis')
        .select(['due_at', 'claimed_until'])
        .where('state', '=', 'waiting')
        .orderBy('due_at')
        .limit(100)
        .execute()
      const times = rows.map(({ due_at, claimed_until }) => Math.max(Number(due_at), Number(claimed_until ?? 0)))
      return times.length === 0 ? undefined : new Date(Math.min(...times))
    },
    async waitingDiagnoses() {
      const { count } = await db
        .selectFrom('diagnosis')
        .select(({ fn }) => fn.countAll().as('count'))
        .where('state', '=', 'waiting')
        .executeTakeFirstOrThrow()
      return Number(count)
    },
    async diagnoses({ states, openedSince, group, most }) {
      let query = db.selectFrom('diagnosis').selectAll()
      if (states !== undefined) query = query.where('state', 'in', [...states])
      if (openedSince !== undefined) query = query.where('opened_at', '>=', openedSince.getTime())
      if (group !== undefined) query = query.where('group_key', '=', group)
      const rows = await query.orderBy('opened_at', 'desc').orderBy('id', 'desc').limit(most).execute()
      return Promise.all(rows.map((row) => withAlerts(db, row)))
    },
    async diagnosisTotals() {
      const rows = await db.selectFrom('diagnosis_total').selectAll().execute()
      return rows.map((row) => {
        const { outcome, cause, diagnoses } = unsealed('diagnosis_total', row)
        return { outcome: outcome as DiagnosisOutcome, cause: cause as Cause, diagnoses: Number(diagnoses) }
      })
    },
  }
}

/** Finding, incident and messages in one transaction: a process that ends in between leaves all of it to do, or nothing. */
async function conclude(tx: Transaction<Tables>, id: string, conclusion: Conclusion): Promise<boolean> {
  const { at, seen, finding, incident, closes, deliveries } = conclusion
  const row = await tx.selectFrom('diagnosis').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined || row.state !== 'waiting') return false
  const { crc: _, ...known } = unsealed('diagnosis', row)
  const done = sealed({
    ...known,
    state: 'done' satisfies DiagnosisState,
    claimed_until: null,
    done_at: at.getTime(),
    finding: JSON.stringify(finding),
  })
  await tx.updateTable('diagnosis').set(done).where('id', '=', id).execute()
  const open = await openNumbers(tx, [...closes, ...(incident === undefined ? [] : [incident.key])])
  const mine = incident === undefined ? undefined : open.get(incident.key)
  await change(
    tx,
    {
      opened: incident === undefined || mine !== undefined ? [] : [incident],
      changed: incident === undefined || mine === undefined ? [] : [{ number: mine, facts: incident }],
      closed: closes.flatMap((key) => open.get(key) ?? []),
    },
    at,
  )
  const numbers = await openNumbers(tx, incident === undefined ? [] : [incident.key])
  const told = [...numbers.values()].map((number) => ({
    incident: number,
    event: mine === undefined ? ('opened' as const) : ('reminder' as const),
  }))
  for (const delivery of deliveries) await putDown(tx, delivery, told)
  await countOne(tx, finding)
  await handOver(tx, known, seen, at)
  return true
}

/** What came while others of its group were looked into is looked into next. */
async function handOver(
  tx: Transaction<Tables>,
  { id, group_key: group }: Pick<DiagnosisRow, 'id' | 'group_key'>,
  seen: readonly string[],
  at: Date,
): Promise<void> {
  const known = new Set(seen)
  // So many are looked into at once at the most: of more nobody can tell which came later.
  if (known.size >= mostAlerts) return
  const rows = await tx.selectFrom('alert').selectAll().where('diagnosis', '=', id).execute()
  const unseen = rows.filter(({ alert_key }) => !known.has(alert_key))
  if (unseen.length === 0) return
  const next = await waitingDiagnosis(tx, { group, opens: true, now: at, waitMs: 0 })
  for (const row of unseen) {
    const { crc: _, ...alert } = unsealed('alert', row)
    const moved = sealed({ ...alert, diagnosis: next ?? null })
    await tx.updateTable('alert').set(moved).where('alert_key', '=', row.alert_key).execute()
  }
}

async function countOne(tx: Transaction<Tables>, { outcome, cause }: Finding): Promise<void> {
  const row = await tx
    .selectFrom('diagnosis_total')
    .selectAll()
    .where('outcome', '=', outcome)
    .where('cause', '=', cause)
    .executeTakeFirst()
  const total = sealed({ outcome, cause, diagnoses: Number(row?.diagnoses ?? 0) + 1 })
  await tx
    .insertInto('diagnosis_total')
    .values(total)
    .onConflict((conflict) =>
      conflict.columns(['outcome', 'cause']).doUpdateSet({ diagnoses: total.diagnoses, crc: total.crc }),
    )
    .execute()
}

async function withAlerts(db: Db, row: DiagnosisRow): Promise<Diagnosis> {
  const alerts = await db
    .selectFrom('alert')
    .selectAll()
    .where('diagnosis', '=', row.id)
    .orderBy('received_at')
    .orderBy('alert_key')
    .limit(mostAlerts)
    .execute()
  return { ...fromDiagnosisRow(row), alerts: alerts.map(fromAlertRow) }
}

export function fromDiagnosisRow(row: DiagnosisRow): Omit<Diagnosis, 'alerts'> {
  unsealed('diagnosis', row)
  return {
    id: row.id,
    group: row.group_key,
    openedAt: new Date(Number(row.opened_at)),
    dueAt: new Date(Number(row.due_at)),
    state: row.state as DiagnosisState,
    attempts: Number(row.attempts),
    ...(row.done_at !== null && { doneAt: new Date(Number(row.done_at)) }),
    ...(row.finding !== null && { finding: reviveFinding(row.finding) }),
  }
}

const dates = new Set(['at', 'since', 'lastGood', 'newestAt'])

const reviveFinding = (text: string): Finding =>
  JSON.parse(text, (key, value: unknown) =>
    dates.has(key) && typeof value === 'string' ? new Date(value) : value,
  ) as Finding

/** Alerts that nothing came of, and what is done for long with its alerts. */
export async function trimDiagnoses(
  tx: Transaction<Tables>,
  { alertsBefore, before }: { readonly alertsBefore: Date; readonly before: Date },
): Promise<number> {
  const diagnoses = await tx
    .deleteFrom('diagnosis')
    .where('state', '=', 'done')
    .where('done_at', '<', before.getTime())
    .executeTakeFirst()
  const alerts = await tx
    .deleteFrom('alert')
    .where('received_at', '<', alertsBefore.getTime())
    .where(sql<boolean>`not exists (select 1 from diagnosis where diagnosis.id = alert.diagnosis)`)
    .executeTakeFirst()
  return Number(diagnoses.numDeletedRows) + Number(alerts.numDeletedRows)
}
