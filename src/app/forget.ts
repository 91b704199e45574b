/** Retention after a backup: forgets what the policy of the job no longer keeps. */
import type { Job } from '../config/schema.ts'
import type { KeptFinding } from '../model/history.ts'
import { ok, type Problem } from '../model/problem.ts'
import type { Run } from '../model/run.ts'
import type { ForgetResult, OperationIo, Retention } from '../sources/tools/tool.ts'
import { newId } from '../system/id.ts'
import { holdsRetention } from '../verdict/shrink.ts'
import { aimOf, forgets, ownOf, reach } from './access.ts'
import type { BackupWish } from './backup.ts'
import type { App } from './context.ts'
import { inLane, unstarted } from './lane.ts'
import { ioOf } from './operation-io.ts'
import { recorded } from './record.ts'
import { clearOwnLocks } from './unlock.ts'

/** @returns The forget run; undefined when the job has no policy, or the backup gives no reason to trust it with one. */
export async function forgetAfter(
  app: App,
  name: string,
  job: Job,
  backup: Run,
  wish: Pick<BackupWish, 'signal' | 'watcher' | 'trigger'>,
): Promise<Run | undefined> {
  const good = backup.outcome === 'ok' || (backup.outcome === 'warning' && !holdsRetention(backup.problem))
  if (!forgets(app.config, job) || !good || wish.signal.aborted) return undefined
  const id = newId(app.now())
  const start = {
    id,
    roundId: backup.roundId,
    job: name,
    repository: job.repository,
    operation: 'forget',
    trigger: wish.trigger,
    exclusive: true,
  } as const
  const { run } = await recorded(app, start, async (recorder) => {
    const onWait = (who: readonly string[]) =>
      wish.watcher.onPhase?.(`forget waits for ${who.join(', ') || 'the repository'}`)
    const lane = {
      repository: job.repository,
      mode: 'exclusive',
      purpose: `forget of ${name}`,
      waitMs: job.lockWait,
      signal: wish.signal,
      onWait,
    } as const
    const open = await app.ledger.findings({ repositories: [job.repository], open: true })
    if (open.length > 0) return { outcome: 'skipped', problem: held(job.repository, open) }
    const done = await inLane(app, lane, async () => {
      await app.ledger.noteRun(id, { phase: 'running' })
      wish.watcher.onPhase?.('forgetting old snapshots')
      return ok(await forget(app, job, { ...ioOf(job, wish), onSpawn: recorder.onSpawn }))
    })
    return done.ok ? done.value : unstarted(done.problem)
  })
  return run
}

async function forget(app: App, job: Job, io: OperationIo) {
  const reached = await reach(app, job.repository)
  if (!reached.ok) return { outcome: 'failed', problem: reached.problem } as const
  const { tool, access } = reached.value
  const spec = {
    retention: present(job.retention) as unknown as Retention,
    host: job.host ?? app.self.host,
    ...aimOf(job),
    dryRun: false,
    own: ownOf(job),
  }
  const attempt = () => tool.forget(access, spec, io)
  let result: ForgetResult = await attempt()
  if (result.problem?.code.endsWith('.locked') === true) {
    const cleared = await clearOwnLocks(app, job.repository, io.signal, reached.value)
    if (cleared.ok && cleared.value > 0) result = await attempt()
  }
  const counters = {
    ...(result.kept !== undefined && { snapshotsKept: result.kept }),
    ...(result.removed && { snapshotsRemoved: result.removed.length }),
  }
  return { ...result, counters }
}

/** What nobody has explained may be the work of somebody who wants the good snapshots gone. */
const held = (repository: string, open: readonly KeptFinding[]): Problem => ({
  code: 'history.open',
  message: `Nothing was forgotten: the history of ${repository} has ${open.length === 1 ? 'a finding' : `${open.length} findings`} that nobody settled, the first: ${open[0]?.message}`,
  next: `Look into it, then settle it: muster ack ${open.map(({ number }) => number).join(' ')}`,
  retry: 'next-run',
})

const present = (value: object | undefined): object =>
  Object.fromEntries(Object.entries(value ?? {}).filter(([, item]) => item !== undefined))
