/** What a daemon remembers of a repository from its last good reading, so that one that did not change costs a listing and a row. */
import type { Repository } from '../config/schema.ts'
import type { App } from './context.ts'
import { type Remembered, rememberedOf, sameMarks } from './history.ts'
import type { Looked } from './look.ts'

export interface Recollection {
  /** Ids whose content the ledger has, those that are gone included. */
  readonly known: ReadonlySet<string>
  /** Ids that were there, as the reading gave them; absent before the first good reading of this process. */
  readonly ids?: readonly string[]
  readonly present?: ReadonlySet<string>
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
    known: await app.ledger.knownSnapshots(name, !repository.read.keyless),
    marks: await rememberedOf(app, name),
    ...(size && { measuredAt: size.at }),
  }
}

/** Nothing came, went or changed since the last good reading of this process: the ledger need not be asked. */
export function isUnchanged(before: Recollection, looked: Looked, ids: readonly string[]): boolean {
  const { present } = before
  return (
    present !== undefined &&
    looked.fresh.length === 0 &&
    looked.damaged.length === 0 &&
    (ids === before.ids || (ids.length === present.size && ids.every((id) => present.has(id)))) &&
    (looked.repositoryId === undefined || looked.repositoryId === before.repositoryId) &&
    sameMarks(looked, before.marks)
  )
}

/** After a good reading was recorded. */
export function remember(
  app: App,
  repository: Repository,
  before: Recollection,
  looked: Looked,
  ids: readonly string[],
  marks: Remembered | undefined,
  at: Date,
): void {
  const repositoryId = looked.repositoryId ?? before.repositoryId
  app.recollections?.set(repository, {
    known: looked.fresh.length === 0 ? before.known : new Set([...before.known, ...looked.fresh.map(({ id }) => id)]),
    ids,
    present: ids === before.ids && before.present !== undefined ? before.present : new Set(ids),
    marks: marks ?? before.marks,
    ...(repositoryId !== undefined && { repositoryId }),
    ...(looked.sizeBytes === undefined ? before.measuredAt && { measuredAt: before.measuredAt } : { measuredAt: at }),
  })
}
