/** How a repository is read: natively where that is possible, else by its tool. Both answer the same. */
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { Lock, Snapshot } from '../model/snapshot.ts'
import {
  type Damage,
  needsKey,
  opens,
  ReaderMemory,
  readKeyless,
  readNative,
  unsupported,
} from '../sources/readers/restic/index.ts'
import type { OperationIo } from '../sources/tools/tool.ts'
import { CpuShare, programCpuMs } from '../system/cpu-share.ts'
import type { Reached } from './access.ts'
import type { App } from './context.ts'

export interface Looked {
  /** All snapshots that are there and can be read. */
  readonly ids: readonly string[]
  /** The ledger is known to have just these. */
  readonly isRecorded?: boolean
  /** Those the ledger did not know; with the tool, all. */
  readonly fresh: readonly Snapshot[]
  readonly damaged: readonly Damage[]
  readonly repositoryId?: string
  readonly locks?: readonly Lock[]
  readonly sizeBytes?: number
  readonly toolVersion?: string
  /** Only where the repository was read natively. */
  readonly keys?: readonly { readonly id: string; readonly createdAt?: Date }[]
  readonly configHash?: string
  readonly requests?: number
  readonly bytes?: number
}

export interface LookWish {
  readonly signal: AbortSignal
  readonly locks: boolean
  readonly size: boolean
  /** Snapshots whose content is known. */
  known(): Promise<ReadonlySet<string>>
  /** Keys that were looked into before. */
  readonly knownKeys: ReadonlySet<string>
  /** See `NativeIo.isRecorded`. */
  isRecorded(ids: readonly string[]): Promise<boolean>
  /** See `NativeIo.recorded`. */
  readonly recorded?: readonly string[]
  readonly trustTimes: boolean
}

export interface Look {
  /** Who read it, or tried: `native`, or the tool and why it had to be started. */
  readonly way: string
  /** Spent by programs that were started for it. */
  readonly programCpuMs?: number
  readonly result: Result<Looked>
}

export async function look(app: App, reached: Reached, wish: LookWish): Promise<Look> {
  if (reached.repository.read.keyless) return withoutKey(app, reached, wish)
  const why = await whyByTool(reached)
  if (why !== undefined) return inTurn(app, reached, wish, why)
  const native = await readNative(reached.access, wish.known, app.memory ?? new ReaderMemory(), {
    signal: wish.signal,
    timeLimitMs: reached.repository.read.timeLimit,
    locks: wish.locks,
    size: wish.size,
    marks: { knownKeys: wish.knownKeys },
    ...(wish.recorded && { recorded: wish.recorded }),
    isRecorded: wish.isRecorded,
    trustTimes: wish.trustTimes,
    // A daemon remembers; whoever reads once wants to know that the password opens it, and so once a day does the daemon.
    prove: app.memory === undefined || wish.size,
  })
  if (!native.ok) {
    const { code, context } = native.problem
    return code === unsupported
      ? inTurn(app, reached, wish, String(context?.why ?? 'the reader does not know it'))
      : { way: 'native', result: native }
  }
  const { snapshotIds, ...found } = native.value
  const spoilt = new Set(found.damaged.map(({ id }) => id))
  const ids = spoilt.size === 0 ? snapshotIds : snapshotIds.filter((id) => !spoilt.has(id))
  return { way: 'native', result: ok({ ...found, ids }) }
}

/** Never by the tool, which opens nothing without a password. */
async function withoutKey(app: App, { access, repository }: Reached, wish: LookWish): Promise<Look> {
  const native = await readKeyless(access, await wish.known(), app.memory ?? new ReaderMemory(), {
    signal: wish.signal,
    timeLimitMs: repository.read.timeLimit,
    locks: wish.locks,
    size: wish.size,
    now: app.now(),
  })
  const way = 'native, without a password'
  if (native.ok) return { way, result: ok({ ...native.value, ids: native.value.snapshotIds }) }
  const { code, context } = native.problem
  return {
    way,
    result: fail(code === unsupported ? needsKey(access.name, String(context?.why ?? 'its address')) : native.problem),
  }
}

/** Why the tool has to read it; nothing to say where it has no native reader at all. */
async function whyByTool({ tool, access }: Reached): Promise<string | undefined> {
  if (tool.name !== 'restic') return ''
  const opened = await opens(access.url.reveal())
  return opened.opens ? undefined : `${opened.scheme} is read by the program`
}

/** Programs cost memory and processors: only so many at once. */
async function inTurn(app: App, reached: Reached, wish: LookWish, why: string): Promise<Look> {
  const { name } = reached.access
  if (app.programSlots === undefined) return byTool(reached, wish, why)
  if (!(await app.programSlots.take(name, wish.signal))) return byTool(reached, wish, why)
  try {
    return await byTool(reached, wish, why)
  } finally {
    app.programSlots.free(name)
  }
}

const programCpu = new CpuShare(programCpuMs)

async function byTool(reached: Reached, wish: LookWish, why: string): Promise<Look> {
  const [look, spent] = await programCpu.measure(() => askTool(reached, wish, why))
  return { ...look, programCpuMs: spent }
}

async function askTool({ tool, access, repository }: Reached, wish: LookWish, why: string): Promise<Look> {
  const io: OperationIo = { signal: wish.signal, timeLimitMs: repository.read.timeLimit }
  const way = why === '' ? tool.name : `${tool.name}: ${why}`
  const failed = (problem: Problem): Look => ({ way, result: fail(problem) })
  const version = await tool.version(access, io)
  if (!version.ok) return failed(version.problem)
  if (tool.survey !== undefined) {
    const { locks, size, trustTimes } = wish
    const survey = await tool.survey(access, { known: await wish.known(), locks, size, trustTimes }, io)
    if (!survey.ok) return failed(survey.problem)
    return { way, result: ok({ ...survey.value, damaged: [], toolVersion: version.value }) }
  }
  const snapshots = await tool.snapshots(access, io)
  if (!snapshots.ok) return failed(snapshots.problem)
  const locks = wish.locks ? await tool.locks(access, io) : undefined
  if (locks !== undefined && !locks.ok) return failed(locks.problem)
  const stats = wish.size ? await tool.stats(access, io) : undefined
  if (stats !== undefined && !stats.ok) return failed(stats.problem)
  const looked: Looked = {
    ids: snapshots.value.map(({ id }) => id),
    fresh: snapshots.value,
    damaged: [],
    toolVersion: version.value,
    ...(locks && { locks: locks.value }),
    ...(stats && { sizeBytes: stats.value.sizeBytes }),
  }
  return { way, result: ok(looked) }
}
