import { z } from 'zod'
import type { Result } from '../../../model/problem.ts'
import type { Snapshot } from '../../../model/snapshot.ts'
import type { OperationIo, RepositoryAccess } from '../tool.ts'
import { callForDocument, documentOr } from './json.ts'
import { toSnapshot } from './records.ts'

const Identified = z.looseObject({ id: z.string().regex(/^[0-9a-f]{64}$/) })

/** `null` stands for an empty list in some versions. */
const Snapshots = z.array(Identified).nullable()

/** Reads `snapshots --json`, newest last. One entry that cannot be read spoils the list: a gap would look like a lost backup. */
export function parseSnapshots(document: unknown): readonly Snapshot[] | undefined {
  const listed = Snapshots.safeParse(document)
  if (!listed.success) return undefined
  const found: Snapshot[] = []
  for (const entry of listed.data ?? []) {
    const snapshot = toSnapshot(entry.id, entry)
    if (snapshot === undefined) return undefined
    found.push(snapshot)
  }
  return found.sort((a, b) => a.takenAt.getTime() - b.takenAt.getTime())
}

export async function snapshots(access: RepositoryAccess, io: OperationIo): Promise<Result<readonly Snapshot[]>> {
  const listed = await callForDocument(access, io, '[', { args: ['snapshots', '--json', '--no-lock'] })
  return documentOr(access, listed, parseSnapshots)
}
