/** Prune and check: work that belongs to a repository and has a schedule of its own. */
import type { RunEnd } from '../ledger/ledger.ts'
import { ok, type Problem } from '../model/problem.ts'
import type { Run, Trigger } from '../model/run.ts'
import type { CheckAgainst, OperationIo, OperationResult } from '../sources/tools/tool.ts'
import { newId } from '../system/id.ts'
import { type Reached, reach } from './access.ts'
import { specOf } from './backup-spec.ts'
import { type App, repositoryOf } from './context.ts'
import { inLane, unstarted } from './lane.ts'
import { limitsOf } from './operation-io.ts'
import { recorded } from './record.ts'
import type { Watcher } from './round.ts'
import { usableVersion } from './tool-version.ts'
import { clearOwnLocks } from './unlock.ts'

export interface MaintenanceWish {
  readonly trigger: Trigger
  readonly due?: { readonly task: string; readonly instant: Date }
  /** The round it belongs to; default: one of its own. */
  readonly roundId?: string
  readonly signal: AbortSignal
  readonly watcher: Watcher
  /** For a check: what data to read back, instead of what the configuration says. */
  readonly readData?: string
}

const waitMs = 6 * 3_600_000
/** Where the configuration has no section for an operation that a person asked for. */
const defaults = { timeLimitMs: 12 * 3_600_000, stallLimitMs: 3_600_000 } as const

export function prune(app: App, repository: string, wish: MaintenanceWish): Promise<Run> {
  return maintain(app, repository, 'prune', wish, ({ tool, access }, io) => tool.prune(access, access.own ?? {}, io))
}

export function check(app: App, repository: string, wish: MaintenanceWish): Promise<Run> {
  const readData = wish.readData ?? repositoryOf(app, repository).check?.readDataSubset
  return maintain(app, repository, 'check', wish, async ({ tool, access }, io) => {
    const against = await writersOf(app, repository)
    const result = await tool.check(access, { ...(readData !== undefined && { readData }), against }, io)
    if (result.findings.length === 0) return result
    return {
      ...result,
      skipped: result.findings.slice(0, 100).map((finding) => ({ path: repository, reason: finding })),
      skippedCount: result.findings.length,
    }
  })
}

/** Jobs of this machine that write the repository, with the time up to which their source is in it. */
async function writersOf(app: App, repository: string): Promise<readonly CheckAgainst[]> {
  const jobs = Object.entries(app.config.jobs).filter(([, job]) => job.repository === repository)
  return Promise.all(
    jobs.map(async ([name, job]) => {
      const outcomes = ['ok', 'warning'] as const
      const [last] = await app.ledger.runs({ job: name, operation: 'backup', outcomes, most: 1 })
      return { spec: specOf(job, false), ...(last && { since: last.startedAt }) }
    }),
  )
}

type End = Omit<RunEnd, 'endedAt'>
type Work = (reached: Reached, io: OperationIo) => Promise<OperationResult & Partial<End>>

async function maintain(
  app: App,
  repository: string,
  operation: 'prune' | 'check',
  wish: MaintenanceWish,
  work: Work,
): Promise<Run> {
  const id = newId(app.now())
  const { trigger, roundId = id } = wish
  const start = { id, roundId, repository, operation, trigger, exclusive: true } as const
  const { run } = await recorded(
    app,
    { ...start, ...(wish.due && { task: wish.due.task, scheduledFor: wish.due.instant }) },
    async (recorder) => {
      const onWait = (who: readonly string[]) =>
        wish.watcher.onPhase?.(`waiting for ${who.join(', ') || 'the repository'}`)
      const lane = {
        repository,
        mode: 'exclusive',
        purpose: `${operation} of ${repository}`,
        waitMs,
        signal: wish.signal,
        onWait,
      } as const
      const done = await inLane<End>(app, lane, async () => {
        await app.ledger.noteRun(id, { phase: 'running' })
        wish.watcher.onPhase?.(operation === 'check' ? 'checking' : 'pruning')
        const reached = await reach(app, repository)
        if (!reached.ok) return ok(failed(reached.problem))
        const usable = await usableVersion(reached.value, { signal: wish.signal, timeLimitMs: 60_000 })
        if (!usable.ok) return ok({ ...failed(usable.problem), ...(wish.signal.aborted && { outcome: 'cancelled' }) })
        const settings = reached.value.repository
        const io: OperationIo = {
          signal: wish.signal,
          timeLimitMs: settings[operation]?.timeLimit ?? defaults.timeLimitMs,
          stallLimitMs: settings[operation]?.stallLimit ?? defaults.stallLimitMs,
          limits: limitsOf(settings.limits),
          onSpawn: recorder.onSpawn,
          ...(wish.watcher.onProgress && { onProgress: wish.watcher.onProgress }),
        }
        const first = await work(reached.value, io)
        if (first.problem?.code.endsWith('.locked') !== true) return ok(first)
        const cleared = await clearOwnLocks(app, repository, wish.signal, reached.value)
        return ok(cleared.ok && cleared.value > 0 ? await work(reached.value, io) : first)
      })
      return done.ok ? done.value : unstarted(done.problem)
    },
  )
  return run
}

const failed = (problem: Problem): End => ({ outcome: 'failed', problem })
