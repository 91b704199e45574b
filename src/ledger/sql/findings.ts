/** Findings of history: kept once for each subject, open until a person settles them. Portable SQL. */
import type { Kysely, Transaction } from 'kysely'
import type { HistoryFinding, KeptFinding } from '../../model/history.ts'
import type { Ledger } from '../ledger.ts'
import { fromFindingRow } from '../rows.ts'
import { sealed } from '../seal.ts'
import type { Tables } from '../tables.ts'
import { noteChanges } from './changes.ts'

export function findingStore(db: Kysely<Tables>): Pick<Ledger, 'findings' | 'settleFindings'> {
  return {
    async findings(filter = {}): Promise<KeptFinding[]> {
      let query = db.selectFrom('finding').selectAll()
      if (filter.repositories !== undefined) query = query.where('repository', 'in', [...filter.repositories])
      if (filter.open === true) query = query.where('settled_at', 'is', null)
      return (await query.orderBy('number').execute()).map(fromFindingRow)
    },
    settleFindings: (numbers, at, note) =>
      db.transaction().execute(async (tx) => {
        const settled: KeptFinding[] = []
        for (const number of numbers) {
          const row = await tx.selectFrom('finding').selectAll().where('number', '=', number).executeTakeFirst()
          if (row === undefined || row.settled_at !== null) continue
          fromFindingRow(row)
          const { crc: _, ...known } = row
          const closed = sealed({ ...known, settled_at: at.getTime(), note: note ?? null })
          await tx.updateTable('finding').set(closed).where('number', '=', number).execute()
          settled.push(fromFindingRow(closed))
        }
        const repositories = new Set(settled.map(({ repository }) => repository))
        if (repositories.size > 0)
          await noteChanges(
            tx,
            [...repositories].map((repository) => ({ repository, job: '' })),
          )
        return settled
      }),
  }
}

/** Keeps what is new; a subject that was settled and shows the same again is open again. */
export async function keepFindings(
  tx: Transaction<Tables>,
  repository: string,
  found: readonly HistoryFinding[],
  at: Date,
): Promise<void> {
  for (const { kind, subject, message, next } of found) {
    const old = await tx
      .selectFrom('finding')
      .selectAll()
      .where('repository', '=', repository)
      .where('kind', '=', kind)
      .where('subject', '=', subject)
      .executeTakeFirst()
    if (old !== undefined && old.settled_at === null) continue
    const { last } = await tx
      .selectFrom('finding')
      .select(({ fn }) => fn.max('number').as('last'))
      .executeTakeFirstOrThrow()
    if (old !== undefined) await tx.deleteFrom('finding').where('number', '=', old.number).execute()
    const row = { number: Number(last ?? 0) + 1, repository, kind, subject, message, next }
    await tx
      .insertInto('finding')
      .values(sealed({ ...row, found_at: at.getTime(), settled_at: null, note: null }))
      .execute()
  }
}
