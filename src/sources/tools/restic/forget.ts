import { z } from 'zod'
import { toResult } from '../called.ts'
import type { ForgetResult, ForgetSpec, OperationIo, RepositoryAccess, Retention } from '../tool.ts'
import { callForDocument, outputProblem } from './json.ts'
import { problem } from './problems.ts'

const Ids = z
  .array(z.object({ id: z.string() }))
  .nullish()
  .transform((list) => (list ?? []).map(({ id }) => id))

/** One entry a group; `null` for an empty list. */
const Groups = z.array(z.object({ keep: Ids, remove: Ids })).nullable()

/** Which flag carries which field; counts and durations alike. */
const flags = {
  keepLast: '--keep-last',
  keepHourly: '--keep-hourly',
  keepDaily: '--keep-daily',
  keepWeekly: '--keep-weekly',
  keepMonthly: '--keep-monthly',
  keepYearly: '--keep-yearly',
  keepWithin: '--keep-within',
  keepWithinHourly: '--keep-within-hourly',
  keepWithinDaily: '--keep-within-daily',
  keepWithinWeekly: '--keep-within-weekly',
  keepWithinMonthly: '--keep-within-monthly',
  keepWithinYearly: '--keep-within-yearly',
} as const satisfies Partial<Record<keyof Retention, string>>

/** Removes snapshots by policy. It always takes an exclusive lock, also when nothing is to be removed. */
export async function forget(access: RepositoryAccess, spec: ForgetSpec, io: OperationIo): Promise<ForgetResult> {
  const listed = await callForDocument(access, io, '[', { args: forgetArguments(spec) })
  const { called } = listed
  const result = toResult(called)
  // Nothing is printed where no snapshot matches.
  const counted = listed.absent ? { kept: 0, removed: [] } : parseForget(listed.document)
  if (called.process.exitCode === 3) {
    // Which of them failed is not said, so nobody counts them.
    return {
      ...result,
      outcome: 'warning',
      problem: problem('restic.not-all-removed', { repository: access.name }, called.text),
    }
  }
  if (result.outcome !== 'ok') return result
  if (counted === undefined) return { ...result, outcome: 'failed', problem: outputProblem(access) }
  return { ...result, ...counted }
}

export function forgetArguments(spec: ForgetSpec): readonly string[] {
  const { retention } = spec
  const policy = Object.entries(flags).flatMap(([field, flag]) => {
    const value = retention[field as keyof typeof flags]
    return value === undefined ? [] : [`${flag}=${value}`]
  })
  return [
    'forget',
    '--json',
    `--group-by=${retention.group.join(',')}`,
    ...policy,
    ...retention.keepTags.map((tag) => `--keep-tag=${tag}`),
    ...(spec.host === undefined ? [] : [`--host=${spec.host}`]),
    // One flag: all these tags. Several flags would mean any of them.
    ...(spec.tags.length === 0 ? [] : [`--tag=${spec.tags.join(',')}`]),
    ...spec.paths.map((path) => `--path=${path}`),
    ...(spec.dryRun ? ['--dry-run'] : []),
  ]
}

/** Reads `forget --json`: how many are kept, and which are removed. */
export function parseForget(
  document: unknown,
): { readonly kept: number; readonly removed: readonly string[] } | undefined {
  const parsed = Groups.safeParse(document)
  if (!parsed.success) return undefined
  const groups = parsed.data ?? []
  return {
    kept: groups.reduce((sum, group) => sum + group.keep.length, 0),
    removed: groups.flatMap((group) => group.remove),
  }
}
