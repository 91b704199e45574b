/** The shapes of the API, from which its OpenAPI document is made. They are those of `model`, with dates as text. */
import { z } from '@hono/zod-openapi'
import { historyKinds } from '../../../model/history.ts'
import { operations, outcomes, triggers } from '../../../model/run.ts'
import { Bytes, Count, Instant, Problem, Verdict } from './common.ts'
import { DiagnosesStanding, HeartbeatStanding, InboxStanding, NotifierStanding, PushStanding } from './telling.ts'

const ProcessMark = z.strictObject({ host: z.string(), pid: z.int(), started: z.string(), boot: z.string() })

const Counters = z
  .strictObject({
    filesNew: Count.optional(),
    filesChanged: Count.optional(),
    filesUnmodified: Count.optional(),
    dirsNew: Count.optional(),
    dirsChanged: Count.optional(),
    dirsUnmodified: Count.optional(),
    processedFiles: Count.optional(),
    processedBytes: Bytes.optional(),
    addedBytes: Bytes.optional(),
    snapshotsRemoved: Count.optional(),
    snapshotsKept: Count.optional(),
  })
  .openapi('Counters')

export const Run = z
  .strictObject({
    id: z.string(),
    roundId: z.string().meta({ description: 'All runs of one round of a job share it.' }),
    job: z.string().optional(),
    repository: z.string().meta({ description: 'Empty for a run that another program told of.' }),
    operation: z.enum(operations),
    trigger: z.enum(triggers),
    scheduledFor: Instant.optional(),
    startedAt: Instant,
    endedAt: Instant.optional(),
    outcome: z.enum(outcomes).optional().meta({ description: 'Absent while it runs.' }),
    exitCode: z.int().optional(),
    problem: Problem.optional(),
    snapshotId: z.string().optional(),
    counters: Counters.optional(),
    skipped: z.array(z.strictObject({ path: z.string(), reason: z.string() })).optional(),
    skippedCount: Count.optional(),
    toolVersion: z.string().optional(),
    child: ProcessMark.optional(),
  })
  .openapi('Run')

const OperationStanding = z
  .strictObject({
    operation: z.enum(operations),
    last: Run.optional(),
    lastSuccessAt: Instant.optional(),
    next: Instant.optional(),
    verdict: Verdict.optional(),
  })
  .openapi('OperationStanding')

export const JobStanding = z
  .strictObject({
    name: z.string(),
    repository: z.string().optional().meta({ description: 'Absent where another program runs it and tells of it.' }),
    schedule: z.string().optional(),
    verdict: Verdict,
    operations: z.array(OperationStanding),
    running: z.strictObject({ run: Run, waiting: z.boolean() }).optional(),
  })
  .openapi('JobStanding')

const Lock = z
  .strictObject({
    id: z.string(),
    takenAt: Instant,
    exclusive: z.boolean(),
    host: z.string(),
    user: z.string(),
    pid: z.int(),
  })
  .openapi('Lock')

const Reading = z
  .strictObject({
    id: z.string(),
    repository: z.string(),
    startedAt: Instant,
    endedAt: Instant,
    problem: Problem.optional(),
    way: z.string(),
    requests: Count.optional(),
    bytes: Bytes.optional(),
    cpuMs: z.number().min(0).optional().meta({ description: 'Processor time of the reading, in milliseconds.' }),
    snapshots: Count.optional(),
    locks: z.array(Lock).optional(),
    sizeBytes: Bytes.optional(),
    toolVersion: z.string().optional(),
  })
  .openapi('Reading')

const BackupSet = z
  .strictObject({
    repository: z.string(),
    host: z.string(),
    user: z.string(),
    tags: z.array(z.string()).optional().meta({ description: 'Only where `sets.by` tells sets apart by them.' }),
    paths: z.array(z.string()).optional(),
    snapshots: Count,
    newestId: z.string(),
    newestAt: Instant,
    newestSeenAt: Instant,
    sizeBytes: Bytes.optional(),
    files: Count.optional(),
  })
  .openapi('BackupSet')

const HistoryFinding = z
  .strictObject({
    number: Count.meta({ description: 'Names it to `muster ack`.' }),
    repository: z.string(),
    kind: z.enum(historyKinds),
    subject: z.string().meta({ description: 'Id of a snapshot, key or repository, or a host.' }),
    message: z.string(),
    next: z.string(),
    foundAt: Instant,
    settledAt: Instant.optional(),
    note: z.string().optional(),
  })
  .openapi('HistoryFinding')

const SetStanding = z
  .strictObject({
    set: BackupSet,
    expectation: z
      .strictObject({
        source: z.enum(['job', 'declared', 'learned', 'archived']),
        confidence: z.number().min(0).max(1).optional().meta({ description: 'Of what was learned.' }),
      })
      .optional()
      .meta({ description: 'Where the deadline comes from. Absent where nothing is expected.' }),
    verdict: Verdict,
    jobs: z.array(z.string()),
    strip: z.array(
      z.strictObject({
        day: z.iso.date(),
        mark: z.enum(['snapshot', 'warning', 'failed', 'none', 'before']),
        snapshots: Count,
      }),
    ),
  })
  .openapi('SetStanding')

const SpaceStanding = z
  .strictObject({
    last: z.strictObject({
      repository: z.string(),
      at: Instant,
      space: z
        .strictObject({
          freeBytes: Bytes,
          totalBytes: Bytes,
          way: z.string().meta({ description: '`local`, `sftp`, `df` or `rclone`.' }),
          blocks: z.strictObject({ free: Count, total: Count, bytes: Count }).optional(),
        })
        .optional()
        .meta({ description: 'Absent when the last look did not tell; `problem` says why.' }),
      problem: Problem.optional(),
    }),
    fullAt: Instant.optional().meta({ description: 'When the store is full if it goes on like this.' }),
    verdict: Verdict.optional().meta({ description: 'Absent while there is room.' }),
  })
  .openapi('SpaceStanding')

export const RepositoryStanding = z
  .strictObject({
    name: z.string(),
    tool: z.string(),
    toolVersion: z.string().optional(),
    location: z.string().meta({ description: 'Credentials are masked.' }),
    lastReading: Reading.optional(),
    lastGoodReading: Reading.optional(),
    size: z.strictObject({ at: Instant, sizeBytes: Bytes }).optional(),
    locks: z.strictObject({ at: Instant, locks: z.array(Lock) }).optional(),
    space: SpaceStanding.optional(),
    sets: z.array(SetStanding),
    missing: z
      .array(z.strictObject({ match: z.string(), verdict: Verdict }))
      .optional()
      .meta({ description: 'Patterns of `expect` to which no backup set fits; absent where there is none.' }),
    findings: z.array(HistoryFinding).meta({ description: 'Of its history, open ones.' }),
    operations: z.array(OperationStanding),
    lanes: z.array(z.strictObject({ purpose: z.string(), waiting: z.boolean(), since: Instant })),
  })
  .openapi('RepositoryStanding')

export const Standing = z
  .strictObject({
    now: Instant,
    version: z.string(),
    repositories: z.array(RepositoryStanding),
    jobs: z.array(JobStanding),
    totals: z.array(
      z.strictObject({
        job: z.string().optional(),
        repository: z.string(),
        operation: z.enum(operations),
        outcome: z.enum(outcomes),
        runs: Count,
      }),
    ),
    notifiers: z.array(NotifierStanding).optional(),
    pushes: z.array(PushStanding).optional(),
    diagnoses: DiagnosesStanding.optional(),
    inbox: InboxStanding.optional(),
    heartbeat: HeartbeatStanding.optional(),
    ledgerProblem: Problem.optional(),
    configProblem: Problem.optional(),
    configLoadedAt: Instant,
  })
  .openapi('Standing')

export const Snapshot = z
  .strictObject({
    id: z.string(),
    takenAt: Instant,
    host: z.string(),
    user: z.string(),
    tags: z.array(z.string()),
    paths: z.array(z.string()),
    sizeBytes: Bytes.optional(),
    files: Count.optional(),
    program: z.string().optional(),
    offsetMinutes: z.int().optional(),
    finishedAt: Instant.optional(),
    original: z.string().optional(),
    parent: z.string().optional(),
    counters: Counters.optional(),
    living: z.string().optional(),
  })
  .openapi('Snapshot')
