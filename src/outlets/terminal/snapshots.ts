import type { Snapshot } from '../../model/snapshot.ts'
import { sayBytes } from '../../model/units.ts'
import { oneLine } from '../../system/text.ts'
import { table } from './style.ts'

/** One line a snapshot, in the order given; with its name where the tool gives names, which is what it is restored by. */
export function renderSnapshots(snapshots: readonly Snapshot[]): string {
  if (snapshots.length === 0) return 'No snapshots.'
  const areNamed = snapshots.some(({ name }) => name !== undefined)
  const rows = snapshots.map((snapshot) => [
    snapshot.id.slice(0, 8),
    ...(areNamed ? [oneLine(snapshot.name ?? '')] : []),
    `${snapshot.takenAt.toISOString().slice(0, 19)}Z`,
    oneLine(snapshot.host),
    oneLine(snapshot.user),
    oneLine(snapshot.tags.join(',')),
    snapshot.files === undefined ? '-' : String(snapshot.files),
    snapshot.sizeBytes === undefined ? '-' : sayBytes(snapshot.sizeBytes),
    oneLine(snapshot.paths.join(', ')),
  ])
  const [files, size] = areNamed ? [6, 7] : [5, 6]
  const heads = ['id', ...(areNamed ? ['name'] : []), 'taken', 'host', 'user', 'tags', 'files', 'size', 'paths']
  return table(heads, rows, [files, size])
}
