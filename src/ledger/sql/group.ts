/** Group commit: what arrives in one turn of the event loop shares one transaction, and so one sync of the disk. */
import { setImmediate } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../tables.ts'

/** So that a long queue does not keep the event loop for itself. */
const mostTogether = 64

interface Waiting<T> {
  readonly item: T
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

export interface Group<T> {
  /** Resolves when the item is on the disk. */
  write(item: T): Promise<void>
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>
}

/** @param work Writes all items; where it fails, each one gets a transaction of its own, so that none fails for another. */
export function groupCommit<T>(
  db: Kysely<Tables>,
  work: (tx: Transaction<Tables>, items: readonly T[]) => Promise<void>,
): Group<T> {
  const waiting: Waiting<T>[] = []
  let flushing: Promise<void> | undefined

  const attempt = (items: readonly T[]): Promise<void> => db.transaction().execute((tx) => work(tx, items))

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      await setImmediate()
      const group = waiting.splice(0, mostTogether)
      try {
        await attempt(group.map(({ item }) => item))
        for (const { done } of group) done()
      } catch (error) {
        if (group.length === 1) for (const { failed } of group) failed(error)
        else for (const { item, done, failed } of group) await attempt([item]).then(done, failed)
      }
    }
    flushing = undefined
  }

  return {
    write: (item) =>
      new Promise((done, failed) => {
        waiting.push({ item, done, failed })
        flushing ??= flush()
      }),
    drained: async () => flushing,
  }
}
