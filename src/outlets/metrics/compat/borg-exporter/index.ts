/**
 * The four lines of a script that writes what `borg create` and `df` said into a file: names and values alone, no HELP, no labels.
 * One number each, however many jobs and stores there are: the one that somebody has to look at.
 */
import type { Run } from '../../../../model/run.ts'
import type { JobStanding, RepositoryStanding } from '../../../../model/standing.ts'
import type { AllFacts, Compat } from '../compat.ts'

export const compat: Compat = {
  system: 'borg-exporter',
  scope: 'all',
  meanings: {
    borg_last_backup_error_code:
      'The worst last backup of all borg jobs: 0 all is well, 1 an archive with a warning, 2 no archive, 128 and more ended by a signal',
    borg_last_run_timestamp: 'When the last backup ended, well or ill; of several borg jobs, that of the oldest',
    borg_storage_free_space: 'Free blocks of the store, as `df` counts them; of several borg repositories, the fullest',
    borg_storage_disk_space: 'All blocks of that store',
  },
  render,
}

/** Where a store is not counted in blocks: those of `df`. */
const usualBlock = 1024

function render({ repositories, jobs }: AllFacts): string {
  const own = repositories.filter(({ tool }) => tool === 'borg')
  const names = new Set(own.map(({ name }) => name))
  const last = jobs.filter(({ repository }) => repository !== undefined && names.has(repository)).map(lastOf)
  const blocks = own.flatMap(blocksOf).toSorted((a, b) => a.free / a.total - b.free / b.total)[0]
  const lines = [
    ['borg_last_backup_error_code', largest(last.flatMap((one) => one?.run && errorCodeOf(one.run)))],
    ['borg_last_run_timestamp', oldest(last)],
    ['borg_storage_free_space', blocks?.free],
    ['borg_storage_disk_space', blocks?.total],
  ] as const
  return lines.map(([name, value]) => (value === undefined ? '' : `${name} ${value}\n`)).join('')
}

/** @returns Undefined for a job that never ran and does not have to yet. */
function lastOf({ operations, verdict }: JobStanding): { readonly run: Run | undefined } | undefined {
  const run = operations.find(({ operation }) => operation === 'backup')?.last
  if (run?.outcome !== undefined && run.outcome !== 'skipped') return { run }
  return verdict.state === 'absent' ? { run: undefined } : undefined
}

/** As borg itself ends by default: a modern code of a warning is larger than that of an error. */
function errorCodeOf({ outcome, exitCode = 0 }: Run): number {
  if (outcome === 'ok') return 0
  if (outcome === 'warning') return 1
  return exitCode >= 128 ? exitCode : 2
}

/** In whole seconds. One that is overdue and never ran leaves it unknown: no time would be old enough. */
function oldest(last: readonly ReturnType<typeof lastOf>[]): number | undefined {
  const known = last.flatMap((one) => (one === undefined ? [] : [one.run?.endedAt?.getTime()]))
  const times = known.flatMap((time) => time ?? [])
  return times.length === 0 || times.length < known.length ? undefined : Math.floor(Math.min(...times) / 1000)
}

const largest = (all: readonly (number | undefined)[]): number | undefined => {
  const known = all.flatMap((one) => one ?? [])
  return known.length === 0 ? undefined : Math.max(...known)
}

function blocksOf({ space }: RepositoryStanding): { readonly free: number; readonly total: number }[] {
  const known = space?.last.space
  if (known === undefined || known.totalBytes <= 0) return []
  const { free, total } = known.blocks ?? {
    free: Math.floor(known.freeBytes / usualBlock),
    total: Math.floor(known.totalBytes / usualBlock),
  }
  return [{ free, total }]
}
