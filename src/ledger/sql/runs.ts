/** Runs: begun before their process starts, closed exactly once, counted for ever. Portable SQL. */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Operation, Outcome, Run } from '../../model/run.ts'
import type { Begun, Ledger, OpenRun, RunEnd, RunFilter, RunStart, RunTotal, ToldPlan, ToldStep } from '../ledger.ts'
import { fromOpenRow, fromRunRow, toClosedRow, toRunRow } from '../rows.ts'
import { sealed, unsealed } from '../seal.ts'
import type { RunRow, Tables } from '../tables.ts'
import { noteChanges } from './changes.ts'
import { type Group, groupCommit } from './group.ts'
import { markHandled } from './schedule.ts'

type Db = Kysely<Tables>
type Tx = Transaction<Tables>

type Told = readonly ToldStep[] | ToldPlan

export const toldGroup = (db: Db): Group<Told> =>
  groupCommit(db, async (tx, items) => {
    for (const item of items)
      for (const step of 'plan' in item ? await planned(tx, item) : item) await tellRun(tx, step)
  })

async function planned(tx: Tx, { job, mostEnded, plan }: ToldPlan): Promise<readonly ToldStep[]> {
  const open = await tx
    .selectFrom('run')
    .selectAll()
    .where('outcome', 'is', null)
    .where('job', '=', job)
    .where('trigger', '=', 'ping')
    .orderBy('started_at')
    .execute()
  const ended = await runs(tx, { job, operation: 'backup', closedOnly: true, most: mostEnded })
  return plan(open.map(fromRunRow), ended)
}

export function runStore(
  db: Db,
  told: Group<Told>,
): Pick<Ledger, 'beginRun' | 'noteRun' | 'closeRun' | 'tellRuns' | 'openRuns' | 'runs' | 'run' | 'totals'> {
  return {
    tellRuns: (steps) => told.write(steps),
    beginRun: (start) => db.transaction().execute((tx) => beginRun(tx, start)),
    noteRun: (id, note) =>
      db.transaction().execute(async (tx) => {
        const row = await rowOf(tx, id)
        if (row === undefined || row.outcome !== null) return
        await replace(
          tx,
          sealed({
            ...row,
            phase: note.phase ?? row.phase,
            child: note.child === undefined ? row.child : JSON.stringify(note.child),
            tool_version: note.toolVersion ?? row.tool_version,
          }),
        )
        await noteChanges(tx, [row])
      }),
    closeRun: (id, end) => db.transaction().execute((tx) => closeRun(tx, id, end)),
    async openRuns(): Promise<OpenRun[]> {
      const rows = await db.selectFrom('run').selectAll().where('outcome', 'is', null).orderBy('started_at').execute()
      return rows.map(fromOpenRow)
    },
    runs: (filter) => runs(db, filter),
    async run(id): Promise<Run | undefined> {
      const row = await rowOf(db, id)
      return row === undefined ? undefined : fromRunRow(row)
    },
    async totals(): Promise<RunTotal[]> {
      const rows = await db.selectFrom('run_total').selectAll().execute()
      return rows.map((row) => {
        unsealed('run_total', row)
        const total = {
          repository: row.repository,
          operation: row.operation as Operation,
          outcome: row.outcome as Outcome,
          runs: Number(row.runs),
        }
        return row.job === '' ? total : { ...total, job: row.job }
      })
    },
  }
}

async function beginRun(tx: Tx, start: RunStart): Promise<Begun> {
  const job = start.job ?? ''
  if (start.task !== undefined && start.scheduledFor !== undefined) {
    if (!(await markHandled(tx, start.task, start.scheduledFor))) return { begun: false, why: 'taken' }
  }
  if (start.exclusive) {
    const open = await tx
      .selectFrom('run')
      .selectAll()
      .where('repository', '=', start.repository)
      .where('job', '=', job)
      .where('operation', '=', start.operation)
      .where('outcome', 'is', null)
      .executeTakeFirst()
    if (open !== undefined) {
      const other = fromRunRow(open)
      const end: RunEnd = { endedAt: start.startedAt, outcome: 'skipped', problem: overlapProblem(start, other) }
      const row = toClosedRow(toRunRow(start), end)
      await tx.insertInto('run').values(row).execute()
      await count(tx, row)
      await noteChanges(tx, [row])
      return { begun: false, why: 'overlap', other }
    }
  }
  const row = toRunRow(start)
  await tx.insertInto('run').values(row).execute()
  await noteChanges(tx, [row])
  return { begun: true }
}

async function tellRun(tx: Tx, step: ToldStep): Promise<void> {
  if ('close' in step) {
    await closeRun(tx, step.close, step.end)
    return
  }
  if ('begin' in step) {
    const row = sealed({ ...toRunRow({ ...step.begin, exclusive: false }), phase: 'running' })
    await tx.insertInto('run').values(row).execute()
    await noteChanges(tx, [row])
    return
  }
  const row = await rowOf(tx, step.log)
  if (row === undefined) return
  unsealed('run', row)
  await replace(tx, sealed({ ...row, log: step.text }))
  await noteChanges(tx, [row])
}

const overlapProblem = (start: RunStart, other: Run) =>
  ({
    code: 'job.overlap',
    message: `${start.job ?? start.repository}: the ${start.operation} started at ${other.startedAt.toISOString()} is still running.`,
    next: 'Let it end. If it always takes longer than its schedule, run it less often.',
    retry: 'next-run',
  }) as const

async function closeRun(tx: Tx, id: string, end: RunEnd): Promise<boolean> {
  const row = await rowOf(tx, id)
  if (row === undefined || row.outcome !== null) return false
  unsealed('run', row)
  const closed = toClosedRow(row, end)
  await replace(tx, closed)
  await count(tx, closed)
  await noteChanges(tx, [closed])
  return true
}

async function count(tx: Tx, row: RunRow): Promise<void> {
  const key = { job: row.job, repository: row.repository, operation: row.operation, outcome: row.outcome ?? '' }
  const old = await tx
    .selectFrom('run_total')
    .selectAll()
    .where('job', '=', key.job)
    .where('repository', '=', key.repository)
    .where('operation', '=', key.operation)
    .where('outcome', '=', key.outcome)
    .executeTakeFirst()
  const values = sealed({ ...key, runs: Number(old?.runs ?? 0) + 1 })
  await tx
    .insertInto('run_total')
    .values(values)
    .onConflict((conflict) =>
      conflict
        .columns(['job', 'repository', 'operation', 'outcome'])
        .doUpdateSet({ runs: values.runs, crc: values.crc }),
    )
    .execute()
}

async function runs(db: Db | Tx, filter: RunFilter): Promise<Run[]> {
  let query = db.selectFrom('run').selectAll()
  if (filter.job !== undefined) query = query.where('job', '=', filter.job)
  if (filter.repository !== undefined) query = query.where('repository', '=', filter.repository)
  if (filter.operation !== undefined) query = query.where('operation', '=', filter.operation)
  if (filter.outcomes !== undefined) query = query.where('outcome', 'in', [...filter.outcomes])
  if (filter.closedOnly === true) query = query.where('outcome', 'is not', null)
  for (const code of filter.withoutProblems ?? [])
    query = query.where((is) => is.or([is('problem', 'is', null), is('problem', 'not like', `%"code":"${code}"%`)]))
  if (filter.since !== undefined) query = query.where('started_at', '>=', filter.since.getTime())
  const rows = await query.orderBy('started_at', 'desc').orderBy(sql`id`, 'desc').limit(filter.most).execute()
  return rows.map(fromRunRow)
}

const rowOf = (db: Db | Tx, id: string): Promise<RunRow | undefined> =>
  db.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirst()

async function replace(tx: Tx, row: RunRow): Promise<void> {
  const { id, ...values } = row
  await tx.updateTable('run').set(values).where('id', '=', id).execute()
}
