import { hostname } from 'node:os'
import { toResult } from '../called.ts'
import type { ForgetResult, ForgetSpec, OperationIo, RepositoryAccess, Retention } from '../tool.ts'
import { globOf, piecesOf, regexOf } from './archive-name.ts'
import { templateOf, waitFor } from './backup.ts'
import { callBorg } from './command.ts'
import { parseMessage } from './messages.ts'

/** Which flag carries which count. */
const flags = {
  keepLast: '--keep-last',
  keepHourly: '--keep-hourly',
  keepDaily: '--keep-daily',
  keepWeekly: '--keep-weekly',
  keepMonthly: '--keep-monthly',
  keepYearly: '--keep-yearly',
} as const satisfies Partial<Record<keyof Retention, string>>

/** Hours of the units of a span; months and years as borg counts them, 31 and 365 days. Source: borg `helpers/parseformat.py`, `interval`. */
const hours = { h: 1, d: 24, m: 24 * 31, y: 24 * 365 } as const

/** Removes archives by policy: of those whose name this job can have made, and of no others. */
export async function forget(access: RepositoryAccess, spec: ForgetSpec, io: OperationIo): Promise<ForgetResult> {
  const kept = new Set<string>()
  const removed = new Set<string>()
  const called = await callBorg(access, io, {
    args: forgetArguments(spec),
    onErrorLine: (line) => {
      const said = parseMessage(line)
      const judged = said?.type === 'log_message' ? parseJudgement(said.message) : undefined
      if (judged !== undefined) (judged.keep ? kept : removed).add(judged.id)
    },
  })
  const result = toResult(called)
  if (called.problem !== undefined && !called.warned) return result
  return { ...result, outcome: called.warned ? 'warning' : 'ok', kept: kept.size, removed: [...removed] }
}

export function forgetArguments(spec: ForgetSpec): readonly string[] {
  const { retention } = spec
  const counts = Object.entries(flags).flatMap(([field, flag]) => {
    const value = retention[field as keyof typeof flags]
    return value === undefined ? [] : [`${flag}=${value}`]
  })
  const within = retention.keepWithin === undefined ? [] : [`--keep-within=${hoursOf(retention.keepWithin)}H`]
  return [
    'prune',
    '--list',
    ...waitFor(),
    `--glob-archives=${globOf(piecesOf(templateOf(spec.own), spec.host ?? hostname()))}`,
    ...counts,
    ...within,
    ...(spec.dryRun ? ['--dry-run'] : []),
  ]
}

/** `1y6m` and the like in hours, as borg counts them. */
const hoursOf = (span: string): number =>
  [...span.matchAll(/(\d+)([hdmy])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * hours[unit as keyof typeof hours],
    0,
  )

/** Names that a job's archives can have; the same that `forget` looks at. */
export const namesOf = (own: Readonly<Record<string, unknown>>, host: string): RegExp =>
  regexOf(piecesOf(templateOf(own), host))

/** Reads `Keeping archive (rule: daily #1): NAME TIME [ID]` and its like; what is unfinished is nobody's. */
export function parseJudgement(text: string): { readonly keep: boolean; readonly id: string } | undefined {
  const [, verb, id] = /^(Keeping archive|Pruning archive|Would prune).* \[([0-9a-f]{64})\]$/s.exec(text) ?? []
  if (id === undefined || /\.checkpoint(?:\.\d+)?\s+\w{3}, \d{4}-/.test(text)) return undefined
  return { keep: verb === 'Keeping archive', id }
}
