import { openGate } from '../../system/gate.ts'
import { type Fetched, fault, type Storage } from './storage.ts'

export interface Bounds {
  /** So many things at once. */
  readonly connections: number
  /** Ended by the caller. */
  readonly cancelled: AbortSignal
  /** Ended by the time limit. */
  readonly expired: AbortSignal
}

/**
 * Bounds a storage: so many things at once, and an answer as soon as it is cancelled or out of time, even when the system
 * does not come back (a network share that went away holds a call for ever).
 */
export function bounded(storage: Storage, { connections, cancelled, expired }: Bounds): Storage {
  const gate = openGate(connections)
  const ended = AbortSignal.any([cancelled, expired])
  const why = () => (cancelled.aborted ? fault('cancelled', 'cancelled') : fault('timed-out', 'the time limit'))
  const within = <T>(work: () => Promise<Fetched<T>>): Promise<Fetched<T>> =>
    gate(async () => {
      if (ended.aborted) return why()
      let leave = (): void => {}
      const end = new Promise<Fetched<T>>((resolve) => {
        leave = () => resolve(why())
        ended.addEventListener('abort', leave, { once: true })
      })
      try {
        const answer = await Promise.race([work(), end])
        // What fails because it was ended says why it was ended.
        return !answer.ok && ended.aborted ? why() : answer
      } finally {
        ended.removeEventListener('abort', leave)
      }
    })
  return {
    list: (type, details) => within(() => storage.list(type, details)),
    read: (file, wish) => within(() => storage.read(file, wish)),
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  }
}
