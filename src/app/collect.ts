/** Readings of many repositories: so many at a time, each on its own; none waits for a slow one longer than it must. */
import { ok } from '../model/problem.ts'
import type { App } from './context.ts'
import { inLane } from './lane.ts'
import { type ReadingDone, readRepository } from './reading.ts'

export interface CollectWish {
  readonly signal: AbortSignal
  readonly stats?: boolean
  readonly onDone?: (name: string, done: ReadingDone) => void
}

/** Reads the named repositories, `concurrency` at a time, in the order given. */
export async function collect(
  app: App,
  names: readonly string[],
  wish: CollectWish,
): Promise<ReadonlyMap<string, ReadingDone>> {
  const waiting = [...names]
  const done = new Map<string, ReadingDone>()
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined && !wish.signal.aborted; name = waiting.shift()) {
      const reading = await readShared(app, name, wish)
      done.set(name, reading)
      wish.onDone?.(name, reading)
    }
  }
  await Promise.all(Array.from({ length: Math.min(app.config.concurrency, names.length) }, worker))
  return done
}

/** A reading shares the lane with backups and other readings; while a prune or check holds it, it waits only briefly. */
async function readShared(app: App, name: string, wish: CollectWish): Promise<ReadingDone> {
  const lane = {
    repository: name,
    mode: 'shared',
    purpose: `reading of ${name}`,
    waitMs: 5_000,
    signal: wish.signal,
  } as const
  const read = () =>
    readRepository(app, name, {
      signal: wish.signal,
      locks: true,
      ...(wish.stats !== undefined && { stats: wish.stats }),
    })
  const done = await inLane(app, lane, async () => ok(await read()))
  // Reading takes no lock, so it may go on beside whatever holds the lane; waiting was only politeness.
  return done.ok ? done.value : read()
}
