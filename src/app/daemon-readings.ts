/** Readings of a daemon: each repository at its own pace, at once where somebody tells that it changed, fairly beside the others. */
import type { Config } from '../config/schema.ts'
import { collect } from './collect.ts'
import { openCollections, recordCollection } from './collection.ts'
import { type App, zoneOf } from './context.ts'
import { type ReadAt, untilReadingMs } from './pace.ts'
import { openSlots } from './slots.ts'
import { openWatching } from './watching.ts'
import { openWorkers } from './workers.ts'

/** Where something is known from before, whoever asks for it right after a restart is answered first. */
const calmMs = 1_000

export interface DaemonReadings {
  /** Starts what is due. @returns how long until the next one is, at most as long as given. */
  start(mostMs: number): Promise<number>
  /** All of them, or those named, at the next turn, also what is read just now: it may have seen the world of before. */
  readNow(names?: readonly string[]): void
  /** @param wait Repositories that are new wait for their schedule; else they are read at once. */
  reconfigure(before: Config, after: Config, wait: boolean): void
  isCollecting(): boolean
  /** Resolves when none is under way and no change is listened for. */
  close(): Promise<void>
}

/**
 * @param current The application with the configuration in force.
 * @param isKnown Whether anything is known from before this process.
 * @param wake Asks for a turn soon.
 */
export function openReadings(
  current: () => App,
  isKnown: boolean,
  signal: AbortSignal,
  wake: () => void,
): DaemonReadings {
  const openedMs = performance.now()
  const readAt = new Map<string, ReadAt>()
  /** Asked for while a reading was under way. */
  const again = new Set<string>()
  const { log, ledger, now } = current()
  const readers = openWorkers(log)
  const collections = openCollections(
    () => Object.keys(current().config.repositories),
    () => recordCollection(ledger, now()),
  )
  // Slots of their own: a night full of backups must not blind the watcher.
  const slots = openSlots(() => current().config.readConcurrency)
  const soon = (name: string): void => {
    readAt.delete(name)
    if (readers.has(name)) again.add(name)
  }
  const watching = openWatching((name) => {
    soon(name)
    wake()
  })

  const clocks = (): ReadAt => ({ wall: now(), steadyMs: performance.now() })
  const untilMs = (name: string): number => {
    const { config } = current()
    const every = config.repositories[name]?.read.every
    if (every === undefined) return Number.POSITIVE_INFINITY
    return untilReadingMs(name, every, readAt.get(name), zoneOf(config), clocks())
  }
  /** Worth a turn of its own: an instant that somebody chose. Long pauses are met at the next turn, many at once. */
  const isPrompt = (name: string, mostMs: number): boolean => {
    const every = current().config.repositories[name]?.read.every
    return typeof every === 'string' || (every ?? mostMs) < mostMs
  }

  const read = async (name: string, mostMs: number): Promise<void> => {
    // Before it is read: what comes between would be told by neither.
    const repository = current().config.repositories[name]
    if (repository !== undefined) await watching.begin(name, repository)
    await collect({ ...current(), slots }, [name], { signal })
    if (!signal.aborted) await collections.end(name)
    if (again.delete(name)) return void setImmediate(wake)
    readAt.set(name, clocks())
    // Else the sleep under way, of a turn that did not count on this one, ends first.
    if (isPrompt(name, mostMs) && untilMs(name) < mostMs) setImmediate(wake)
  }

  return {
    async start(mostMs) {
      const calm = calmMs - (performance.now() - openedMs)
      if (isKnown && calm > 0) return Math.min(calm, mostMs)
      const names = Object.keys(current().config.repositories)
      let soonestMs = mostMs
      for (const name of names) {
        if (readers.has(name)) continue
        const waitMs = untilMs(name)
        if (waitMs > 0) {
          if (isPrompt(name, mostMs)) soonestMs = Math.min(soonestMs, waitMs)
          continue
        }
        collections.begin()
        readers.start(name, () => read(name, mostMs))
      }
      if (names.length === 0) {
        collections.begin()
        await collections.end('')
      }
      return soonestMs
    },
    readNow(names = Object.keys(current().config.repositories)) {
      for (const name of names) soon(name)
      wake()
    },
    reconfigure(before, after, wait) {
      watching.keep(after)
      if (!wait) return
      for (const name of Object.keys(after.repositories))
        if (!Object.hasOwn(before.repositories, name)) readAt.set(name, clocks())
    },
    isCollecting: () => collections.isOpen(),
    async close() {
      await readers.drained()
      watching.close()
    },
  }
}
