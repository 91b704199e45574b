/** What a job's settings say about its source, for every command that looks at it; and how much is there. */
import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import type { BackupSpec, OperationIo, RepositoryAccess, SourceCount } from '../tool.ts'
import { list } from './listing.ts'
import { problem } from './problems.ts'

/** Filters; values behind `=`, so that a leading dash in them stays a value. */
export const filterArguments = (spec: BackupSpec): readonly string[] => [
  ...spec.exclude.map((pattern) => `--exclude=${pattern}`),
  ...spec.excludeFile.map((file) => `--exclude-from=${file}`),
  ...spec.excludeIfPresent.map((name) => `--exclude-if-present=${name}`),
  ...(spec.excludeCaches ? ['--exclude-if-present=CACHEDIR.TAG'] : []),
  ...(spec.oneFileSystem ? ['--one-file-system'] : []),
  ...linkArguments(spec.own.links),
]

const linkFlags = new Map<unknown, readonly string[]>([
  ['keep', ['--links']],
  ['follow', ['--copy-links']],
  ['skip', ['--skip-links']],
])
const linkArguments = (links: unknown): readonly string[] => linkFlags.get(links) ?? []

/** The one source of a tree, or why there is none. */
export function sourceOf(spec: BackupSpec): Result<string> {
  const [source, ...more] = spec.sources
  if (source === undefined || more.length > 0) return fail(problem('rclone.sources', { count: spec.sources.length }))
  return ok(source)
}

/** Counts what a run would copy, as rclone itself sees it. Folders that cannot be read are left to the run to tell of. */
export async function countSource(
  access: RepositoryAccess,
  spec: BackupSpec,
  io: OperationIo,
): Promise<Result<SourceCount>> {
  const source = sourceOf(spec)
  if (!source.ok) return source
  const count = { files: 0, bytes: 0 }
  const args = ['--recursive', '--files-only', '--no-modtime', '--no-mimetype', ...filterArguments(spec)]
  const listed = await list(access, io, [...args, '--', source.value], ({ Size }) => {
    count.files += 1
    count.bytes += Math.max(0, Size)
  })
  if (listed.ok || (count.files > 0 && listed.problem.code === 'rclone.denied')) return ok(count)
  return fail(ofSource(listed.problem, access))
}

/** What a look at the source found wrong is not said of the destination. */
function ofSource(found: Problem, { name }: RepositoryAccess): Problem {
  if (found.code !== 'rclone.no-repository' && found.code !== 'rclone.denied') return found
  return problem('rclone.source-missing', { repository: name })
}
