/** Incidents, and who was told of them. Portable SQL. */
import type { Kysely, Transaction } from 'kysely'
import type { Incident, IncidentChanges, IncidentEvent, IncidentFacts, Told } from '../../model/incident.ts'
import type { Ledger } from '../ledger.ts'
import { sealed, unsealed } from '../seal.ts'
import type { IncidentRow, Tables, ToldRow } from '../tables.ts'

type Db = Kysely<Tables>

export function incidentStore(db: Db): Pick<Ledger, 'incidents' | 'changeIncidents' | 'told'> {
  return {
    async incidents({ closedSince }): Promise<Incident[]> {
      const rows = await db
        .selectFrom('incident')
        .selectAll()
        .where(({ eb, or }) =>
          or([
            eb('closed_at', 'is', null),
            ...(closedSince === undefined ? [] : [eb('closed_at', '>=', closedSince.getTime())]),
          ]),
        )
        .orderBy('number')
        .execute()
      return rows.map(fromIncidentRow)
    },
    changeIncidents: (changes, now) => db.transaction().execute((tx) => change(tx, changes, now)),
    async told(notifier, incidents): Promise<Told[]> {
      if (incidents.length === 0) return []
      const rows = await db
        .selectFrom('told')
        .selectAll()
        .where('notifier', '=', notifier)
        .where('incident', '>=', Math.min(...incidents))
        .execute()
      return rows.map(fromToldRow)
    },
  }
}

/** Opens, changes and closes. */
export async function change(
  tx: Transaction<Tables>,
  { opened, changed, closed }: IncidentChanges,
  now: Date,
): Promise<void> {
  const at = now.getTime()
  const { last } = await tx
    .selectFrom('incident')
    .select(({ fn }) => fn.max('number').as('last'))
    .executeTakeFirstOrThrow()
  let number = Number(last ?? 0)
  for (const facts of opened) {
    number += 1
    // Another process may have opened it just now: then it is open.
    await tx
      .insertInto('incident')
      .values(toRow({ number, incident_key: facts.key, facts: JSON.stringify(facts), opened_at: at, closed_at: null }))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  const edits = [
    ...changed.map((one) => ({ number: one.number, edit: { facts: JSON.stringify(one.facts) } })),
    ...closed.map((one) => ({ number: one, edit: { closed_at: at } })),
  ]
  for (const { number: of, edit } of edits) {
    const row = await tx.selectFrom('incident').selectAll().where('number', '=', of).executeTakeFirst()
    if (row === undefined || row.closed_at !== null) continue
    const { crc: _, ...known } = unsealed('incident', row)
    await tx
      .updateTable('incident')
      .set(toRow({ ...known, ...edit }))
      .where('number', '=', of)
      .execute()
  }
}

/** Numbers of those that are open, by key. */
export async function openNumbers(tx: Transaction<Tables>, keys: readonly string[]): Promise<Map<string, number>> {
  if (keys.length === 0) return new Map()
  const rows = await tx
    .selectFrom('incident')
    .select(['incident_key', 'number'])
    .where('closed_at', 'is', null)
    .where('incident_key', 'in', [...keys])
    .execute()
  return new Map(rows.map((row) => [row.incident_key, Number(row.number)]))
}

const toRow = (row: Omit<IncidentRow, 'crc'>): IncidentRow => sealed(row)

export function fromIncidentRow(row: IncidentRow): Incident {
  unsealed('incident', row)
  const { since, lastGood, ...facts } = JSON.parse(row.facts) as Omit<IncidentFacts, 'since' | 'lastGood'> & {
    since?: string
    lastGood?: string
  }
  return {
    ...facts,
    number: Number(row.number),
    openedAt: new Date(Number(row.opened_at)),
    ...(since !== undefined && { since: new Date(since) }),
    ...(lastGood !== undefined && { lastGood: new Date(lastGood) }),
    ...(row.closed_at !== null && { closedAt: new Date(Number(row.closed_at)) }),
  }
}

export function fromToldRow(row: ToldRow): Told {
  unsealed('told', row)
  return { incident: Number(row.incident), event: row.event as IncidentEvent, at: new Date(Number(row.told_at)) }
}
