/**
 * Who has a ledger open: a lock of SQLite's own on `muster.db.lock` beside it. The kernel takes it back when a process ends,
 * however that ends, so there is nothing to clean up and no process to be mistaken for another.
 */
import { chownSync, closeSync, existsSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** For a process that sets a ledger aside just now. */
const sharedWaitMs = 10_000
/** For another that found the same damage and is about to find out that it is not alone either. */
const aloneWaitMs = 1_000
/** Source: SQLite, "Result and Error Codes". */
const busy = 5

export interface Hold {
  /** Nobody else has the ledger open, and nobody opens it until `share`. @returns False where somebody has it open. */
  alone(): boolean
  share(): void
  close(): void
}

/** Says that this process has the ledger of a folder open. Where no lock can be had, as on a full disk, it does without. */
export function holdLedger(folder: string): Hold {
  const database = opened(folder)
  const attempt = (waitMs: number, sql: string): number | undefined => {
    if (database === undefined) return undefined
    try {
      if (database.isTransaction) database.exec('ROLLBACK')
      database.exec(`PRAGMA busy_timeout = ${waitMs}; ${sql}`)
      return undefined
    } catch (error) {
      return ((error as { errcode?: number }).errcode ?? 0) & 0xff
    }
  }
  const share = (): void => {
    // A transaction that has read holds its lock until it ends. Source: SQLite, "File Locking And Concurrency", 3.
    attempt(sharedWaitMs, 'BEGIN; SELECT count(*) FROM sqlite_schema')
  }
  share()
  return {
    share,
    alone: () => attempt(aloneWaitMs, 'BEGIN EXCLUSIVE') !== busy,
    close: () => {
      if (database?.isOpen === true) database.close()
    },
  }
}

function opened(folder: string): DatabaseSync | undefined {
  const file = join(folder, 'muster.db.lock')
  try {
    // Never opened and closed where it is there: a process loses all its locks on a file when it closes it once.
    if (!existsSync(file)) makeFile(file, folder)
    const database = new DatabaseSync(file)
    // It stays empty, and nothing is written beside it.
    database.exec('PRAGMA journal_mode = MEMORY')
    return database
  } catch {
    return undefined
  }
}

function makeFile(file: string, folder: string): void {
  try {
    closeSync(openSync(file, 'ax', 0o600))
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return
  }
  // What root made is to be of use to the user whose folder it is.
  const { uid, gid } = statSync(folder)
  if (process.getuid?.() === 0 && uid !== 0) chownSync(file, uid, gid)
}
