/** What is handed on without being asked for: the newest body of each place, and whether it was taken. Portable SQL. */
import type { Kysely, Transaction } from 'kysely'
import type { Problem } from '../../model/problem.ts'
import type { PushMethod, PushState, PushTarget, PushTotal, WantedPush } from '../../model/push.ts'
import type { Ledger, StoredPush } from '../ledger.ts'
import { sealed, unsealed } from '../seal.ts'
import type { PushRow, Tables } from '../tables.ts'

type Db = Kysely<Tables>
type Unsealed = Omit<PushRow, 'crc'>

export function pushStore(
  db: Db,
): Pick<Ledger, 'wantPushes' | 'resendPushes' | 'forgetPushes' | 'claimPush' | 'notePush' | 'pushes' | 'pushTotals'> {
  return {
    wantPushes: (target, place, wanted, { now, again = false }) =>
      db.transaction().execute(async (tx) => {
        const known = new Map((await rowsAt(tx, target, place)).map((row) => [row.push_key, row]))
        let changed = 0
        const keep = async (row: Unsealed): Promise<void> => {
          changed += 1
          await replace(tx, row)
        }
        for (const one of wanted) {
          const row = known.get(one.key)
          known.delete(one.key)
          if (row === undefined) await keep(fresh(target, place, one, now))
          else if (row.method !== one.method || row.body !== one.body || isRunSince(row, one))
            await keep({ ...renewed(row, now), method: one.method, body: one.body, job: one.job ?? '' })
          else if (again && row.state !== 'kept') await keep(retried(row, now))
        }
        for (const row of known.values())
          if (row.method !== 'delete') await keep({ ...renewed(row, now), method: 'delete', body: '' })
          else if (again) await keep(retried(row, now))
        return changed
      }),
    resendPushes: (target, place, keys, now) =>
      db.transaction().execute(async (tx) => {
        const lost = (await rowsAt(tx, target, place)).filter(
          (row) => row.state === 'kept' && (keys === undefined || keys.includes(row.push_key)),
        )
        for (const row of lost) await replace(tx, renewed(row, now))
        return lost.length
      }),
    forgetPushes: (target, exceptPlace) =>
      db.transaction().execute(async (tx) => {
        const rows = (await tx.selectFrom('push').selectAll().where('target', '=', target).execute()).filter(
          ({ place }) => place !== exceptPlace,
        )
        for (const row of rows) await remove(tx, row)
        return rows.map(fromPushRow)
      }),
    claimPush: (target, now, leaseMs) =>
      db.transaction().execute(async (tx) => {
        const row = await tx
          .selectFrom('push')
          .selectAll()
          .where('target', '=', target)
          .where('state', '=', 'pending')
          .where('next_at', '<=', now.getTime())
          .where(({ eb, or }) => or([eb('claimed_until', 'is', null), eb('claimed_until', '<=', now.getTime())]))
          .orderBy('made_at')
          .orderBy('push_key')
          .limit(1)
          .executeTakeFirst()
        if (row === undefined) return undefined
        const mine = {
          ...known(row),
          attempts: Number(row.attempts) + 1,
          claimed_until: now.getTime() + leaseMs,
        }
        await replace(tx, mine)
        return fromPushRow(sealed(mine))
      }),
    notePush: ({ target, place, key, version }, { state, at, nextAt, keptThere, answer, problem }) =>
      db.transaction().execute(async (tx) => {
        if (state !== 'pending') await count(tx, target, state)
        const row = (await rowsAt(tx, target, place)).find(({ push_key }) => push_key === key)
        if (row === undefined) return
        const kept = state === 'kept' && { kept_at: at.getTime(), kept_there: keptThere?.getTime() ?? null }
        // Something newer is wanted meanwhile: it stays to be sent.
        if (row.version !== version) {
          await replace(tx, { ...row, ...kept, claimed_until: null })
          return
        }
        if (state === 'kept' && row.method === 'delete') {
          await remove(tx, row)
          return
        }
        await replace(tx, {
          ...row,
          ...kept,
          state,
          next_at: nextAt?.getTime() ?? row.next_at,
          claimed_until: null,
          answer: answer ?? null,
          problem: problem === undefined ? null : JSON.stringify(problem),
        })
        // Where nobody answered one, nobody has to ask for the others.
        if (state === 'pending' && nextAt !== undefined && problem?.retry === 'soon')
          for (const other of await rowsAt(tx, target, place))
            if (other.push_key !== key && other.state === 'pending' && other.next_at < nextAt.getTime())
              await replace(tx, { ...other, next_at: nextAt.getTime(), problem: JSON.stringify(problem) })
      }),
    async pushes(target): Promise<StoredPush[]> {
      let query = db.selectFrom('push').selectAll()
      if (target !== undefined) query = query.where('target', '=', target)
      return (await query.orderBy('target').orderBy('place').orderBy('push_key').execute()).map(fromPushRow)
    },
    async pushTotals(): Promise<PushTotal[]> {
      const rows = await db.selectFrom('push_total').selectAll().execute()
      return rows.map((row) => {
        unsealed('push_total', row)
        return {
          target: row.target as PushTarget,
          state: row.state as PushTotal['state'],
          pushes: Number(row.pushes),
        }
      })
    },
  }
}

/** Without the seal, numbers as numbers. */
function known(row: PushRow): Unsealed {
  const { crc: _, ...rest } = unsealed('push', row)
  return rest
}

async function rowsAt(tx: Transaction<Tables>, target: string, place: string): Promise<Unsealed[]> {
  const rows = await tx
    .selectFrom('push')
    .selectAll()
    .where('target', '=', target)
    .where('place', '=', place)
    .orderBy('push_key')
    .execute()
  return rows.map(known)
}

async function remove(tx: Transaction<Tables>, row: Pick<PushRow, 'target' | 'place' | 'push_key'>): Promise<void> {
  await tx
    .deleteFrom('push')
    .where('target', '=', row.target)
    .where('place', '=', row.place)
    .where('push_key', '=', row.push_key)
    .execute()
}

async function replace(tx: Transaction<Tables>, row: Unsealed): Promise<void> {
  await remove(tx, row)
  await tx.insertInto('push').values(sealed(row)).execute()
}

const fresh = (target: PushTarget, place: string, { key, job, method, body }: WantedPush, now: Date): Unsealed => ({
  target,
  place,
  push_key: key,
  job: job ?? '',
  method,
  body,
  made_at: now.getTime(),
  version: 1,
  state: 'pending',
  attempts: 0,
  next_at: now.getTime(),
  claimed_until: null,
  kept_at: null,
  kept_there: null,
  answer: null,
  problem: null,
})

/** To be sent, and whatever is on its way now is not the newest. Who waits since earlier goes on waiting since then. */
const isRunSince = ({ state, made_at }: Unsealed, { ranAt }: WantedPush): boolean =>
  state === 'kept' && ranAt !== undefined && ranAt.getTime() > Number(made_at)

const renewed = (row: Unsealed, now: Date): Unsealed => ({
  ...retried(row, now),
  made_at: row.state === 'kept' ? now.getTime() : row.made_at,
  version: row.version + 1,
})

const retried = (row: Unsealed, now: Date): Unsealed => ({
  ...row,
  state: 'pending',
  attempts: 0,
  next_at: now.getTime(),
})

async function count(tx: Transaction<Tables>, target: string, state: string): Promise<void> {
  const row = await tx
    .selectFrom('push_total')
    .selectAll()
    .where('target', '=', target)
    .where('state', '=', state)
    .executeTakeFirst()
  const total = sealed({ target, state, pushes: Number(row?.pushes ?? 0) + 1 })
  await tx
    .insertInto('push_total')
    .values(total)
    .onConflict((conflict) =>
      conflict.columns(['target', 'state']).doUpdateSet({ pushes: total.pushes, crc: total.crc }),
    )
    .execute()
}

export function fromPushRow(row: PushRow): StoredPush {
  unsealed('push', row)
  return {
    target: row.target as PushTarget,
    place: row.place,
    key: row.push_key,
    ...(row.job !== '' && { job: row.job }),
    method: row.method as PushMethod,
    body: row.body,
    version: Number(row.version),
    madeAt: new Date(Number(row.made_at)),
    state: row.state as PushState,
    attempts: Number(row.attempts),
    nextAt: new Date(Number(row.next_at)),
    ...(row.kept_at !== null && { keptAt: new Date(Number(row.kept_at)) }),
    ...(row.kept_there !== null && { keptThere: new Date(Number(row.kept_there)) }),
    ...(row.answer !== null && { answer: row.answer }),
    ...(row.problem !== null && { problem: JSON.parse(row.problem) as Problem }),
  }
}
