import type { Problem } from '../../../model/problem.ts'
import { type Called, okOf, toResult } from '../called.ts'
import type { BackupResult, BackupSpec, OperationIo, RepositoryAccess } from '../tool.ts'
import { BackupReport, toCounters } from './backup-report.ts'
import { callRestic } from './command.ts'
import { refusedArguments } from './extra-args.ts'
import { problem } from './problems.ts'

/**
 * Backs up. `ok` needs exit code 0, exactly one complete summary and nothing skipped; a snapshot with gaps is a `warning`.
 * The caller still has to find the snapshot in the repository.
 */
export async function backup(access: RepositoryAccess, spec: BackupSpec, io: OperationIo): Promise<BackupResult> {
  const [refused] = refusedArguments(extraArgsOf(spec))
  if (refused !== undefined) {
    const why = problem('restic.refused-argument', { argument: refused.argument, reason: refused.reason })
    return { outcome: 'failed', problem: why, durationMs: 0, skipped: [], skippedCount: 0 }
  }
  const report = new BackupReport(io.onProgress)
  const called = await callRestic(access, io, {
    args: backupArguments(access, spec),
    reports: true,
    onLine: (line) => report.line(line),
    onErrorLine: (line) => report.errorLine(line),
    progress: () => report.progress(),
  })
  return { ...judge(access, called, report, mayBeWithout(spec)), ...toSkipped(report, called) }
}

/** The arguments of a backup; values behind `=`, so that a leading dash in them stays a value, and sources behind `--`. */
export function backupArguments(access: RepositoryAccess, spec: BackupSpec): readonly string[] {
  const packSize = spec.own.packSize ?? access.own?.packSize
  return [
    'backup',
    '--json',
    ...spec.exclude.map((pattern) => `--exclude=${pattern}`),
    ...spec.excludeFile.map((file) => `--exclude-file=${file}`),
    ...spec.excludeIfPresent.map((name) => `--exclude-if-present=${name}`),
    ...(spec.excludeCaches ? ['--exclude-caches'] : []),
    ...(spec.oneFileSystem ? ['--one-file-system'] : []),
    ...spec.tags.map((tag) => `--tag=${tag}`),
    ...(spec.host === undefined ? [] : [`--host=${spec.host}`]),
    ...(spec.dryRun ? ['--dry-run'] : []),
    ...option('--compression', spec.own.compression),
    ...option('--read-concurrency', spec.own.readConcurrency),
    ...option('--pack-size', packSize),
    ...extraArgsOf(spec),
    '--',
    ...spec.sources,
  ]
}

/** `--name=value`, or nothing for a setting that was not set. */
export function option(name: string, value: unknown): readonly string[] {
  return typeof value === 'string' || typeof value === 'number' ? [`${name}=${value}`] : []
}

const extraArgsOf = (spec: BackupSpec): readonly string[] =>
  Array.isArray(spec.own.extraArgs) ? spec.own.extraArgs.map(String) : []

function judge(
  access: RepositoryAccess,
  called: Called,
  report: BackupReport,
  withoutSnapshot: boolean,
): Omit<BackupResult, 'skipped' | 'skippedCount'> {
  const result = toResult(called)
  const { summary } = report
  const counters = summary === undefined ? {} : { counters: toCounters(summary) }
  const snapshotId = summary?.snapshot_id === undefined ? {} : { snapshotId: summary.snapshot_id }
  const finished = called.process.exitCode === 0 || called.process.exitCode === 3
  if (!finished) return result
  // A summary that names no snapshot is the proof of one only where the user asked for none.
  if (summary === undefined || (summary.snapshot_id === undefined && !withoutSnapshot))
    return { ...result, outcome: 'failed', problem: problemWith('restic.no-summary', access, called) }
  // Exit code 0 with a whole summary is a backup, even if a limit or a cancel came in its last moment.
  const complete = called.process.exitCode === 0 && report.skippedCount === 0
  if (complete) return { ...okOf(result), ...counters, ...snapshotId }
  const partial = problem('restic.partial', { repository: access.name, skipped: report.skippedCount })
  return { ...result, outcome: 'warning', problem: partial, ...counters, ...snapshotId }
}

/** Runs that may end well without a snapshot: a rehearsal, or one that skips when nothing changed. */
const mayBeWithout = (spec: BackupSpec): boolean => spec.dryRun || extraArgsOf(spec).includes('--skip-if-unchanged')

function problemWith(code: 'restic.no-summary', access: RepositoryAccess, called: Called): Problem {
  return problem(
    code,
    { repository: access.name, exitCode: called.process.exitCode ?? -1 },
    called.text.split('\n').slice(-3).join('\n'),
  )
}

function toSkipped(report: BackupReport, called: Called): Pick<BackupResult, 'skipped' | 'skippedCount'> {
  const skipped = report.skipped.map(({ path, reason }) => ({
    path: called.redact(path),
    reason: called.redact(reason),
  }))
  return { skipped, skippedCount: report.skippedCount }
}
