/** Alerts that were told, once each, and the diagnoses that wait for more of them. Portable SQL. */
import type { Kysely, Transaction } from 'kysely'
import { type AlertFate, alertKey, type IntakeWay, type SortedAlert } from '../../model/alert.ts'
import type { Digest, Ledger } from '../ledger.ts'
import { sealed, unsealed } from '../seal.ts'
import type { AlertRow, Tables } from '../tables.ts'
import { waitingDiagnosis } from './waiting.ts'

type Db = Kysely<Tables>

/** Rows in one statement: SQLite takes 32,766 values. */
const mostTogether = 500

export function alertStore(db: Db): Pick<Ledger, 'digest' | 'knownAlerts' | 'alerts' | 'alertTotals'> {
  return {
    digest: (digest) => db.transaction().execute((tx) => digested(tx, digest)),
    async knownAlerts(keys) {
      const known = new Set<string>()
      for (let at = 0; at < keys.length; at += mostTogether) {
        const part = keys.slice(at, at + mostTogether)
        const rows = await db.selectFrom('alert').select('alert_key').where('alert_key', 'in', part).execute()
        for (const { alert_key } of rows) known.add(alert_key)
      }
      return known
    },
    async alerts({ most, diagnosis, group, since }) {
      let query = db.selectFrom('alert').selectAll()
      if (diagnosis !== undefined) query = query.where('diagnosis', '=', diagnosis)
      if (group !== undefined) query = query.where('group_key', '=', group)
      if (since !== undefined) query = query.where('received_at', '>=', since.getTime())
      return (await query.orderBy('received_at', 'desc').orderBy('alert_key').limit(most).execute()).map(fromAlertRow)
    },
    async alertTotals() {
      const rows = await db.selectFrom('alert_total').selectAll().execute()
      return rows.map((row) => {
        const { way, fate, alerts } = unsealed('alert_total', row)
        return { way: way as IntakeWay, fate: fate as AlertFate, alerts: Number(alerts) }
      })
    },
  }
}

/** New ones are put down; those that count join what waits of their group, or open it. */
async function digested(tx: Transaction<Tables>, digest: Digest): Promise<{ readonly fresh: number }> {
  const { intakes, alerts, now, waitMs, opensWhenResolved } = digest
  if (intakes.length > 0)
    await tx
      .deleteFrom('intake')
      .where('number', 'in', [...intakes])
      .execute()
  const unique = new Map(alerts.map((alert) => [alertKey(alert), alert]))
  const fates = new Map<string, number>()
  const count = (alert: SortedAlert, fate: AlertFate, more = 1): void =>
    void fates.set(`${alert.way} ${fate}`, (fates.get(`${alert.way} ${fate}`) ?? 0) + more)
  const fresh = await unknownOf(tx, [...unique.keys()])
  const diagnoses = new Map<string, string | undefined>()
  const rows: AlertRow[] = []
  for (const [key, alert] of unique) {
    if (!fresh.has(key)) continue
    let diagnosis: string | undefined
    if (alert.counts) {
      // One that is over opens nothing by itself, unless it is wanted; it joins what waits.
      const opens = alert.status === 'firing' || opensWhenResolved
      diagnosis = diagnoses.get(alert.group)
      if (diagnosis === undefined) {
        diagnosis = await waitingDiagnosis(tx, { group: alert.group, opens, now, waitMs })
        diagnoses.set(alert.group, diagnosis)
      }
    }
    count(alert, alert.counts ? alert.status : 'ignored')
    rows.push(toAlertRow(key, alert, diagnosis))
  }
  for (const alert of alerts) if (!fresh.has(alertKey(alert))) count(alert, 'repeated')
  for (let at = 0; at < rows.length; at += mostTogether)
    await tx
      .insertInto('alert')
      .values(rows.slice(at, at + mostTogether))
      .execute()
  for (const [name, more] of fates) await addTo(tx, name, more)
  return { fresh: rows.length }
}

async function unknownOf(tx: Transaction<Tables>, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const unknown = new Set(keys)
  for (let at = 0; at < keys.length; at += mostTogether) {
    const part = keys.slice(at, at + mostTogether)
    const rows = await tx.selectFrom('alert').select('alert_key').where('alert_key', 'in', part).execute()
    for (const { alert_key } of rows) unknown.delete(alert_key)
  }
  return unknown
}

async function addTo(tx: Transaction<Tables>, name: string, more: number): Promise<void> {
  const [way = '', fate = ''] = name.split(' ')
  const row = await tx
    .selectFrom('alert_total')
    .selectAll()
    .where('way', '=', way)
    .where('fate', '=', fate)
    .executeTakeFirst()
  const total = sealed({ way, fate, alerts: Number(row?.alerts ?? 0) + more })
  await tx
    .insertInto('alert_total')
    .values(total)
    .onConflict((conflict) => conflict.columns(['way', 'fate']).doUpdateSet({ alerts: total.alerts, crc: total.crc }))
    .execute()
}

const toAlertRow = (key: string, alert: SortedAlert, diagnosis: string | undefined): AlertRow =>
  sealed({
    alert_key: key,
    group_key: alert.group,
    counts: alert.counts ? 1 : 0,
    received_at: alert.receivedAt.getTime(),
    facts: JSON.stringify(alert),
    diagnosis: diagnosis ?? null,
  })

export function fromAlertRow(row: AlertRow): SortedAlert {
  unsealed('alert', row)
  const { startsAt, endsAt, receivedAt, ...alert } = JSON.parse(row.facts) as Omit<
    SortedAlert,
    'startsAt' | 'endsAt' | 'receivedAt'
  > & { startsAt: string; endsAt?: string; receivedAt: string }
  return {
    ...alert,
    startsAt: new Date(startsAt),
    receivedAt: new Date(receivedAt),
    ...(endsAt !== undefined && { endsAt: new Date(endsAt) }),
  }
}
