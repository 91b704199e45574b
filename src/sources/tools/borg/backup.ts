import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { BackupCounters } from '../../../model/run.ts'
import { okOf, toResult } from '../called.ts'
import type { BackupResult, BackupSpec, OperationIo, RepositoryAccess } from '../tool.ts'
import { defaultName, nameFor } from './archive-name.ts'
import { BackupReport } from './backup-report.ts'
import { type Called, callBorg } from './command.ts'
import { writeComment } from './comment.ts'
import { refusedArguments } from './extra-args.ts'
import { parseDocument } from './messages.ts'
import { problem } from './problems.ts'

/**
 * Backs up. `ok` needs exit code 0, the summary of an archive and nothing skipped; an archive with gaps is a `warning`.
 * The caller still has to find the archive in the repository.
 */
export async function backup(access: RepositoryAccess, spec: BackupSpec, io: OperationIo): Promise<BackupResult> {
  const refused = refusal(spec)
  if (refused !== undefined) return { outcome: 'failed', problem: refused, durationMs: 0, skipped: [], skippedCount: 0 }
  const first = await attempt(access, spec, io)
  if (first.problem?.code !== 'borg.archive-exists' || io.signal.aborted) return first
  // Names count seconds: two short backups may fall into one.
  await pause(1_000)
  return attempt(access, spec, io)
}

function refusal(spec: BackupSpec): BackupResult['problem'] {
  const [refused] = refusedArguments(extraArgsOf(spec))
  if (refused !== undefined) return problem('borg.refused-argument', { ...refused })
  // borg would make an empty archive and warn.
  return spec.sources.some((source) => existsSync(source)) ? undefined : problem('borg.source-missing', {})
}

async function attempt(access: RepositoryAccess, spec: BackupSpec, io: OperationIo): Promise<BackupResult> {
  const report = new BackupReport(io.onProgress)
  const lines: string[] = []
  const called = await callBorg(access, io, {
    args: backupArguments(spec),
    onLine: (line) => {
      lines.push(line)
    },
    onErrorLine: (line) => report.errorLine(line),
    progress: () => report.progress(),
  })
  const skipped = report.skipped.map(({ path, reason }) => ({
    path: called.redact(path),
    reason: called.redact(reason),
  }))
  const summary = Summary.safeParse(parseDocument(lines)).data
  return { ...judge(access, called, report, summary, spec.dryRun), skipped, skippedCount: report.skippedCount }
}

const Count = z.int().nonnegative()
const Summary = z.object({
  archive: z.object({
    id: z.string().regex(/^[0-9a-f]{64}$/),
    stats: z.object({ nfiles: Count, original_size: Count, deduplicated_size: Count }),
  }),
})
type Summary = z.output<typeof Summary>

/** The arguments of a backup; values behind `=`, so that a leading dash in them stays a value, and names behind `--`. */
export function backupArguments(spec: BackupSpec): readonly string[] {
  const host = spec.host ?? hostname()
  // borg records the short name of the machine, whatever Muster calls it.
  const noted = spec.host ?? (host === host.split('.', 1)[0] ? undefined : host)
  const comment = writeComment({ host: noted, tags: spec.tags })
  return [
    'create',
    '--json',
    '--progress',
    '--list',
    `--filter=${spec.dryRun ? '-' : 'AMCE'}`,
    ...(spec.dryRun ? ['--dry-run'] : []),
    ...spec.exclude.map((pattern) => `--exclude=${pattern}`),
    ...spec.excludeFile.map((file) => `--exclude-from=${file}`),
    ...spec.excludeIfPresent.map((name) => `--exclude-if-present=${name}`),
    ...(spec.excludeCaches ? ['--exclude-caches'] : []),
    ...(spec.oneFileSystem ? ['--one-file-system'] : []),
    ...(comment === '' ? [] : [`--comment=${comment}`]),
    ...(typeof spec.own.compression === 'string' ? [`--compression=${spec.own.compression}`] : []),
    ...waitFor(extraArgsOf(spec)),
    ...extraArgsOf(spec),
    '--',
    `::${nameFor(templateOf(spec.own), host)}`,
    ...spec.sources,
  ]
}

/** A reading holds the cache for a moment; borg itself waits one second. */
export const waitFor = (extraArgs: readonly string[] = []): readonly string[] =>
  extraArgs.some((argument) => argument.startsWith('--lock-wait=')) ? [] : ['--lock-wait=5']

export const templateOf = (own: Readonly<Record<string, unknown>>): string =>
  typeof own.archiveName === 'string' ? own.archiveName : defaultName

const extraArgsOf = (spec: BackupSpec): readonly string[] =>
  Array.isArray(spec.own.extraArgs) ? spec.own.extraArgs.map(String) : []

function judge(
  access: RepositoryAccess,
  called: Called,
  report: BackupReport,
  summary: Summary | undefined,
  dryRun: boolean,
): Omit<BackupResult, 'skipped' | 'skippedCount'> {
  const result = toResult(called)
  if (called.problem !== undefined && !called.warned) return result
  if (summary === undefined && !dryRun)
    return {
      ...result,
      outcome: 'failed',
      problem: problem('borg.no-summary', { repository: access.name }, called.text),
    }
  const made = {
    counters: countersOf(report, summary),
    ...(summary === undefined ? {} : { snapshotId: summary.archive.id }),
  }
  // Exit code 0 with a whole summary is a backup, even if a limit or a cancel came in its last moment.
  if (called.problem === undefined && report.skippedCount === 0) return { ...okOf(result), ...made }
  const said = called.text.split('\n').slice(-3).join('\n')
  const why =
    report.skippedCount > 0
      ? problem('borg.partial', { repository: access.name, skipped: report.skippedCount })
      : problem('borg.warned', { repository: access.name }, said)
  return { ...result, outcome: 'warning', problem: why, ...made }
}

/** borg counts its own notes on files among the bytes; folders it does not count. */
function countersOf(report: BackupReport, summary: Summary | undefined): BackupCounters {
  if (summary === undefined) return { processedFiles: report.filesTried }
  const { nfiles, original_size, deduplicated_size } = summary.archive.stats
  return {
    filesNew: report.filesNew,
    filesChanged: report.filesChanged,
    filesUnmodified: Math.max(0, nfiles - report.filesNew - report.filesChanged),
    processedFiles: nfiles,
    processedBytes: original_size,
    addedBytes: deduplicated_size,
  }
}
