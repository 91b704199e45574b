/** What a daemon remembers of a repository from its last good reading, so that one that did not change costs a listing and a row. */
import type { Repository } from '../config/schema.ts'
import type { App } from './context.ts'
import { type Remembered, rememberedOf, sameMarks } from './history.ts'
import type { Looked } from './look.ts'

export interface Recollection {
  /** Ids whose content the ledger has, those that are gone included; made when something new has to be told from it. */
  known(): Promise<ReadonlySet<string>>
  /** Ids that were there, as the reading gave them; absent before the first good reading of this process. */
  readonly ids?: readonly string[]
  readonly marks: Remembered | undefined
  readonly repositoryId?: string
  /** When the size was measured. */
  readonly measuredAt?: Date
}

/** By the settings of the repository: after a reload nothing is taken for granted. */
export type Recollections = WeakMap<Repository, Recollection>

/** What is remembered, else what the ledger says. */
export async function recollect(app: App, name: string, repository: Repository): Promise<Recollection> {
  const remembered = app.recollections?.get(repository)
  if (remembered !== undefined) return remembered
  const size = await app.ledger.lastSize(name)
  return {
    known: () => app.ledger.knownSnapshots(name, !repository.read.keyless),
    marks: await rememberedOf(app, name),
    ...(size && { measuredAt: size.at }),
  }
}

/** Nothing came, went or changed since the last good reading, of this process or an earlier one: there is nothing to judge. */
export function isUnchanged(before: Recollection, looked: Looked, ids: readonly string[]): boolean {
  return (
    looked.fresh.length === 0 &&
    looked.damaged.length === 0 &&
    (before.ids === undefined ? looked.isRecorded === true : isSame(ids, before.ids)) &&
    (looked.repositoryId === undefined || looked.repositoryId === before.repositoryId) &&
    sameMarks(looked, before.marks)
  )
}

/** In whatever order a server lists them. */
function isSame(ids: readonly string[], before: readonly string[]): boolean {
  if (ids === before) return true
  if (ids.length !== before.length) return false
  const known = new Set(before)
  return ids.every((id) => known.has(id))
}

/** After a good reading was recorded. A thousand repositories have their names in memory once, and no sets of them. */
export function remember(
  app: App,
  name: string,
  repository: Repository,
  before: Recollection,
  looked: Looked,
  ids: readonly string[],
  marks: Remembered | undefined,
  at: Date,
): void {
  const repositoryId = looked.repositoryId ?? before.repositoryId
  const measuredAt = looked.sizeBytes === undefined ? before.measuredAt : at
  app.recollections?.set(repository, {
    known: () => app.ledger.knownSnapshots(name, !repository.read.keyless),
    ids,
    marks: marks ?? before.marks,
    ...(repositoryId !== undefined && { repositoryId }),
    ...(measuredAt && { measuredAt }),
  })
}
