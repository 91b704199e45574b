/** Takes what other programs tell of the backups they run: a fact in the ledger, on the disk, before the answer. */
import type { ToldStep } from '../../ledger/ledger.ts'
import type { PingAnswer, PingEvent, PingRequest } from '../../model/ping.ts'
import type { Run } from '../../model/run.ts'
import { readPing } from '../../sources/inbox/ping/index.ts'
import { newId } from '../../system/id.ts'
import type { App } from '../context.ts'
import { watchedOf } from '../standing/watched.ts'
import type { PingKeys } from './keys.ts'
import { planPing, timedOut } from './plan.ts'
import { openRate } from './rate.ts'

export interface Pings {
  /** Whether a job has this key: then what comes with it is worth reading. */
  knows(key: string): boolean
  take(request: PingRequest): Promise<PingAnswer>
  /** Closes runs whose end was not told for their `timeLimit`. @returns Whether there were any. */
  endOverdue(): Promise<boolean>
  reconfigure(keys: PingKeys): void
  /** When the open run of each job was last heard of. */
  readonly progressAt: ReadonlyMap<string, Date>
}

/** A ledger that cannot be written to may be well again by then. */
const againInSeconds = 10
/** A run that is told again is among the newest. */
const mostEnded = 20
/** Of one that is not in the configuration any more. */
const usualLimitMs = 86_400_000

export function openPings(
  current: () => Pick<App, 'config' | 'ledger' | 'now' | 'log' | 'self'>,
  loaded: PingKeys,
  told: (job: string) => void,
): Pings {
  let keys = loaded
  const rate = openRate()
  const turns = new Map<string, Promise<unknown>>()
  const progressAt = new Map<string, Date>()
  const heardAt = new Map<string, Date>()
  const lastAt = new Map<string, number>()

  /** No two facts of a job bear the same instant: the order in which they came is that of their times. */
  const instantOf = (job: string): Date => {
    const now = current().now().getTime()
    const last = lastAt.get(job) ?? 0
    const at = now > last || last - now > 1_000 ? now : last + 1
    lastAt.set(job, at)
    return new Date(at)
  }

  const record = async (job: string, event: PingEvent): Promise<void> => {
    const { config, ledger, self } = current()
    const now = instantOf(job)
    const stallLimitMs = watchedOf(config)[job]?.stallLimitMs ?? usualLimitMs
    const known = { job, heardAt, stallLimitMs, now, newId: newId(now), owner: self }
    let steps: readonly ToldStep[] = []
    let openIds: ReadonlySet<string> = new Set()
    // Another `muster serve` may be told the same at the same time.
    await ledger.tellRuns({
      job,
      mostEnded,
      plan: (open, ended) => {
        openIds = new Set(open.map(({ id }) => id))
        steps = planPing(event, { ...known, open, ended })
        return steps
      },
    })
    for (const step of steps) {
      if ('close' in step) heardAt.delete(step.close)
      else if ('begin' in step) heardAt.set(step.begin.id, now)
      else if (openIds.has(step.log)) heardAt.set(step.log, now)
    }
    progressAt.set(job, now)
  }

  /** One after the other for each job: what is open is looked at before it is changed. */
  const inTurn = <T>(job: string, work: () => Promise<T>): Promise<T> => {
    const mine = (turns.get(job) ?? Promise.resolve()).then(work)
    turns.set(
      job,
      mine.catch(() => undefined),
    )
    return mine
  }

  return {
    progressAt,
    knows: (key) => keys.nameOf(key) !== undefined,
    reconfigure: (next) => {
      keys = next
    },
    async take(request) {
      const job = keys.nameOf(request.key)
      if (job === undefined) return { state: 'unknown' }
      const event = readPing(request)
      if (!event.ok) return { state: 'refused', message: event.problem.message }
      const wait = rate.take(job, current().now())
      if (wait !== undefined) return { state: 'busy', againInSeconds: wait }
      try {
        await inTurn(job, () => record(job, { ...event.value, text: keys.redact(event.value.text) }))
      } catch (error) {
        current().log.error({ error, job }, `a ping of ${job} cannot be recorded now: ${String(error)}`)
        return { state: 'busy', againInSeconds }
      }
      told(job)
      return { state: 'taken' }
    },
    async endOverdue() {
      const { config, ledger, log, now } = current()
      const at = now()
      const over = (await openPingRuns(current())).filter(
        ({ job = '', startedAt }) => at.getTime() - startedAt.getTime() > limitOf(config, job),
      )
      for (const run of over) {
        const { job = '' } = run
        log.warn({ run: run.id }, `backup of ${job}: timed-out: its end was never told`)
        await inTurn(job, () => ledger.tellRuns([timedOut(run, job, at)]))
        heardAt.delete(run.id)
      }
      return over.length > 0
    },
  }
}

const limitOf = ({ pings }: App['config'], job: string): number =>
  (Object.hasOwn(pings, job) ? pings[job]?.timeLimit : undefined) ?? usualLimitMs

async function openPingRuns({ ledger }: Pick<App, 'ledger'>): Promise<readonly Run[]> {
  return (await ledger.openRuns()).flatMap(({ run }) => (run.trigger === 'ping' ? [run] : []))
}
