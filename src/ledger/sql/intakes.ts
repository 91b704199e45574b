/** What came in and was told to be kept: on the disk before the answer, gone when it was sorted. Portable SQL. */
import { crc32 } from 'node:zlib'
import { type Kysely, sql } from 'kysely'
import type { Intake, IntakeWay } from '../../model/alert.ts'
import type { Problem } from '../../model/problem.ts'
import type { Ledger, StoredIntake } from '../ledger.ts'
import { DamagedRow, sealed, unsealed } from '../seal.ts'
import type { IntakeRow, Tables } from '../tables.ts'
import { type Group, groupCommit } from './group.ts'
import { distrustKey, putMeta } from './meta.ts'

type Db = Kysely<Tables>

/** Those of one turn of the event loop are committed together. */
export const intakeGroup = (db: Db): Group<Intake> =>
  groupCommit(db, async (tx, items) => {
    const { last } = await tx
      .selectFrom('intake')
      .select(({ fn }) => fn.max('number').as('last'))
      .executeTakeFirstOrThrow()
    // Never one that was there before: another process may be about to take that away.
    const now = Math.max(...items.map(({ receivedAt }) => receivedAt.getTime())) * 1000
    const first = Math.max(Number(last ?? 0) + 1, now)
    await tx
      .insertInto('intake')
      .values(items.map((item, at) => toIntakeRow(first + at, item)))
      .execute()
  })

/** @param degrade Hears how many bodies lie apart, as soon as one more does. */
export function intakeStore(
  db: Db,
  group: Group<Intake>,
  degrade: (problem: Problem) => void,
): Pick<Ledger, 'recordIntake' | 'intakes' | 'intakeBacklog'> {
  return {
    recordIntake: (intake) => group.write(intake),
    async intakes({ bodies, bytes }, onDamaged) {
      const rows = await db
        .selectFrom('intake')
        .select(['number', sizeOf.as('size')])
        .orderBy('number')
        .limit(bodies)
        .execute()
      const numbers: number[] = []
      let sum = 0
      for (const row of rows) {
        sum += Number(row.size)
        // One is always taken, however large.
        if (sum > bytes && numbers.length > 0) break
        numbers.push(row.number)
      }
      if (numbers.length === 0) return []
      const { found, bad } = await readable(db, numbers)
      if (bad.length > 0) {
        const problem = await setApart(db, bad)
        degrade(problem)
        const lost = rows.filter(({ number }) => bad.includes(number))
        onDamaged?.({ bodies: lost.length, bytes: lost.reduce((all, { size }) => all + Number(size), 0), problem })
      }
      return found
    },
    async intakeBacklog() {
      const row = await db
        .selectFrom('intake')
        .select([
          ({ fn }) => fn.countAll().as('bodies'),
          sql<number | null>`sum(${sizeOf})`.as('bytes'),
          // No time that a flipped bit made.
          sql<number | null>`min(case when received_at between 0 and ${lastInstant} then received_at end)`.as('oldest'),
        ])
        .executeTakeFirstOrThrow()
      return {
        bodies: Number(row.bodies),
        bytes: Number(row.bytes ?? 0),
        ...(row.oldest !== null && { oldest: new Date(Number(row.oldest)) }),
      }
    },
  }
}

/** Of the body itself: what stands beside it may be damaged. */
const sizeOf = sql<number>`length(body)`
/** Source: ECMAScript, "Time Values and Time Range". */
const lastInstant = 8.64e15

async function readable(
  db: Db,
  numbers: readonly number[],
): Promise<{ readonly found: readonly StoredIntake[]; readonly bad: readonly number[] }> {
  try {
    const rows = await db.selectFrom('intake').selectAll().where('number', 'in', numbers).orderBy('number').execute()
    return { found: rows.map(fromIntakeRow), bad: [] }
  } catch (error) {
    if (!isOfRow(error)) throw error
  }
  const found: StoredIntake[] = []
  const bad: number[] = []
  for (const number of numbers)
    try {
      const row = await db.selectFrom('intake').selectAll().where('number', '=', number).executeTakeFirst()
      if (row !== undefined) found.push(fromIntakeRow(row))
    } catch (error) {
      if (!isOfRow(error)) throw error
      bad.push(number)
    }
  return { found, bad }
}

/** What the engine itself says is about more than one row: its disk, its file. A value that no number can hold is of one. */
const isOfRow = (error: unknown): boolean => (error as { errcode?: number }).errcode === undefined

/** Bodies that cannot be read go where they are in nobody's way, as they are. The next to open the ledger looks at all of it. */
const setApart = (db: Db, numbers: readonly number[]): Promise<Problem> =>
  db.transaction().execute(async (tx) => {
    const columns = ['number', 'way', 'received_at', 'body', 'bytes', 'body_crc', 'crc'] as const
    await tx
      .insertInto('intake_damaged')
      .columns([...columns])
      .expression(
        tx
          .selectFrom('intake')
          .select([...columns])
          .where('number', 'in', numbers),
      )
      .execute()
    await tx.deleteFrom('intake').where('number', 'in', numbers).execute()
    const problem = bodiesApart(await countApart(tx))
    await putMeta(tx, distrustKey, problem.message)
    return problem
  })

/** How many bodies lie apart. */
export async function countApart(db: Db): Promise<number> {
  const row = await db
    .selectFrom('intake_damaged')
    .select(({ fn }) => fn.countAll().as('bodies'))
    .executeTakeFirstOrThrow()
  return Number(row.bodies)
}

export const bodiesApart = (bodies: number): Problem => ({
  code: 'ledger.damaged',
  message: `${bodies} message(s) with alerts were damaged on the disk before they were sorted: what they said is not told. They are kept in the table intake_damaged of muster.db.`,
  next: 'Look at the disk, and at the page of the Alertmanager. To be told of it no more: sqlite3 muster.db "DELETE FROM intake_damaged", then restart Muster.',
  retry: 'never',
})

/** The body is not written as JSON for its seal: that would cost more than all else. */
function toIntakeRow(number: number, { way, receivedAt, body }: Intake): IntakeRow {
  const facts = { number, way, received_at: receivedAt.getTime(), bytes: body.byteLength, body_crc: crc32(body) }
  return { ...sealed(facts), body }
}

export function fromIntakeRow({ body, ...row }: IntakeRow): StoredIntake {
  unsealed('intake', row)
  if (crc32(body) !== Number(row.body_crc)) throw new DamagedRow('a body of the table intake does not fit its checksum')
  return { number: Number(row.number), way: row.way as IntakeWay, receivedAt: new Date(Number(row.received_at)), body }
}
