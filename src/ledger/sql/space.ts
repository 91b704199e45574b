/** Room in the stores, as it was found over time. Portable SQL. */
import type { Kysely, Transaction } from 'kysely'
import type { SpaceMeasure } from '../../model/space.ts'
import type { Ledger } from '../ledger.ts'
import { fromSpaceRow, toSpaceRow } from '../rows.ts'
import type { Tables } from '../tables.ts'
import { noteChanges } from './changes.ts'
import { type Group, groupCommit } from './group.ts'

export const spaceGroup = (db: Kysely<Tables>): Group<SpaceMeasure> => groupCommit(db, recordAll)

async function recordAll(tx: Transaction<Tables>, all: readonly SpaceMeasure[]): Promise<void> {
  for (const measure of all) {
    const row = toSpaceRow(measure)
    await tx
      .insertInto('space')
      .values(row)
      .onConflict((conflict) => conflict.columns(['repository', 'at']).doUpdateSet(row))
      .execute()
  }
  const repositories = new Set(all.map(({ repository }) => repository))
  await noteChanges(
    tx,
    [...repositories].map((repository) => ({ repository, job: '' })),
  )
}

export function spaceStore(
  db: Kysely<Tables>,
  group: Group<SpaceMeasure>,
): Pick<Ledger, 'recordSpace' | 'spaceSince' | 'lastSpace'> {
  return {
    recordSpace: (measure) => group.write(measure),
    async spaceSince(repositories, since) {
      const rows = await db
        .selectFrom('space')
        .selectAll()
        .where('repository', 'in', [...repositories])
        .where('at', '>=', since.getTime())
        .orderBy('at')
        .execute()
      return Map.groupBy(rows.map(fromSpaceRow), ({ repository }) => repository)
    },
    async lastSpace(repository): Promise<SpaceMeasure | undefined> {
      const row = await db
        .selectFrom('space')
        .selectAll()
        .where('repository', '=', repository)
        .orderBy('at', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? undefined : fromSpaceRow(row)
    },
  }
}
