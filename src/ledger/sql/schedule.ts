/** Marks of schedules: which instant was taken on last, by whichever process. Portable SQL. */
import type { Kysely, Transaction } from 'kysely'
import type { Ledger, ScheduleMark } from '../ledger.ts'
import { sealed, unsealed } from '../seal.ts'
import type { Tables } from '../tables.ts'

export function scheduleStore(db: Kysely<Tables>): Pick<Ledger, 'scheduleMark'> {
  return {
    async scheduleMark(task, now): Promise<ScheduleMark> {
      const known = await markOf(db, task)
      if (known !== undefined) return known
      const row = sealed({ task, since: now.getTime(), handled: null })
      await db
        .insertInto('schedule_mark')
        .values(row)
        .onConflict((conflict) => conflict.column('task').doNothing())
        .execute()
      return (await markOf(db, task)) ?? { since: now }
    },
  }
}

async function markOf(db: Kysely<Tables>, task: string): Promise<ScheduleMark | undefined> {
  const row = await db.selectFrom('schedule_mark').selectAll().where('task', '=', task).executeTakeFirst()
  if (row === undefined) return undefined
  unsealed('schedule_mark', row)
  const since = new Date(Number(row.since))
  return row.handled === null ? { since } : { since, handled: new Date(Number(row.handled)) }
}

/** Takes an instant on. @returns false when it, or a later one, was taken before: an instant starts at most once. */
export async function markHandled(tx: Transaction<Tables>, task: string, instant: Date): Promise<boolean> {
  const row = await tx.selectFrom('schedule_mark').selectAll().where('task', '=', task).executeTakeFirst()
  if (row !== undefined && row.handled !== null && Number(row.handled) >= instant.getTime()) return false
  const since = row === undefined ? instant.getTime() : Number(row.since)
  const values = sealed({ task, since, handled: instant.getTime() })
  await tx
    .insertInto('schedule_mark')
    .values(values)
    .onConflict((conflict) => conflict.column('task').doUpdateSet({ handled: values.handled, crc: values.crc }))
    .execute()
  return true
}
