import { setTimeout as pause } from 'node:timers/promises'
import type { Fetched, Storage } from './storage.ts'

/** Long enough for a server that restarts; whoever called comes again later anyway. */
export const retryDelaysMs: readonly number[] = [500, 1_000, 2_000]

/** Tries again what was unreachable, with growing pauses. Everything else is permanent. */
export function retrying(storage: Storage, signal: AbortSignal, delaysMs: readonly number[]): Storage {
  const tried = async <T>(attempt: () => Promise<Fetched<T>>): Promise<Fetched<T>> => {
    for (const delayMs of delaysMs) {
      const answer = await attempt()
      if (answer.ok || answer.fault.kind !== 'unreachable' || signal.aborted) return answer
      // Aborted meanwhile: the last attempt says so itself.
      await pause(delayMs, undefined, { signal }).catch(() => {})
    }
    return attempt()
  }
  return {
    list: (type, details) => tried(() => storage.list(type, details)),
    read: (file, wish) => tried(() => storage.read(file, wish)),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  }
}
