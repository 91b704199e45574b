import type { Snapshot } from '../../model/snapshot.ts'
import { sayBytes } from '../../model/units.ts'
import { oneLine } from '../../system/text.ts'
import { table } from './style.ts'

/** One line a snapshot, in the order given. */
export function renderSnapshots(snapshots: readonly Snapshot[]): string {
  if (snapshots.length === 0) return 'No snapshots.'
  const rows = snapshots.map((snapshot) => [
    snapshot.id.slice(0, 8),
    `${snapshot.takenAt.toISOString().slice(0, 19)}Z`,
    oneLine(snapshot.host),
    oneLine(snapshot.user),
    oneLine(snapshot.tags.join(',')),
    snapshot.files === undefined ? '-' : String(snapshot.files),
    snapshot.sizeBytes === undefined ? '-' : sayBytes(snapshot.sizeBytes),
    oneLine(snapshot.paths.join(', ')),
  ])
  return table(['id', 'taken', 'host', 'user', 'tags', 'files', 'size', 'paths'], rows, [5, 6])
}
