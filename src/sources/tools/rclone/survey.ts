import { fail, ok, type Result } from '../../../model/problem.ts'
import type { Snapshot } from '../../../model/snapshot.ts'
import type { OperationIo, RepositoryAccess, RepositoryStats, Survey, SurveyWish } from '../tool.ts'
import { callRclone } from './command.ts'
import { type DatedFolder, datedFolders, idOf, takenAtOf } from './dated.ts'
import { destinationOf, placeOf } from './destination.ts'
import { cheaply, list, Tree } from './listing.ts'
import { problem } from './problems.ts'

/** Ids of the tree begin so; what follows tells its state. */
export const treePrefix = 'tree'

/** Every state of the tree is replaced by the next one: none of them was deleted when it is gone. */
const living = 'tree'

/** Lists the tree, and the names of the folders beside it; what is in dated folders is looked at only to measure it. */
export async function survey(access: RepositoryAccess, wish: SurveyWish, io: OperationIo): Promise<Result<Survey>> {
  const looked = await lookAt(access, io)
  if (!looked.ok) return looked
  const { tree, dated, snapshots: found } = looked.value
  const size = wish.size ? await sizeOf(access, io, dated) : undefined
  if (size !== undefined && !size.ok) return size
  return ok({
    ids: found.map(({ id }) => id),
    fresh: found.filter(({ id }) => !wish.known.has(id)),
    ...(wish.locks ? { locks: [] } : {}),
    ...(size === undefined ? {} : { sizeBytes: tree.bytes + size.value }),
  })
}

export async function snapshots(access: RepositoryAccess, io: OperationIo): Promise<Result<readonly Snapshot[]>> {
  const looked = await lookAt(access, io)
  return looked.ok ? ok(looked.value.snapshots) : looked
}

interface Seen {
  readonly tree: Tree
  /** Names of the dated folders. */
  readonly dated: readonly string[]
  readonly snapshots: readonly Snapshot[]
}

async function lookAt(access: RepositoryAccess, io: OperationIo): Promise<Result<Seen>> {
  const now = new Date()
  const tree = await listTree(access, io)
  if (!tree.ok) return tree
  const folders = await foldersBeside(access, io)
  if (!folders.ok) return folders
  const { name } = destinationOf(access.url.reveal())
  const dated = datedFolders(folders.value, name).map(({ folder }) => folder)
  return ok({ tree: tree.value, dated, snapshots: toSnapshots(name, tree.value, folders.value, now) })
}

/** Dated folders and the tree, newest last. A tree without a file is none: nothing could be restored from it. */
export function toSnapshots(
  name: string,
  tree: Pick<Tree, 'files' | 'bytes' | 'newestMs' | 'digest'>,
  folders: readonly string[],
  now: Date,
): readonly Snapshot[] {
  const dated = datedFolders(folders, name).map((folder) => ofFolder(folder, name, now))
  if (tree.files === 0) return dated
  // A folder that is dated in the future says nothing of the tree.
  const times = dated.map(({ takenAt }) => takenAt.getTime()).filter((time) => time <= now.getTime())
  const newestDated = Math.max(0, ...times)
  // What was put into a dated folder went out of the tree: it was changed after that folder's day began.
  const at = Math.max(tree.newestMs, newestDated === 0 ? 0 : newestDated + 1000)
  return [
    ...dated,
    {
      id: `${treePrefix}${tree.digest}`,
      takenAt: new Date(at === 0 ? now : at),
      host: name,
      user: '',
      tags: [],
      paths: [],
      sizeBytes: tree.bytes,
      files: tree.files,
      living,
    },
  ]
}

const ofFolder = (dated: DatedFolder, name: string, now: Date): Snapshot => ({
  id: idOf(dated),
  takenAt: takenAtOf(dated, now),
  host: name,
  user: '',
  tags: [],
  paths: [],
  removal: `remove the folder ${dated.folder} beside the tree`,
})

/** Links count: on a disk a tree holds them as they are, elsewhere as small files. */
export async function listTree(access: RepositoryAccess, io: OperationIo): Promise<Result<Tree>> {
  const tree = new Tree(new Date())
  const place = placeOf(destinationOf(access.url.reveal()).name)
  const listed = await list(access, io, ['--recursive', '--files-only', '--links', ...cheaply, '--', place], (entry) =>
    tree.add(entry),
  )
  return listed.ok ? ok(tree) : listed
}

/** Names of the folders beside the tree. Where nobody may list them, as above a bucket, there are none for us. */
export async function foldersBeside(access: RepositoryAccess, io: OperationIo): Promise<Result<readonly string[]>> {
  const { name } = destinationOf(access.url.reveal())
  if (name === '') return ok([])
  const folders: string[] = []
  const listed = await list(access, io, ['--dirs-only', ...cheaply, '--', placeOf('')], (entry) => {
    if (entry.IsDir) folders.push(entry.Path)
  })
  if (listed.ok) return ok(folders)
  const { code } = listed.problem
  return code === 'rclone.denied' || code === 'rclone.no-repository' ? ok([]) : listed
}

/** Bytes of the tree and of all dated folders, as the store holds them. */
export async function stats(access: RepositoryAccess, io: OperationIo): Promise<Result<RepositoryStats>> {
  const { name } = destinationOf(access.url.reveal())
  const folders = await foldersBeside(access, io)
  if (!folders.ok) return folders
  const size = await sizeOf(access, io, [name, ...datedFolders(folders.value, name).map(({ folder }) => folder)])
  return size.ok ? ok({ sizeBytes: size.value }) : size
}

async function sizeOf(access: RepositoryAccess, io: OperationIo, folders: readonly string[]): Promise<Result<number>> {
  let bytes = 0
  for (const folder of folders) {
    let found: number | undefined
    const called = await callRclone(access, io, {
      args: ['size', '--json', '--retries=1', '--fast-list', '--', placeOf(folder)],
      onLine: (line) => {
        const said = /"bytes":(\d+)/.exec(line)?.[1]
        if (said !== undefined) found = Number(said)
      },
    })
    if (called.problem !== undefined) return fail(called.problem)
    if (found === undefined) return fail(problem('rclone.output', { repository: access.name }))
    bytes += found
  }
  return ok(bytes)
}
