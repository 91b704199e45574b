/** What waits to be looked into. Portable SQL. */
import type { Transaction } from 'kysely'
import type { DiagnosisState } from '../../model/diagnosis.ts'
import { newId } from '../../system/id.ts'
import { sealed } from '../seal.ts'
import type { Tables } from '../tables.ts'

/** The id of what waits of a group; opened where there is none, and that is wanted. */
export async function waitingDiagnosis(
  tx: Transaction<Tables>,
  {
    group,
    opens,
    now,
    waitMs,
  }: { readonly group: string; readonly opens: boolean; readonly now: Date; readonly waitMs: number },
): Promise<string | undefined> {
  const waiting = await tx
    .selectFrom('diagnosis')
    .select('id')
    .where('group_key', '=', group)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  if (waiting !== undefined || !opens) return waiting?.id
  const row = sealed({
    id: newId(now),
    group_key: group,
    opened_at: now.getTime(),
    due_at: now.getTime() + waitMs,
    state: 'waiting' satisfies DiagnosisState,
    attempts: 0,
    claimed_until: null,
    done_at: null,
    finding: null,
  })
  await tx.insertInto('diagnosis').values(row).execute()
  return row.id
}
