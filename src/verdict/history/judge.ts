/** Compares two looks at one repository: what changed, and nobody declared or would do in ordinary life. */
import type { HistoryAfter, HistoryBefore, HistoryFinding } from '../../model/history.ts'
import type { DeclaredPolicy } from '../retention.ts'
import { judgeFresh } from './fresh.ts'
import { judgeGone } from './gone.ts'

export interface HistoryRules {
  /** Policies of jobs here, and those declared for what others write. */
  readonly policies: readonly DeclaredPolicy[]
  /** Keys come and go by plan. */
  readonly keysMayChange: boolean
  /** A backup is at work on it: what lives on is half-way, and says nothing. */
  readonly isBeingWritten?: boolean
}

/**
 * Ordinary life is quiet: backups, forgets, copies, tags and rewrites explain themselves by their times, by the id a
 * rewritten snapshot remembers, and by declared policies.
 *
 * @param before Absent at the first look: then only what is impossible in itself is told.
 */
export function judgeHistory(
  before: HistoryBefore | undefined,
  after: HistoryAfter,
  rules: HistoryRules,
): readonly HistoryFinding[] {
  const fresh = judgeFresh(before, after, rules.isBeingWritten === true)
  if (before === undefined) return fresh
  return [
    ...judgeGone(before, after, rules.policies, rules.isBeingWritten === true),
    ...fresh,
    ...judgeMarks(before, after, rules),
  ]
}

function judgeMarks(before: HistoryBefore, after: HistoryAfter, rules: HistoryRules): HistoryFinding[] {
  const found: HistoryFinding[] = []
  const [old, now] = [before.keys, after.keys]
  if (old !== undefined && now !== undefined && !rules.keysMayChange) {
    for (const key of now.filter((one) => !old.includes(one)))
      found.push({
        kind: 'key-added',
        subject: key,
        message: `The key ${short(key)} was added: somebody has another password for the repository.`,
        next: 'If nobody of yours did, change all passwords and remove it (restic key list, restic key remove). Else: muster ack',
      })
    for (const key of old.filter((one) => !now.includes(one)))
      found.push({
        kind: 'key-removed',
        subject: key,
        message: `The key ${short(key)} was removed: its password opens the repository no more.`,
        next: 'Check that every host still has a password that works. If this was planned: muster ack',
      })
  }
  if (before.config !== undefined && after.config !== undefined && before.config !== after.config)
    found.push({
      kind: 'config-changed',
      subject: after.config,
      message: 'The config of the repository was written anew; ordinary work never does that.',
      next: 'An upgrade of the repository format does it (restic migrate). If nobody made one, look at who can write there. Then: muster ack',
    })
  return found
}

const short = (id: string): string => id.slice(0, 8)
