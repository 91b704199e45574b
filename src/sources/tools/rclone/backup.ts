import { join } from 'node:path'
import type { Problem, Result } from '../../../model/problem.ts'
import { type Called, okOf, toResult } from '../called.ts'
import type { BackupResult, BackupSpec, OperationIo, OperationResult, RepositoryAccess, SourceCount } from '../tool.ts'
import { BackupReport } from './backup-report.ts'
import { callRclone } from './command.ts'
import { folderFor, looksDated } from './dated.ts'
import { destinationOf, placeOf } from './destination.ts'
import { refusedArguments } from './extra-args.ts'
import { list } from './listing.ts'
import { outcomeOf, problem } from './problems.ts'
import { countSource, filterArguments, sourceOf } from './source.ts'
import { listTree, treePrefix } from './survey.ts'

/**
 * Brings the tree up to date. Before anything is written the source is counted and approved, and the destination is looked for:
 * rclone would make it anew where a disk is not mounted. `ok` needs exit code 0, a last report, nothing left out, and a tree that
 * holds at least as many files as the source; its state is the snapshot that the caller still has to find.
 */
export async function backup(access: RepositoryAccess, spec: BackupSpec, io: OperationIo): Promise<BackupResult> {
  const startedAt = performance.now()
  const left = (): OperationIo => within(io, performance.now() - startedAt)
  const stop = (why: Problem): BackupResult => ({
    outcome: outcomeOf(why),
    problem: why,
    durationMs: performance.now() - startedAt,
    skipped: [],
    skippedCount: 0,
  })
  const refused = refusalOf(access, spec)
  if (refused !== undefined) return stop(refused)
  const source = await countSource(access, spec, left())
  if (!source.ok) return stop(source.problem)
  const there = await isThere(access, left())
  if (!there.ok) return stop(there.problem)
  const objection = await spec.approve?.(source.value, {
    mayDelete: modeOf(spec) === 'sync',
    mayBeEmpty: mayBeEmpty(spec),
  })
  if (objection !== undefined) return stop(objection)

  const report = new BackupReport(io.onProgress)
  const called = await callRclone(access, left(), {
    args: backupArguments(access, spec, new Date()),
    onErrorLine: (line) => report.line(line),
    progress: () => report.progress(),
  })
  const made = {
    ...judge(access, called, report),
    ...toSkipped(spec, called, report),
    ...countersOf(source.value, report),
  }
  const proven = made.outcome === 'ok' || made.outcome === 'warning'
  const whole = proven && !spec.dryRun ? await withTree(access, spec, made, source.value, left()) : made
  return { ...whole, durationMs: performance.now() - startedAt }
}

/** What is left of the time limit after so long. */
const within = (io: OperationIo, spentMs: number): OperationIo =>
  io.timeLimitMs === undefined ? io : { ...io, timeLimitMs: Math.max(1, io.timeLimitMs - spentMs) }

const modeOf = (spec: BackupSpec): 'sync' | 'copy' => (spec.own.mode === 'sync' ? 'sync' : 'copy')
const mayBeEmpty = (spec: BackupSpec): boolean => spec.own.allowEmpty === true

const extraArgsOf = (spec: BackupSpec): readonly string[] =>
  Array.isArray(spec.own.extraArgs) ? spec.own.extraArgs.map(String) : []

function refusalOf(access: RepositoryAccess, spec: BackupSpec): Problem | undefined {
  const [refused] = refusedArguments(extraArgsOf(spec))
  if (refused !== undefined)
    return problem('rclone.refused-argument', { argument: refused.argument, reason: refused.reason })
  const { name } = destinationOf(access.url.reveal())
  const isUnfit = looksDated(name) || (name === '' && spec.own.backupDir !== undefined)
  if (isUnfit) return problem('rclone.name', { repository: access.name })
  const source = sourceOf(spec)
  return source.ok ? undefined : source.problem
}

const isThere = (access: RepositoryAccess, io: OperationIo): Promise<Result<void>> =>
  list(access, io, ['--no-modtime', '--no-mimetype', '--', placeOf(destinationOf(access.url.reveal()).name)], () => {})

export function backupArguments(access: RepositoryAccess, spec: BackupSpec, now: Date): readonly string[] {
  const { name } = destinationOf(access.url.reveal())
  const { backupDir, checksum, transfers, checkers, maxDelete } = spec.own
  return [
    modeOf(spec),
    '--log-level=INFO',
    '--stats=1s',
    '--stats-log-level=NOTICE',
    ...filterArguments(spec),
    ...(backupDir === undefined ? [] : [`--backup-dir=${placeOf(folderFor(name, now))}`]),
    ...(checksum === true ? ['--checksum'] : []),
    ...option('--transfers', transfers),
    ...option('--checkers', checkers),
    ...(modeOf(spec) === 'sync' ? option('--max-delete', maxDelete) : []),
    ...(spec.dryRun ? ['--dry-run'] : []),
    ...extraArgsOf(spec),
    '--',
    spec.sources[0] ?? '',
    placeOf(name),
  ]
}

const option = (name: string, value: unknown): readonly string[] =>
  typeof value === 'number' ? [`${name}=${value}`] : []

function judge(access: RepositoryAccess, called: Called, report: BackupReport): OperationResult {
  const result = toResult(called)
  const { process, problem: found } = called
  if (process.ended !== 'exited') return result
  const isPartial = found !== undefined && report.skippedCount > 0 && !report.hasFailed && process.exitCode !== 7
  if (found !== undefined && !isPartial) return result
  if (report.stats === undefined)
    return { ...result, outcome: 'failed', problem: problem('rclone.no-summary', { repository: access.name }) }
  if (report.skippedCount === 0) return okOf(result)
  const skipped = `${report.skippedCount} file${report.skippedCount === 1 ? '' : 's'}`
  return { ...result, outcome: 'warning', problem: problem('rclone.partial', { repository: access.name, skipped }) }
}

function toSkipped(
  spec: BackupSpec,
  called: Called,
  report: BackupReport,
): Pick<BackupResult, 'skipped' | 'skippedCount'> {
  const [source = ''] = spec.sources
  return {
    skipped: report.skipped.map(({ path, reason }) => ({ path: join(source, path), reason: called.redact(reason) })),
    skippedCount: report.skippedCount,
  }
}

function countersOf({ files, bytes }: SourceCount, report: BackupReport): Pick<BackupResult, 'counters'> {
  const { copied, replaced, stats } = report
  // What older versions moved into a dated folder counts as transferred too: then nobody knows.
  const isMixed = stats !== undefined && stats.renames > 0 && stats.serverSideMoveBytes === undefined
  const addedBytes = isMixed ? undefined : stats?.bytes
  return {
    counters: {
      processedFiles: files,
      processedBytes: bytes,
      ...(stats && {
        filesNew: copied,
        filesChanged: replaced,
        filesUnmodified: Math.max(0, files - copied - replaced - report.skippedCount),
        ...(addedBytes !== undefined && { addedBytes }),
      }),
    },
  }
}

/** An end that says well is believed when the tree is there to be seen, with what the source has. */
async function withTree(
  access: RepositoryAccess,
  spec: BackupSpec,
  made: BackupResult,
  source: SourceCount,
  io: OperationIo,
): Promise<BackupResult> {
  const tree = await listTree(access, io)
  if (!tree.ok) return { ...made, outcome: outcomeOf(tree.problem), problem: tree.problem }
  const missing = (count: SourceCount): boolean => tree.value.files < count.files - made.skippedCount
  if (missing(source)) {
    // Files come and go while a run goes on.
    const again = await countSource(access, spec, io)
    if (!again.ok || missing(again.value)) {
      const context = { repository: access.name, found: tree.value.files, wanted: source.files }
      return { ...made, outcome: 'failed', problem: problem('rclone.incomplete', context) }
    }
  }
  return tree.value.files === 0 ? made : { ...made, snapshotId: `${treePrefix}${tree.value.digest}` }
}
