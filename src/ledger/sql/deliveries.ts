/** The outbox: what is to be told, to whom, and what became of it. Portable SQL. */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Delivery, DeliveryState, Message } from '../../model/delivery.ts'
import type { Problem } from '../../model/problem.ts'
import type { DeliveryHead, DeliveryTotal, Ledger } from '../ledger.ts'
import { sealed, unsealed } from '../seal.ts'
import type { DeliveryRow, Tables } from '../tables.ts'

type Db = Kysely<Tables>

export function deliveryStore(
  db: Db,
): Pick<Ledger, 'enqueue' | 'claimDelivery' | 'noteAttempt' | 'deliveries' | 'deliveryTotals' | 'deliveryHeads'> {
  return {
    enqueue: (delivery, told) => db.transaction().execute((tx) => putDown(tx, delivery, told)),
    claimDelivery: (notifier, now, leaseMs) =>
      db.transaction().execute(async (tx) => {
        const row = await tx
          .selectFrom('delivery')
          .selectAll()
          .where('state', '=', 'pending')
          .where('notifier', '=', notifier)
          .where('next_at', '<=', now.getTime())
          .where(({ eb, or }) => or([eb('claimed_until', 'is', null), eb('claimed_until', '<=', now.getTime())]))
          .orderBy('made_at')
          .orderBy('id')
          .limit(1)
          .executeTakeFirst()
        if (row === undefined) return undefined
        const { crc: _, ...known } = unsealed('delivery', row)
        // Counted before it is tried: one that ends the process is not tried for ever.
        const mine = sealed({ ...known, attempts: row.attempts + 1, claimed_until: now.getTime() + leaseMs })
        await tx.updateTable('delivery').set(mine).where('id', '=', row.id).execute()
        return fromDeliveryRow(mine)
      }),
    noteAttempt: (id, { state, nextAt, answer, problem, at, instead, refusals, parts }) =>
      db.transaction().execute(async (tx) => {
        const row = await tx.selectFrom('delivery').selectAll().where('id', '=', id).executeTakeFirst()
        if (row === undefined || row.state !== 'pending') return
        const { crc: _, ...known } = unsealed('delivery', row)
        const next = sealed({
          ...known,
          state,
          next_at: nextAt?.getTime() ?? row.next_at,
          claimed_until: null,
          answer: answer ?? null,
          problem: problem === undefined ? null : JSON.stringify(problem),
          done_at: state === 'pending' ? null : at.getTime(),
          refusals: refusals ?? row.refusals,
          parts: parts === undefined ? row.parts : JSON.stringify(parts),
        })
        await tx.updateTable('delivery').set(next).where('id', '=', id).execute()
        if (state !== 'pending') await count(tx, row.notifier, state)
        if (instead !== undefined) await tx.insertInto('delivery').values(toDeliveryRow(instead)).execute()
      }),
    async deliveries({ states, notifier, most }): Promise<Delivery[]> {
      let query = db.selectFrom('delivery').selectAll()
      if (states !== undefined) query = query.where('state', 'in', [...states])
      if (notifier !== undefined) query = query.where('notifier', '=', notifier)
      return (await query.orderBy('made_at', 'desc').orderBy('id', 'desc').limit(most).execute()).map(fromDeliveryRow)
    },
    async deliveryHeads(): Promise<DeliveryHead[]> {
      const waiting = await db
        .selectFrom('delivery')
        .select(['notifier', ({ fn }) => fn.countAll().as('pending')])
        .where('state', '=', 'pending')
        .groupBy('notifier')
        .execute()
      const pending = new Map(waiting.map((row) => [row.notifier, Number(row.pending)]))
      // As many as there are notifiers, and the index has them in order.
      const ended = await db.selectFrom('delivery_total').select('notifier').distinct().execute()
      const names = new Set([...pending.keys(), ...ended.map(({ notifier }) => notifier)])
      return Promise.all(
        [...names].sort().map(async (notifier): Promise<DeliveryHead> => {
          const [oldestPending, lastDelivered, lastDead] = await Promise.all([
            pending.has(notifier) ? endOf(db, notifier, 'pending', 'asc') : undefined,
            endOf(db, notifier, 'delivered', 'desc'),
            endOf(db, notifier, 'dead', 'desc'),
          ])
          return {
            notifier,
            pending: pending.get(notifier) ?? 0,
            ...(oldestPending && { oldestPending }),
            ...(lastDelivered && { lastDelivered }),
            ...(lastDead && { lastDead }),
          }
        }),
      )
    },
    async deliveryTotals(): Promise<DeliveryTotal[]> {
      const rows = await db.selectFrom('delivery_total').selectAll().execute()
      return rows.map((row) => {
        unsealed('delivery_total', row)
        return { notifier: row.notifier, state: row.state as DeliveryState, deliveries: Number(row.deliveries) }
      })
    },
  }
}

/** See `Ledger.enqueue`. */
export async function putDown(
  tx: Transaction<Tables>,
  delivery: Delivery,
  told: Parameters<Ledger['enqueue']>[1],
): Promise<boolean> {
  // Another process may have told some of it meanwhile: then nothing is put down, and the caller looks again.
  if (await anyTold(tx, delivery.notifier, told)) return false
  const made = await tx
    .insertInto('delivery')
    .values(toDeliveryRow(delivery))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst()
  if (made.numInsertedOrUpdatedRows === 0n) return false
  for (const { incident, event } of told)
    await tx
      .insertInto('told')
      .values(sealed({ notifier: delivery.notifier, incident, event, told_at: delivery.madeAt.getTime() }))
      .execute()
  return true
}

async function endOf(
  db: Db,
  notifier: string,
  state: DeliveryState,
  order: 'asc' | 'desc',
): Promise<Delivery | undefined> {
  const row = await db
    .selectFrom('delivery')
    .selectAll()
    .where('notifier', '=', notifier)
    .where('state', '=', state)
    .orderBy('made_at', order)
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : fromDeliveryRow(row)
}

async function anyTold(
  tx: Transaction<Tables>,
  notifier: string,
  told: Parameters<Ledger['enqueue']>[1],
): Promise<boolean> {
  for (const { incident, event } of told) {
    if (event === 'reminder') continue
    const row = await tx
      .selectFrom('told')
      .select('event')
      .where('notifier', '=', notifier)
      .where('incident', '=', incident)
      .where('event', '=', event)
      .executeTakeFirst()
    if (row !== undefined) return true
  }
  return false
}

async function count(tx: Transaction<Tables>, notifier: string, state: string): Promise<void> {
  const row = await tx
    .selectFrom('delivery_total')
    .selectAll()
    .where('notifier', '=', notifier)
    .where('state', '=', state)
    .executeTakeFirst()
  const total = sealed({ notifier, state, deliveries: Number(row?.deliveries ?? 0) + 1 })
  await tx
    .insertInto('delivery_total')
    .values(total)
    .onConflict((conflict) =>
      conflict.columns(['notifier', 'state']).doUpdateSet({ deliveries: total.deliveries, crc: total.crc }),
    )
    .execute()
}

/** What is over for long; nothing that is open or on its way. */
export async function trimTelling(tx: Transaction<Tables>, before: Date): Promise<number> {
  const at = before.getTime()
  const incidents = await tx.deleteFrom('incident').where('closed_at', '<', at).executeTakeFirst()
  const told = await tx
    .deleteFrom('told')
    .where(sql<boolean>`not exists (select 1 from incident where incident.number = told.incident)`)
    .executeTakeFirst()
  const deliveries = await tx
    .deleteFrom('delivery')
    .where('state', '<>', 'pending')
    .where('done_at', '<', at)
    .executeTakeFirst()
  return [incidents, told, deliveries].reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0)
}

const toDeliveryRow = ({ message, problem, ...delivery }: Delivery): DeliveryRow =>
  sealed({
    id: delivery.id,
    notifier: delivery.notifier,
    message: JSON.stringify(message),
    made_at: delivery.madeAt.getTime(),
    state: delivery.state,
    attempts: delivery.attempts,
    next_at: delivery.nextAt.getTime(),
    claimed_until: null,
    answer: delivery.answer ?? null,
    problem: problem === undefined ? null : JSON.stringify(problem),
    done_at: delivery.doneAt?.getTime() ?? null,
    instead_of: delivery.insteadOf ?? null,
    refusals: delivery.refusals ?? null,
    parts: delivery.parts === undefined ? null : JSON.stringify(delivery.parts),
  })

export function fromDeliveryRow(row: DeliveryRow): Delivery {
  unsealed('delivery', row)
  return {
    id: row.id,
    notifier: row.notifier,
    message: reviveMessage(row.message),
    madeAt: new Date(Number(row.made_at)),
    state: row.state as DeliveryState,
    attempts: Number(row.attempts),
    nextAt: new Date(Number(row.next_at)),
    ...(row.answer !== null && { answer: row.answer }),
    ...(row.problem !== null && { problem: JSON.parse(row.problem) as Problem }),
    ...(row.done_at !== null && { doneAt: new Date(Number(row.done_at)) }),
    ...(row.instead_of !== null && { insteadOf: row.instead_of }),
    ...(row.refusals !== null && { refusals: Number(row.refusals) }),
    ...(row.parts !== null && { parts: JSON.parse(row.parts) as string[] }),
  }
}

const dates = new Set(['at', 'openedAt', 'since', 'lastGood', 'closedAt'])

const reviveMessage = (text: string): Message =>
  JSON.parse(text, (key, value: unknown) =>
    dates.has(key) && typeof value === 'string' ? new Date(value) : value,
  ) as Message
