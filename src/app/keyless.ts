/** What a reading without a password tells of a history: only what files and their times can. */
import type { Repository } from '../config/schema.ts'
import type { SeenHistory } from '../ledger/ledger.ts'

const ofFiles: ReadonlySet<string> = new Set(['newest-deleted', 'emptied', 'rolled-back'])

/** Who wrote a snapshot, and when by their own clock, it does not know: nothing is found that needs it. */
export const asFarAsRead = ({ read }: Repository, history: SeenHistory | undefined): SeenHistory | undefined =>
  read.keyless && history !== undefined
    ? { ...history, findings: history.findings.filter(({ kind }) => ofFiles.has(kind)) }
    : history
