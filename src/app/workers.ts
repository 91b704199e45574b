/** Pieces of work that go on beside the loop of the daemon, by key. */
import type { Log } from '../system/log.ts'

export interface Workers {
  has(key: string): boolean
  /** A bug in the work is logged, not thrown: one bad repository must not end the others' work. */
  start(key: string, work: () => Promise<void>): void
  /** Resolves when nothing runs any more. */
  drained(): Promise<void>
}

export function openWorkers(log: Log): Workers {
  const running = new Map<string, Promise<void>>()
  return {
    has: (key) => running.has(key),
    start(key, work) {
      if (running.has(key)) return
      const end = work()
        .catch((error: unknown) =>
          log.error({ error }, `${key}: ${error instanceof Error ? error.message : String(error)}`),
        )
        .finally(() => running.delete(key))
      running.set(key, end)
    },
    async drained() {
      while (running.size > 0) await Promise.all(running.values())
    },
  }
}
