/** Small facts about the ledger itself. Portable SQL. */
import type { Kysely } from 'kysely'
import { sealed } from '../seal.ts'
import type { Tables } from '../tables.ts'

/** Where a ledger remembers that damage was found in it while it was open. */
export const distrustKey = 'distrust'

export async function putMeta(db: Kysely<Tables>, key: string, value: string): Promise<void> {
  const row = sealed({ key, value })
  await db
    .insertInto('meta')
    .values(row)
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, crc: row.crc }))
    .execute()
}
