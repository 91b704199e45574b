/** Lanes: who works on which repository now. Shared together, exclusive alone, first come first served. Portable SQL. */
import type { Kysely } from 'kysely'
import type { ProcessMark } from '../../model/process-mark.ts'
import type { Lane, LaneMode, Ledger } from '../ledger.ts'
import type { Tables } from '../tables.ts'

type Row = Tables['lane']

export function laneStore(db: Kysely<Tables>): Pick<Ledger, 'requestLane' | 'releaseLane' | 'beatLane' | 'lanes'> {
  return {
    requestLane: (lane, now, dead) =>
      db.transaction().execute(async (tx) => {
        const rows = await tx.selectFrom('lane').selectAll().where('repository', '=', lane.repository).execute()
        const gone = rows.filter(
          (row) => row.id !== lane.id && dead(JSON.parse(row.owner) as ProcessMark, new Date(Number(row.beat_at))),
        )
        for (const row of gone) await tx.deleteFrom('lane').where('id', '=', row.id).execute()
        const mine = rows.find((row) => row.id === lane.id)
        const since = mine === undefined ? lane.since.getTime() : Number(mine.since)
        const others = rows.filter((row) => row.id !== lane.id && !gone.includes(row))
        const granted = mayEnter(lane, since, others)
        const row: Row = {
          id: lane.id,
          repository: lane.repository,
          mode: lane.mode,
          purpose: lane.purpose,
          owner: JSON.stringify(lane.owner),
          waiting: granted ? 0 : 1,
          since,
          beat_at: now.getTime(),
        }
        await tx
          .insertInto('lane')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ waiting: row.waiting, beat_at: row.beat_at }))
          .execute()
        return granted
      }),
    async releaseLane(id) {
      await db.deleteFrom('lane').where('id', '=', id).execute()
    },
    async beatLane(id, now) {
      await db.updateTable('lane').set({ beat_at: now.getTime() }).where('id', '=', id).execute()
    },
    async lanes(): Promise<Lane[]> {
      const rows = await db.selectFrom('lane').selectAll().orderBy('since').execute()
      return rows.map((row) => ({
        id: row.id,
        repository: row.repository,
        mode: row.mode as LaneMode,
        purpose: row.purpose,
        owner: JSON.parse(row.owner) as ProcessMark,
        waiting: row.waiting === 1,
        since: new Date(Number(row.since)),
        beatAt: new Date(Number(row.beat_at)),
      }))
    },
  }
}

/** Nobody inside who excludes us, and nobody who lined up earlier and whom we would exclude or overtake. */
function mayEnter(
  lane: { readonly id: string; readonly mode: LaneMode },
  since: number,
  others: readonly Row[],
): boolean {
  const clash = (row: Row): boolean => lane.mode === 'exclusive' || row.mode === 'exclusive'
  const earlier = (row: Row): boolean => Number(row.since) < since || (Number(row.since) === since && row.id < lane.id)
  return !others.some((row) => clash(row) && (row.waiting === 0 || earlier(row)))
}
