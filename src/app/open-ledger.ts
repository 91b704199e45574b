/** Opens the ledger the configuration asks for. One engine today; the seam is `Ledger`. */
import type { Ledger } from '../ledger/ledger.ts'
import { openSqliteLedger } from '../ledger/sqlite/open.ts'
import type { Result } from '../model/problem.ts'

export const openLedger = (folder: string, now: Date, verifiedLater = false): Promise<Result<Ledger>> =>
  openSqliteLedger(folder, now, { verifiedLater })
