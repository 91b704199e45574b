/** What came in and was told to be kept: on the disk before the answer, gone when it was sorted. Portable SQL. */
import { crc32 } from 'node:zlib'
import { type Kysely, sql } from 'kysely'
import type { Intake, IntakeWay } from '../../model/alert.ts'
import type { Ledger, StoredIntake } from '../ledger.ts'
import { DamagedRow, sealed, unsealed } from '../seal.ts'
import type { IntakeRow, Tables } from '../tables.ts'
import { type Group, groupCommit } from './group.ts'

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

export function intakeStore(db: Db, group: Group<Intake>): Pick<Ledger, 'recordIntake' | 'intakes' | 'intakeBacklog'> {
  return {
    recordIntake: (intake) => group.write(intake),
    async intakes({ bodies, bytes }) {
      const rows = await db.selectFrom('intake').select(['number', 'bytes']).orderBy('number').limit(bodies).execute()
      const numbers: number[] = []
      let sum = 0
      for (const row of rows) {
        sum += Number(row.bytes)
        // One is always taken, however large.
        if (sum > bytes && numbers.length > 0) break
        numbers.push(row.number)
      }
      if (numbers.length === 0) return []
      const found = await db.selectFrom('intake').selectAll().where('number', 'in', numbers).orderBy('number').execute()
      return found.map(fromIntakeRow)
    },
    async intakeBacklog() {
      const row = await db
        .selectFrom('intake')
        .select([
          ({ fn }) => fn.countAll().as('bodies'),
          sql<number | null>`sum(bytes)`.as('bytes'),
          sql<number | null>`min(received_at)`.as('oldest'),
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
