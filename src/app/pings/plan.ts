/** What becomes of the runs of a job when another program tells of them. Pure. */
import type { RunEnd, ToldStep } from '../../ledger/ledger.ts'
import type { PingEvent } from '../../model/ping.ts'
import type { ProcessMark } from '../../model/process-mark.ts'
import type { Run } from '../../model/run.ts'
import { endOf, mostTextBytes } from '../../sources/inbox/ping/index.ts'
import { failed, neverEnded, noEnd } from './problems.ts'

export interface PingFacts {
  readonly job: string
  /** Open runs that were told of, oldest first. */
  readonly open: readonly Run[]
  /** The newest that ended, newest first; some will do. */
  readonly ended: readonly Run[]
  /** When each open run was last heard of, by its id. */
  readonly heardAt: ReadonlyMap<string, Date>
  readonly stallLimitMs: number
  readonly now: Date
  readonly newId: string
  readonly owner: ProcessMark
}

/** A start that is told again so soon is the same one: its answer was lost on the way. */
const sameStartMs = 30_000
/** A program that never ends what it begins must not leave runs open without end. */
const mostOpen = 16

/** @returns Nothing where it was told before. */
export function planPing(event: PingEvent, facts: PingFacts): readonly ToldStep[] {
  switch (event.kind) {
    case 'log':
      return planLog(event, facts)
    case 'start':
      return planStart(event, facts)
    case 'end':
      return planEnd(event, facts)
  }
}

/** Two programs that run side by side are told apart by the id they give; without one it is always the same. */
const isOf = (run: Run, runId: string | undefined): boolean =>
  runId === undefined ? !hasRunId(run) : run.roundId === runId
const hasRunId = ({ id, roundId }: Run): boolean => id !== roundId

/** Kept with the run that goes on; else with the last one, for some tell the rest after they told the end. */
function planLog({ runId, text }: PingEvent, { open, ended }: PingFacts): ToldStep[] {
  const run =
    open.findLast((one) => isOf(one, runId)) ??
    (runId === undefined ? (open.at(-1) ?? ended[0]) : ended.find((one) => isOf(one, runId)))
  return run === undefined || text === '' ? [] : [{ log: run.id, text: joined(run.log, text) }]
}

function planStart({ runId, text }: PingEvent, facts: PingFacts): ToldStep[] {
  const { job, open, now, newId, owner } = facts
  const same = open.findLast((run) => isOf(run, runId))
  if (same !== undefined && (runId !== undefined || now.getTime() - same.startedAt.getTime() < sameStartMs)) return []
  const run = { id: newId, roundId: runId ?? newId, job, repository: '', operation: 'backup', trigger: 'ping' } as const
  const others = open.filter((one) => one !== same)
  return [
    ...(same === undefined ? [] : [closed(same, { endedAt: now, outcome: 'failed', problem: neverEnded(job, same) })]),
    ...overdue(others, facts),
    ...others.slice(0, Math.max(0, others.length + 1 - mostOpen)).map((one) => timedOut(one, job, now)),
    { begin: { ...run, startedAt: now, owner } },
    ...(text === '' ? [] : [{ log: newId, text }]),
  ]
}

function planEnd(event: PingEvent & { kind: 'end' }, facts: PingFacts): ToldStep[] {
  const { runId, isGood, exitCode, text } = event
  const { job, open, ended, now, newId, owner } = facts
  const end: RunEnd = {
    endedAt: now,
    outcome: isGood ? 'ok' : 'failed',
    ...(exitCode !== undefined && { exitCode }),
    ...(!isGood && { problem: failed(job, exitCode, text) }),
  }
  const run = open.findLast((one) => isOf(one, runId))
  if (run !== undefined)
    return [
      ...overdue(
        open.filter((one) => one !== run && one.startedAt < run.startedAt),
        facts,
      ),
      closed(run, { ...end, ...logOf(joined(run.log, text)) }),
    ]
  // Told again, since its answer was lost on the way.
  if (runId !== undefined && ended.some((one) => isOf(one, runId) && one.outcome === end.outcome)) return []
  const begin = {
    id: newId,
    roundId: runId ?? newId,
    job,
    repository: '',
    operation: 'backup',
    trigger: 'ping',
  } as const
  return [
    ...overdue(open, facts),
    { begin: { ...begin, startedAt: now, owner } },
    { close: newId, end: { ...end, ...logOf(text) } },
  ]
}

/** Runs that nobody heard of for long are over once a later one is told of. */
const overdue = (open: readonly Run[], { job, heardAt, stallLimitMs, now }: PingFacts): ToldStep[] =>
  open
    .filter(({ id, startedAt }) => now.getTime() - (heardAt.get(id) ?? startedAt).getTime() > stallLimitMs)
    .map((run) => timedOut(run, job, now))

export const timedOut = (run: Run, job: string, now: Date): ToldStep =>
  closed(run, { endedAt: now, outcome: 'timed-out', problem: noEnd(job, run) })

/** What it said so far stays. */
const closed = (run: Run, end: RunEnd): ToldStep => ({ close: run.id, end: { ...logOf(run.log ?? ''), ...end } })

const logOf = (text: string): { log?: string } => (text === '' ? {} : { log: text })

const joined = (before: string | undefined, text: string): string =>
  before === undefined || before === '' ? text : text === '' ? before : endOf(`${before}\n${text}`, mostTextBytes)
