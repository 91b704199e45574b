/** A collection: every repository was read. It begins with its first reading and ends with the last, well or ill. */
import type { Ledger } from '../ledger/ledger.ts'

const metaKey = 'collection ended'

/** When the newest whole collection ended, whichever process made it; survives a restart. */
export async function lastCollection(ledger: Pick<Ledger, 'readMeta'>): Promise<Date | undefined> {
  const text = await ledger.readMeta(metaKey)
  return text === undefined ? undefined : new Date(text)
}

export const recordCollection = (ledger: Pick<Ledger, 'writeMeta'>, at: Date): Promise<void> =>
  ledger.writeMeta(metaKey, at.toISOString())

/** Whether anything is known of any of these repositories, from before. */
export async function isAnyKnown(ledger: Pick<Ledger, 'lastReading'>, names: readonly string[]): Promise<boolean> {
  for (const name of names) if ((await ledger.lastReading(name)) !== undefined) return true
  return false
}

export interface Collections {
  /** A reading starts; with it a collection of all, where none is under way. */
  begin(): void
  /** A repository was read. */
  end(name: string): Promise<void>
  isOpen(): boolean
}

/** @param names The repositories as configured now; one that is taken out while others are read is waited for no more. */
export function openCollections(names: () => readonly string[], record: () => Promise<void>): Collections {
  let pending: Set<string> | undefined
  return {
    begin: () => {
      pending ??= new Set(names())
    },
    async end(name) {
      if (pending === undefined) return
      pending.delete(name)
      if (names().some((one) => pending?.has(one))) return
      pending = undefined
      await record()
    },
    isOpen: () => pending !== undefined,
  }
}
