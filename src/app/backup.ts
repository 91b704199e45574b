/** The whole of a run: take the lane, guard the source, back up, read it back, judge the source, record; then retain. */
import { resolve } from 'node:path'
import type { Job } from '../config/schema.ts'
import type { RunEnd } from '../ledger/ledger.ts'
import { ok, type Problem } from '../model/problem.ts'
import type { Run, Trigger } from '../model/run.ts'
import type { BackupResult, OperationIo } from '../sources/tools/tool.ts'
import { newId } from '../system/id.ts'
import { acceptedShrink, emptySource, missingSources, type Shrink, shrinkOf, shrinkProblem } from '../verdict/shrink.ts'
import { type Reached, reach, toolOf } from './access.ts'
import { specOf } from './backup-spec.ts'
import { type App, repositoryOf } from './context.ts'
import { createRepository } from './create.ts'
import { forgetAfter } from './forget.ts'
import { checkGuard } from './guard.ts'
import { type HookFacts, type HookFailure, runHook } from './hooks.ts'
import { inLane, unstarted } from './lane.ts'
import { ioOf } from './operation-io.ts'
import { confirmSnapshot } from './reading.ts'
import { type Recorder, recorded } from './record.ts'
import { rehearsed } from './rehearse.ts'
import type { Round, Watcher } from './round.ts'
import { SourceApproval, usualCounters } from './source-approval.ts'
import { measureSpace } from './space/measure.ts'
import { usableVersion } from './tool-version.ts'
import { clearOwnLocks } from './unlock.ts'
import { upkeepAfter } from './upkeep.ts'

export interface BackupWish {
  readonly trigger: Trigger
  /** The scheduled instant this answers, and the name of its schedule. */
  readonly due?: { readonly task: string; readonly instant: Date }
  /** Make the repository when it does not exist, whatever the configuration says. */
  readonly init: boolean
  /** A source that shrank beyond its guard is right as it is: a person looked. */
  readonly acceptShrink?: boolean
  /** Only try what a backup would do: nothing is written, nothing recorded. */
  readonly dryRun: boolean
  /** Look at the locks too when the repository is read back; one more start of the tool. */
  readonly locks: boolean
  readonly signal: AbortSignal
  readonly watcher: Watcher
}

type End = Omit<RunEnd, 'endedAt'>

/** Backs a job up and retains by its policy. Everything that happened is in the ledger when this returns. */
export async function backUp(app: App, name: string, wish: BackupWish): Promise<Round> {
  const job = jobOf(app, name)
  const id = newId(app.now())
  const start = {
    id,
    roundId: id,
    job: name,
    repository: job.repository,
    operation: 'backup',
    trigger: wish.trigger,
    exclusive: true,
  } as const
  if (wish.dryRun) {
    const run = await rehearsed(app, start, (recorder) => backUpInLane(app, name, job, wish, recorder))
    return { id, job: name, runs: [run] }
  }
  const backup = await recorded(
    app,
    { ...start, ...(wish.due && { task: wish.due.task, scheduledFor: wish.due.instant }) },
    (recorder) => backUpInLane(app, name, job, wish, recorder),
  )
  const runs: Run[] = [backup.run]
  if (backup.started) {
    const forget = await forgetAfter(app, name, job, backup.run, wish)
    if (forget !== undefined) runs.push(forget)
    runs.push(...(await upkeepAfter(app, job, backup.run, forget, wish)))
  }
  return { id, job: name, runs }
}

export function jobOf(app: App, name: string): Job {
  const found = app.config.jobs[name]
  if (found === undefined) throw new Error(`no job ${name}`)
  return found
}

async function backUpInLane(app: App, name: string, job: Job, wish: BackupWish, recorder: Recorder): Promise<End> {
  const purpose = `backup of ${name}`
  const onWait = (who: readonly string[]) => wish.watcher.onPhase?.(`waiting for ${who.join(', ') || 'the repository'}`)
  const lane = {
    repository: job.repository,
    mode: toolOf(repositoryOf(app, job.repository).tool).backupLane,
    purpose,
    waitMs: job.lockWait,
    signal: wish.signal,
    onWait,
  } as const
  const done = await inLane(app, lane, async () => {
    await app.ledger.noteRun(recorder.id, { phase: 'running' })
    return ok(await withHooks(app, name, job, wish, recorder))
  })
  if (done.ok) return done.value
  return unstarted(done.problem)
}

async function withHooks(app: App, name: string, job: Job, wish: BackupWish, recorder: Recorder): Promise<End> {
  const facts: HookFacts = { MUSTER_JOB: name, MUSTER_REPOSITORY: job.repository, MUSTER_RUN_ID: recorder.id }
  if (wish.dryRun) return guarded(app, name, job, wish, recorder)
  const before = await runHook(app, 'before', job.hooks, facts, wish.signal)
  const stop = before !== undefined && (job.hooks.onBeforeFailure === 'stop' || wish.signal.aborted)
  let end: End = stop ? { outcome: brokenOff(wish), ...before } : await guarded(app, name, job, wish, recorder)
  if (before !== undefined && !stop) end = warned(end, before)
  const told: HookFacts = {
    ...facts,
    MUSTER_OUTCOME: end.outcome,
    ...(end.snapshotId !== undefined && { MUSTER_SNAPSHOT_ID: end.snapshotId }),
    ...(end.problem && { MUSTER_PROBLEM: `${end.problem.code}: ${end.problem.message}` }),
  }
  // The run may have been cancelled; what the user wants done afterwards is done all the same, within its own limit.
  const anyway = new AbortController().signal
  const good = end.outcome === 'ok' || end.outcome === 'warning'
  for (const hook of [good ? 'after' : 'failed', 'always'] as const) {
    const failure = await runHook(app, hook, job.hooks, told, anyway)
    if (failure !== undefined) end = warned(end, failure)
  }
  return end
}

/** A good end with something to say; the first problem stays the one that is told. */
function warned(end: End, failure: HookFailure): End {
  return { ...end, outcome: end.outcome === 'ok' ? 'warning' : end.outcome, ...(end.problem ? {} : failure) }
}

async function guarded(app: App, name: string, job: Job, wish: BackupWish, recorder: Recorder): Promise<End> {
  const problem = await checkGuard(job.guard, job.sources, wish.signal)
  if (problem !== undefined) return { outcome: brokenOff(wish), problem }
  const reached = await reach(app, job.repository)
  if (!reached.ok) return { outcome: 'failed', problem: reached.problem }
  const { tool, access } = reached.value
  const io: OperationIo = { ...ioOf(job, wish), onSpawn: recorder.onSpawn }
  const version = await usableVersion(reached.value, { signal: wish.signal, timeLimitMs: 60_000 })
  if (!version.ok) return { outcome: brokenOff(wish), problem: version.problem }
  wish.watcher.onPhase?.('backing up')
  const approval = new SourceApproval(app, name, job, wish.acceptShrink === true)
  const spec = { ...specOf(job, wish.dryRun), approve: approval.approve }
  const result = await persistent(app, job, wish, reached.value, () => tool.backup(access, spec, io))
  const gaps = result.outcome === 'warning' && job.onPartial === 'fail'
  const end: End = { ...result, ...(gaps && { outcome: 'failed' }), toolVersion: version.value }
  if (end.outcome !== 'ok' && end.outcome !== 'warning') return end
  return wish.dryRun ? end : confirmed(app, name, job, wish, reached.value, end, approval.accepted)
}

/** How a run ends at a step that did not go well: somebody wanted it to end, or it failed. */
const brokenOff = (wish: BackupWish): 'cancelled' | 'failed' => (wish.signal.aborted ? 'cancelled' : 'failed')

/** Tries again once where something can be done about the failure: a missing repository, a dead lock of ours. */
async function persistent(
  app: App,
  job: Job,
  wish: BackupWish,
  reached: Reached,
  attempt: () => Promise<BackupResult>,
): Promise<BackupResult> {
  const first = await attempt()
  const code = first.problem?.code ?? ''
  if (code.endsWith('.no-repository') && !wish.dryRun) {
    const onMaking = (): void => wish.watcher.onPhase?.('making the repository')
    const how = { asked: wish.init, signal: wish.signal, reached, onMaking }
    const created = await createRepository(app, job.repository, how)
    if (!created.ok) return { ...first, outcome: brokenOff(wish), problem: created.problem }
    wish.watcher.onPhase?.('backing up')
    return attempt()
  }
  // A tool that had to be killed leaves its lock; so did, perhaps, an earlier run.
  const cleared =
    /\.(?:locked|stalled|timed-out|killed)$/.test(code) && !wish.signal.aborted && !wish.dryRun
      ? await clearOwnLocks(app, job.repository, wish.signal, reached)
      : undefined
  return code.endsWith('.locked') && cleared?.ok === true && cleared.value > 0 ? attempt() : first
}

async function confirmed(
  app: App,
  name: string,
  job: Job,
  wish: BackupWish,
  reached: Reached,
  end: End,
  accepted: Shrink | undefined,
): Promise<End> {
  wish.watcher.onPhase?.('measuring the room in the store')
  await measureSpace(app, job.repository, { signal: wish.signal, now: true, reached })
  wish.watcher.onPhase?.('reading the repository back')
  if (end.snapshotId === undefined) return end
  const seen = await confirmSnapshot(app, job.repository, end.snapshotId, {
    signal: wish.signal,
    locks: wish.locks,
    reached,
  })
  if (!seen.ok) return { ...end, outcome: brokenOff(wish), problem: seen.problem }
  const whole: End = { ...end, snapshotId: seen.value.id }
  const problem = accepted ? acceptedShrink(accepted) : await sourceProblem(app, name, job, whole, wish)
  // It tells more than what was skipped, and holds retention back: it is the one to be told.
  return problem === undefined ? whole : { ...whole, outcome: 'warning', problem }
}

async function sourceProblem(
  app: App,
  name: string,
  job: Job,
  end: End,
  { acceptShrink }: BackupWish,
): Promise<Problem | undefined> {
  const counters = end.counters ?? {}
  if (counters.processedFiles === 0) return emptySource
  const missing = missingSources(
    job.sources.map((source) => resolve(source)),
    end.skipped ?? [],
  )
  if (missing !== undefined) return missing
  if (job.guard.maxShrink === undefined) return undefined
  const shrink = shrinkOf(counters, await usualCounters(app, name), job.guard.maxShrink)
  if (shrink === undefined) return undefined
  return acceptShrink === true ? acceptedShrink(shrink) : shrinkProblem(shrink)
}
