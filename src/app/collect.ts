/** Readings of many repositories: so many at a time, each on its own; none waits for a slow one longer than it must. */
import type { App } from './context.ts'
import { laneIsShared } from './lane.ts'
import { type ReadingDone, readRepository } from './reading.ts'
import { measureSpace } from './space/measure.ts'

export interface CollectWish {
  readonly signal: AbortSignal
  readonly stats?: boolean
  readonly onDone?: (name: string, done: ReadingDone) => void
}

/** Reads the named repositories, `readConcurrency` at a time, in the order given. */
export async function collect(
  app: App,
  names: readonly string[],
  wish: CollectWish,
): Promise<ReadonlyMap<string, ReadingDone>> {
  const waiting = [...names]
  const done = new Map<string, ReadingDone>()
  const worker = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined && !wish.signal.aborted; name = waiting.shift()) {
      const reading = await readAside(app, name, wish)
      done.set(name, reading)
      wish.onDone?.(name, reading)
    }
  }
  await Promise.all(Array.from({ length: Math.min(app.config.readConcurrency, names.length) }, worker))
  return done
}

/** While a prune or check has the repository for itself, a reading steps aside for so long; it takes no lock, so it may go on then. */
const asideMs = 5_000

/** A reading takes no lane: it disturbs nobody, and nobody has to wait for it. */
async function readAside(app: App, name: string, wish: CollectWish): Promise<ReadingDone> {
  const read = () =>
    readRepository(app, name, {
      signal: wish.signal,
      locks: true,
      ...(wish.stats !== undefined && { stats: wish.stats }),
    })
  if (app.slots !== undefined && !(await app.slots.take(name, wish.signal))) return read()
  try {
    await laneIsShared(app, name, asideMs, wish.signal)
    const done = await read()
    await measureSpace(app, name, { signal: wish.signal })
    return done
  } finally {
    app.slots?.free(name)
  }
}
