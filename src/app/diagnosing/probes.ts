/** Short, read-only looks at the repositories of what failed: so many at once, so long each, and no longer than all of it may take. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Part, Probe, Soundness } from '../../model/diagnosis.ts'
import type { Problem } from '../../model/problem.ts'
import { sayBytes } from '../../model/units.ts'
import { causeOfProblem } from '../../verdict/diagnosis/cause-of-code.ts'
import type { App } from '../context.ts'
import { check } from '../maintenance.ts'
import { readRepository } from '../reading.ts'
import type { Platform } from './platform.ts'

export interface ProbeWish {
  /** What did not go well. */
  readonly parts: readonly Part[]
  /** Of this configuration. */
  readonly repositories: readonly string[]
  readonly platform?: Platform | undefined
  readonly signal: AbortSignal
}

interface Target {
  readonly repository: string
  readonly part?: string
  look(signal: AbortSignal): Promise<Probe>
}

const day = 86_400_000
/** A child that was told to end gets so long beyond its time. */
const graceMs = 15_000

/** In the order of the parts; one that could not be looked at in time says so, and nothing about the repository. */
export async function probeAll(
  app: App,
  { parts, repositories, platform, signal }: ProbeWish,
): Promise<readonly Probe[]> {
  const { enabled, timeout, atOnce, budget, check: isChecked } = app.config.diagnose.probe
  if (!enabled) return []
  const own = repositories
    .filter((name) => app.config.repositories[name] !== undefined)
    .map((name): Target => ({ repository: name, look: (till) => probeOwn(app, name, isChecked, till) }))
  const modules = platform === undefined ? [] : parts.filter(({ kind }) => kind === 'module')
  const theirs = modules.map(
    ({ name, plan, repository }): Target => ({
      repository: repository ?? name,
      part: name,
      look: (till) =>
        platform?.probe({ module: name, ...(plan !== undefined && { plan }), check: isChecked }, till) ??
        Promise.reject(),
    }),
  )
  const all = AbortSignal.any([signal, AbortSignal.timeout(budget)])
  const queue = [...own, ...theirs].map((target, at) => ({ target, at }))
  const probes: Probe[] = []
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      probes[next.at] = await lookAt(app, next.target, all, timeout)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return probes
}

async function lookAt(app: App, target: Target, all: AbortSignal, timeoutMs: number): Promise<Probe> {
  const began = performance.now()
  const tookMs = (): number => Math.round(performance.now() - began)
  const { repository, part } = target
  const unknown = (code: string, message: string, next: string): Probe => ({
    repository,
    ...(part !== undefined && { part }),
    soundness: 'unknown',
    problem: { code, message, next, retry: 'never' },
    way: 'nothing',
    tookMs: tookMs(),
  })
  if (all.aborted)
    return unknown(
      'probe.not-looked-at',
      'It was not looked at: the time for all looks was up.',
      'Look yourself, or give `diagnose.probe.budget` more.',
    )
  const till = AbortSignal.any([all, AbortSignal.timeout(timeoutMs)])
  const stop = new AbortController()
  try {
    // Whoever does not end when told to holds up no answer.
    const limit = pause(timeoutMs + graceMs, undefined, { signal: stop.signal }).then(
      () => undefined,
      () => undefined,
    )
    const probe = await Promise.race([target.look(till), limit])
    if (probe === undefined || (till.aborted && ['unknown', 'tool error'].includes(probe.soundness)))
      return unknown(
        'probe.timed-out',
        `It did not answer within ${Math.round(Math.min(timeoutMs, tookMs()) / 1000)} seconds.`,
        'See whether its store answers at all; a slow one needs a longer `diagnose.probe.timeout`.',
      )
    return { ...probe, tookMs: tookMs() }
  } catch (error) {
    app.log.error({ error, repository }, `the look at ${repository} failed unexpectedly`)
    return unknown('probe.unexpected', 'It could not be looked at; the log of Muster says why.', 'Report it.')
  } finally {
    stop.abort()
  }
}

/** A reading like any other, so that what it finds is a fact in the ledger. */
async function probeOwn(app: App, name: string, isChecked: boolean, signal: AbortSignal): Promise<Probe> {
  const before = await app.ledger.lastSize(name)
  // What it holds costs a listing more; where that is to be had seldom, it is dear.
  const stats = (app.config.repositories[name]?.read.statsEvery ?? 0) <= day
  const { reading, snapshotIds } = await readRepository(app, name, { signal, locks: true, stats })
  const newestAt = (await app.ledger.sets(name)).reduce<Date | undefined>(
    (newest, set) => (newest === undefined || set.newestAt > newest ? set.newestAt : newest),
    undefined,
  )
  const { way, problem } = reading
  const base = {
    repository: name,
    way,
    tookMs: 0,
    ...(reading.snapshots !== undefined && { snapshots: reading.snapshots }),
    ...(newestAt && { newestAt }),
  }
  if (problem !== undefined) return { ...base, soundness: soundnessOf(problem), problem }
  if (before !== undefined && reading.sizeBytes !== undefined && reading.sizeBytes < before.sizeBytes / 2)
    return {
      ...base,
      soundness: 'damaged',
      problem: {
        code: 'probe.shrunk',
        message: `It holds ${sayBytes(reading.sizeBytes)}; it held ${sayBytes(before.sizeBytes)} at ${before.at.toISOString()}.`,
        next: 'If nobody pruned it since, find out who removed what it held, and let nothing be forgotten there: muster check.',
        retry: 'never',
      },
    }
  const { locks = [] } = (await app.ledger.lastLocks(name)) ?? {}
  const exclusive = locks.find((lock) => lock.exclusive)
  if (exclusive !== undefined)
    return {
      ...base,
      soundness: 'locked',
      problem: {
        code: 'probe.locked',
        message: `It is locked by process ${exclusive.pid} on ${exclusive.host} since ${exclusive.takenAt.toISOString()}.`,
        next: 'See whether that process still runs on that machine. If it does not, remove its lock with the tool: restic unlock.',
        retry: 'never',
      },
    }
  if (!isChecked) return { ...base, soundness: snapshotIds.length === 0 ? 'empty' : 'sound' }
  const run = await check(app, name, { trigger: 'manual', signal, watcher: {} })
  const checked = { ...base, way: `${way}, ${app.config.repositories[name]?.tool} check` }
  if (run.outcome === 'ok') return { ...checked, soundness: 'sound' }
  return {
    ...checked,
    soundness: run.problem === undefined ? 'damaged' : soundnessOf(run.problem),
    ...(run.problem && { problem: run.problem }),
    ...(run.log !== undefined && { words: run.log.slice(-2_000) }),
  }
}

/** What a problem of a reading says of the repository. */
function soundnessOf(problem: Problem): Soundness {
  if (/\.damaged$/.test(problem.code)) return 'damaged'
  if (/\.(?:no-repository|no-tree|no-remote|vanished|not-there)$/.test(problem.code)) return 'gone'
  const cause = causeOfProblem(problem)
  const known: Partial<Record<typeof cause, Soundness>> = {
    lock: 'locked',
    credentials: 'credentials',
    'host key': 'host key',
    space: 'full',
    network: 'unreachable',
    'store unreachable': 'unreachable',
  }
  return known[cause] ?? 'tool error'
}
