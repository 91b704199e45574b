/** What the first-seen history of a repository shows, and no ordinary life of one explains. */
import type { Snapshot } from './snapshot.ts'

export const historyKinds = [
  'newest-deleted',
  'rolled-back',
  'emptied',
  'thinned',
  'host-renamed',
  'future-snapshot',
  'back-dated',
  'before-repository',
  'shrunk',
  'key-added',
  'key-removed',
  'config-changed',
  'replaced',
] as const
export type HistoryKind = (typeof historyKinds)[number]

/** One such change. It stays until a person settles it. */
export interface HistoryFinding {
  readonly kind: HistoryKind
  /** What it is about: the id of a snapshot, key or repository, or a host. One finding for each. */
  readonly subject: string
  readonly message: string
  readonly next: string
}

/** A finding as it is kept. */
export interface KeptFinding extends HistoryFinding {
  /** Short, for people to name it by. */
  readonly number: number
  readonly repository: string
  readonly foundAt: Date
  readonly settledAt?: Date
  readonly note?: string
}

/** What a look at a repository shows of it beside its snapshots. */
export interface Marks {
  /** Ids of all keys; absent where they were not looked at. */
  readonly keys?: readonly string[]
  /** Hash of the stored config; absent where it was not looked at. */
  readonly config?: string
}

/** A repository as the last good reading left it. */
export interface HistoryBefore extends Marks {
  readonly at: Date
  /** Those that were there. */
  readonly snapshots: readonly Snapshot[]
  /** The oldest key that was ever seen: no backup was made into the repository before it. */
  readonly bornAt?: Date
}

/** The same repository as a good reading found it now. */
export interface HistoryAfter extends Marks {
  readonly at: Date
  /** Ids of all snapshots that are there, damaged ones too. */
  readonly ids: ReadonlySet<string>
  /** Those that were not known before. */
  readonly fresh: readonly Snapshot[]
  /** Those that were gone at an earlier look and are back. */
  readonly returned?: readonly Snapshot[]
}

/** The advice of a finding, with the command that settles just this one. */
export const numbered = (next: string, number: number): string => next.replace(/muster ack$/, `muster ack ${number}`)
