/** Which repositories and jobs changed since when, whichever process wrote. Portable SQL. */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Ledger } from '../ledger.ts'
import type { Tables } from '../tables.ts'

/** `job`: '' for what concerns the repository itself. */
export interface Changed {
  readonly repository: string
  readonly job: string
}

export function changeStore(db: Kysely<Tables>): Pick<Ledger, 'changesSince'> {
  return {
    async changesSince(sequence) {
      const rows = await db
        .selectFrom('repository_change')
        .select(['repository', 'job', 'sequence'])
        .where('sequence', '>', sequence)
        .execute()
      return {
        sequence: rows.reduce((most, row) => Math.max(most, Number(row.sequence)), sequence),
        repositories: new Set(rows.map((row) => row.repository)),
        jobs: new Set(rows.flatMap(({ job }) => (job === '' ? [] : [job]))),
      }
    },
  }
}

/** Part of every transaction that changes something about a repository, once, as its last step. */
export async function noteChanges(tx: Transaction<Tables>, changes: readonly Changed[]): Promise<void> {
  await countOn(tx)
  for (const { repository, job } of changes)
    await sql`insert into repository_change (repository, job, sequence)
      select ${repository}, ${job}, sequence from change_count where only = 1
      on conflict (repository, job) do update set sequence = excluded.sequence`.execute(tx)
}

/** What `noteSeen` wrote last; null where the snapshots are not known to be exactly those. */
export async function seenBefore(tx: Kysely<Tables> | Transaction<Tables>, repository: string): Promise<string | null> {
  const row = await tx
    .selectFrom('repository_change')
    .select('seen')
    .where('repository', '=', repository)
    .where('job', '=', '')
    .executeTakeFirst()
  return row?.seen ?? null
}

/** After `noteChanges`, which made the row. */
export async function noteSeen(tx: Transaction<Tables>, repository: string, seen: string | null): Promise<void> {
  await tx
    .updateTable('repository_change')
    .set({ seen })
    .where('repository', '=', repository)
    .where('job', '=', '')
    .execute()
}

/** Where rows of any repository may have gone. */
export async function noteAllChanged(tx: Transaction<Tables>): Promise<void> {
  await countOn(tx)
  await sql`update repository_change set sequence = (select sequence from change_count where only = 1)`.execute(tx)
}

async function countOn(tx: Transaction<Tables>): Promise<void> {
  // Not below what the rows say, should the count be damaged: who asks what changed would never hear of it.
  await sql`update change_count set sequence = 1 + (select max(s) from (select sequence as s from change_count
    union all select max(sequence) from repository_change) as known) where only = 1`.execute(tx)
}
