/** Lanes: work on one repository takes turns, over all processes of a state folder. */
import { setTimeout as pause } from 'node:timers/promises'
import type { LaneMode } from '../ledger/ledger.ts'
import { fail, type Problem, type Result } from '../model/problem.ts'
import type { ProcessMark } from '../model/process-mark.ts'
import { sayDuration } from '../model/units.ts'
import { newId } from '../system/id.ts'
import { isGone } from '../system/self.ts'
import type { App } from './context.ts'

const lookEveryMs = 250
const beatEveryMs = 20_000
/** A holder on another machine that gave no sign for this long is gone. */
const silentMs = 180_000

export interface LaneWish {
  readonly repository: string
  readonly mode: LaneMode
  readonly purpose: string
  readonly waitMs: number
  readonly signal: AbortSignal
  /** Called once when the lane is not free at once, with who is in it. */
  readonly onWait?: (holders: readonly string[]) => void
}

/** Does `work` while holding the lane. @returns `lane.busy` when it did not get free in time, `lane.cancelled` when aborted. */
export async function inLane<T>(app: App, wish: LaneWish, work: () => Promise<Result<T>>): Promise<Result<T>> {
  if (app.slots === undefined) return inRepositoryLane(app, wish, work)
  if (!(await app.slots.take(wish.repository, wish.signal))) return fail(cancelled(wish))
  try {
    return await inRepositoryLane(app, wish, work)
  } finally {
    app.slots.free(wish.repository)
  }
}

async function inRepositoryLane<T>(app: App, wish: LaneWish, work: () => Promise<Result<T>>): Promise<Result<T>> {
  const id = newId(app.now())
  const lane = {
    id,
    repository: wish.repository,
    mode: wish.mode,
    purpose: wish.purpose,
    owner: app.self,
    since: app.now(),
  }
  const dead = (owner: ProcessMark, beatAt: Date): boolean =>
    isGone(owner) || (owner.host !== app.self.host && app.now().getTime() - beatAt.getTime() > silentMs)
  const begun = performance.now()
  let told = false
  try {
    while (!(await app.ledger.requestLane(lane, app.now(), dead))) {
      if (!told) {
        told = true
        wish.onWait?.(await holders(app, wish.repository, id))
      }
      if (wish.signal.aborted) return fail(cancelled(wish))
      if (performance.now() - begun > wish.waitMs) return fail(busy(wish, await holders(app, wish.repository, id)))
      await pause(lookEveryMs, undefined, { signal: wish.signal }).catch(() => undefined)
    }
    // A beat that cannot be written is one missed; others look at the process too before they take the lane.
    const beat = setInterval(() => void app.ledger.beatLane(id, app.now()).catch(() => undefined), beatEveryMs)
    try {
      return await work()
    } finally {
      clearInterval(beat)
    }
  } finally {
    await app.ledger.releaseLane(id)
  }
}

/** Exclusive holders of lanes, asked for once for all who ask in a moment. */
const holdersMs = 50
const exclusive = new WeakMap<App['ledger'], { readonly at: number; readonly names: Promise<ReadonlySet<string>> }>()

function exclusivelyHeld(app: App): Promise<ReadonlySet<string>> {
  const known = exclusive.get(app.ledger)
  if (known !== undefined && performance.now() - known.at < holdersMs) return known.names
  const names = app.ledger
    .lanes()
    .then(
      (lanes) =>
        new Set(
          lanes
            .filter((lane) => lane.mode === 'exclusive' && !lane.waiting && !isGone(lane.owner))
            .map(({ repository }) => repository),
        ),
    )
  exclusive.set(app.ledger, { at: performance.now(), names })
  return names
}

/** Waits until nobody has the repository for himself, but no longer than this. */
export async function laneIsShared(app: App, repository: string, waitMs: number, signal: AbortSignal): Promise<void> {
  const begun = performance.now()
  while ((await exclusivelyHeld(app)).has(repository)) {
    if (signal.aborted || performance.now() - begun > waitMs) return
    await pause(lookEveryMs, undefined, { signal }).catch(() => undefined)
  }
}

/** How a run ends that did not get its turn: somebody wanted it to end, or the wait was too long. */
export const unstarted = (
  problem: Problem,
): { readonly outcome: 'cancelled' | 'failed'; readonly problem: Problem } => ({
  outcome: problem.code === 'lane.cancelled' ? 'cancelled' : 'failed',
  problem,
})

async function holders(app: App, repository: string, own: string): Promise<string[]> {
  const lanes = await app.ledger.lanes()
  return lanes
    .filter((lane) => lane.repository === repository && lane.id !== own && !lane.waiting)
    .map((lane) => `${lane.purpose} (process ${lane.owner.pid} on ${lane.owner.host})`)
}

const busy = (wish: LaneWish, who: readonly string[]): Problem => ({
  code: 'lane.busy',
  message: `${wish.purpose}: other work held the repository ${wish.repository} for ${sayDuration(wish.waitMs)}: ${who.join(', ') || 'already gone'}.`,
  next: 'Let it end, spread the schedules, or raise lockWait.',
  retry: 'soon',
})

const cancelled = (wish: LaneWish): Problem => ({
  code: 'lane.cancelled',
  message: `${wish.purpose}: cancelled while it waited for the repository ${wish.repository}.`,
  next: 'Start it again when it suits.',
  retry: 'next-run',
})
