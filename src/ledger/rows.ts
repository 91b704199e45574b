/** Rows to the words of the model and back. Every row is checked against its seal where it enters. */
import type { HistoryKind, KeptFinding } from '../model/history.ts'
import type { Problem } from '../model/problem.ts'
import type { ProcessMark } from '../model/process-mark.ts'
import type { BackupSet, Reading } from '../model/reading.ts'
import type { BackupCounters, Operation, Outcome, Run, SkippedFile, Trigger } from '../model/run.ts'
import type { Lock, Snapshot } from '../model/snapshot.ts'
import type { SpaceMeasure } from '../model/space.ts'
import type { OpenRun, RunEnd, RunStart, StoredSnapshot } from './ledger.ts'
import { sealed, unsealed } from './seal.ts'
import type { DetailRow, FindingRow, ReadingRow, RunRow, SetRow, SnapshotRow, SpaceRow } from './tables.ts'

/** The object without its undefined fields, as `exactOptionalPropertyTypes` wants it. */
type Present<T> = { [K in keyof T]: Exclude<T[K], undefined> }
function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Present<T>
}
const json = <T>(text: string | null): T | undefined => (text === null ? undefined : (JSON.parse(text) as T))
const date = (ms: number | null): Date | undefined => (ms === null ? undefined : new Date(ms))
const text = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))

export function toRunRow(start: RunStart): RunRow {
  return sealed({
    id: start.id,
    round_id: start.roundId,
    job: start.job ?? '',
    repository: start.repository,
    operation: start.operation,
    trigger: start.trigger,
    scheduled_for: start.scheduledFor?.getTime() ?? null,
    started_at: start.startedAt.getTime(),
    ended_at: null,
    phase: 'waiting',
    outcome: null,
    exit_code: null,
    problem: null,
    snapshot_id: null,
    counters: null,
    skipped: null,
    skipped_count: null,
    tool_version: null,
    log: null,
    owner: JSON.stringify(start.owner),
    child: null,
  })
}

/** The row as it reads after the run ended. */
export function toClosedRow(row: RunRow, end: RunEnd): RunRow {
  return sealed({
    ...row,
    phase: 'closed',
    ended_at: end.endedAt.getTime(),
    outcome: end.outcome,
    exit_code: end.exitCode ?? null,
    problem: text(end.problem),
    snapshot_id: end.snapshotId ?? null,
    counters: text(end.counters),
    skipped: end.skipped === undefined || end.skipped.length === 0 ? null : JSON.stringify(end.skipped),
    skipped_count: end.skippedCount ?? null,
    tool_version: end.toolVersion ?? row.tool_version,
    log: end.log ?? null,
  })
}

export function fromRunRow(row: RunRow): Run {
  unsealed('run', row)
  return present({
    id: row.id,
    roundId: row.round_id,
    job: row.job === '' ? undefined : row.job,
    repository: row.repository,
    operation: row.operation as Operation,
    trigger: row.trigger as Trigger,
    scheduledFor: date(row.scheduled_for),
    startedAt: new Date(row.started_at),
    endedAt: date(row.ended_at),
    outcome: (row.outcome ?? undefined) as Outcome | undefined,
    exitCode: row.exit_code ?? undefined,
    problem: json<Problem>(row.problem),
    snapshotId: row.snapshot_id ?? undefined,
    counters: json<BackupCounters>(row.counters),
    skipped: json<SkippedFile[]>(row.skipped),
    skippedCount: row.skipped_count ?? undefined,
    toolVersion: row.tool_version ?? undefined,
    log: row.log ?? undefined,
    child: json<ProcessMark>(row.child),
  }) as Run
}

export function fromOpenRow(row: RunRow): OpenRun {
  return present({
    run: fromRunRow(row),
    phase: row.phase === 'running' ? ('running' as const) : ('waiting' as const),
    owner: JSON.parse(row.owner) as ProcessMark,
  }) as OpenRun
}

export function toReadingRow(reading: Reading): ReadingRow {
  return sealed({
    id: reading.id,
    repository: reading.repository,
    started_at: reading.startedAt.getTime(),
    ended_at: reading.endedAt.getTime(),
    good: reading.problem === undefined ? 1 : 0,
    problem: text(reading.problem),
    way: reading.way,
    requests: reading.requests ?? null,
    bytes: reading.bytes ?? null,
    cpu_ms: reading.cpuMs ?? null,
    snapshots: reading.snapshots ?? null,
    locks: text(reading.locks),
    size_bytes: reading.sizeBytes ?? null,
    tool_version: reading.toolVersion ?? null,
  })
}

export function fromReadingRow(row: ReadingRow): Reading {
  unsealed('reading', row)
  const locks = json<(Omit<Lock, 'takenAt'> & { takenAt: string })[]>(row.locks)
  return present({
    id: row.id,
    repository: row.repository,
    startedAt: new Date(row.started_at),
    endedAt: new Date(row.ended_at),
    problem: json<Problem>(row.problem),
    way: row.way,
    requests: row.requests ?? undefined,
    bytes: row.bytes ?? undefined,
    cpuMs: row.cpu_ms ?? undefined,
    snapshots: row.snapshots ?? undefined,
    locks: locks?.map((lock) => ({ ...lock, takenAt: new Date(lock.takenAt) })),
    sizeBytes: row.size_bytes ?? undefined,
    toolVersion: row.tool_version ?? undefined,
  }) as Reading
}

export function toSnapshotRow(repository: string, snapshot: Snapshot, firstSeen: Date): SnapshotRow {
  return sealed({
    repository,
    id: snapshot.id,
    taken_at: snapshot.takenAt.getTime(),
    host: snapshot.host,
    user_name: snapshot.user,
    // Sorted: sets that are told apart by them are found by their text.
    tags: JSON.stringify(snapshot.tags.toSorted()),
    paths: JSON.stringify(snapshot.paths.toSorted()),
    size_bytes: snapshot.sizeBytes ?? null,
    files: snapshot.files ?? null,
    program: snapshot.program ?? null,
    first_seen: firstSeen.getTime(),
    gone_at: null,
  })
}

/** What only the history of a repository asks for; undefined where the snapshot says none of it. */
export function toDetailRow(repository: string, snapshot: Snapshot): DetailRow | undefined {
  const { name, offsetMinutes, finishedAt, original, parent, counters, living } = snapshot
  const detail = present({ name, offsetMinutes, finishedAt: finishedAt?.getTime(), original, parent, counters, living })
  return Object.keys(detail).length === 0
    ? undefined
    : sealed({ repository, id: snapshot.id, detail: JSON.stringify(detail) })
}

export function fromDetailRow(row: DetailRow): Partial<Snapshot> {
  unsealed('snapshot_detail', row)
  const { finishedAt, ...detail } = JSON.parse(row.detail) as Partial<Omit<Snapshot, 'finishedAt'>> & {
    finishedAt?: number
  }
  return finishedAt === undefined ? detail : { ...detail, finishedAt: new Date(finishedAt) }
}

export function toSpaceRow({ repository, at, space, problem }: SpaceMeasure): SpaceRow {
  return sealed({
    repository,
    at: at.getTime(),
    way: space?.way ?? null,
    free_bytes: space?.freeBytes ?? null,
    total_bytes: space?.totalBytes ?? null,
    free_blocks: space?.blocks?.free ?? null,
    total_blocks: space?.blocks?.total ?? null,
    block_bytes: space?.blocks?.bytes ?? null,
    problem: text(problem),
  })
}

export function fromSpaceRow(row: SpaceRow): SpaceMeasure {
  unsealed('space', row)
  const { free_bytes: free, total_bytes: total, block_bytes: bytes } = row
  return present({
    repository: row.repository,
    at: new Date(Number(row.at)),
    problem: json<Problem>(row.problem),
    space:
      free === null || total === null
        ? undefined
        : {
            freeBytes: Number(free),
            totalBytes: Number(total),
            way: row.way ?? '',
            ...(bytes !== null && {
              blocks: { free: Number(row.free_blocks), total: Number(row.total_blocks), bytes: Number(bytes) },
            }),
          },
  }) as SpaceMeasure
}

export function fromFindingRow(row: FindingRow): KeptFinding {
  unsealed('finding', row)
  return present({
    number: Number(row.number),
    repository: row.repository,
    kind: row.kind as HistoryKind,
    subject: row.subject,
    message: row.message,
    next: row.next,
    foundAt: new Date(Number(row.found_at)),
    settledAt: date(row.settled_at),
    note: row.note ?? undefined,
  }) as KeptFinding
}

export function fromSnapshotRow(row: SnapshotRow): StoredSnapshot {
  unsealed('snapshot', row)
  return present({
    id: row.id,
    takenAt: new Date(row.taken_at),
    host: row.host,
    user: row.user_name,
    tags: JSON.parse(row.tags) as string[],
    paths: JSON.parse(row.paths) as string[],
    sizeBytes: row.size_bytes ?? undefined,
    files: row.files ?? undefined,
    program: row.program ?? undefined,
    firstSeen: new Date(row.first_seen),
    goneAt: date(row.gone_at),
  }) as StoredSnapshot
}

/** The set whose newest snapshot this is. */
export function toSetRow(
  newest: SnapshotRow,
  snapshots: number,
  { tags, paths }: Pick<SetRow, 'tags' | 'paths'>,
): SetRow {
  return sealed({
    repository: newest.repository,
    host: newest.host,
    user_name: newest.user_name,
    tags,
    paths,
    snapshots,
    newest_id: newest.id,
    newest_at: newest.taken_at,
    newest_seen: newest.first_seen,
    size_bytes: newest.size_bytes,
    files: newest.files,
  })
}

export function fromSetRow(row: SetRow): BackupSet {
  unsealed('backup_set', row)
  return {
    repository: row.repository,
    host: row.host,
    user: row.user_name,
    ...groupOf(row),
    snapshots: Number(row.snapshots),
    newestId: row.newest_id,
    newestAt: new Date(Number(row.newest_at)),
    newestSeenAt: new Date(Number(row.newest_seen)),
    ...(row.size_bytes === null ? {} : { sizeBytes: Number(row.size_bytes) }),
    ...(row.files === null ? {} : { files: Number(row.files) }),
  }
}

/** Tags and paths of a set, where they tell it apart. */
export const groupOf = ({ tags, paths }: Pick<SetRow, 'tags' | 'paths'>): Pick<BackupSet, 'tags' | 'paths'> => ({
  ...(tags !== '' && { tags: JSON.parse(tags) as string[] }),
  ...(paths !== '' && { paths: JSON.parse(paths) as string[] }),
})
