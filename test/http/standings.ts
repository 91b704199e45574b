/** Hand-built standings for the page, the API and the metrics. */

import type { Delivery } from '../../src/model/delivery.ts'
import type { Diagnosis } from '../../src/model/diagnosis.ts'
import type { KeptFinding } from '../../src/model/history.ts'
import type { Incident } from '../../src/model/incident.ts'
import type { Problem } from '../../src/model/problem.ts'
import type { BackupSet } from '../../src/model/reading.ts'
import { outcomes, type Run } from '../../src/model/run.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import type {
  DayMark,
  JobStanding,
  OperationStanding,
  RepositoryStanding,
  SetStanding,
  Standing,
} from '../../src/model/standing.ts'
import { judgeUpkeep } from '../../src/verdict/upkeep.ts'

export const now = new Date('2026-11-21T11:42:37Z')
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const ago = (ms: number): Date => new Date(now.getTime() - ms)
const ahead = (ms: number): Date => new Date(now.getTime() + ms)

export const lockedProblem: Problem = {
  code: 'restic.locked',
  message: 'Another process holds the lock of the repository offsite (nas, process 4711).',
  next: 'Let that run end. If none is running, clear stale locks with `restic unlock`.',
  retry: 'soon',
}
const passwordProblem: Problem = {
  code: 'restic.password',
  message: 'The password opens no key of this repository.',
  next: 'Check the file named by `password.file`.',
  retry: 'never',
}

export function makeRun(given: Partial<Run> = {}): Run {
  return {
    id: 'run-1',
    roundId: 'round-1',
    job: 'documents',
    repository: 'nas',
    operation: 'backup',
    trigger: 'schedule',
    scheduledFor: ago(4 * hour),
    startedAt: ago(4 * hour),
    endedAt: ago(4 * hour - 123_000),
    outcome: 'ok',
    exitCode: 0,
    snapshotId: '14b49b9e'.repeat(8),
    counters: {
      filesNew: 12,
      filesChanged: 31,
      filesUnmodified: 48_211,
      processedFiles: 48_254,
      processedBytes: 91_234_567_890,
      addedBytes: 23_456_789,
    },
    toolVersion: '0.18.0',
    ...given,
  }
}

export const makeStrip = (marks: string): DayMark[] =>
  [...marks].map((letter, at) => {
    const mark = ({ s: 'snapshot', w: 'warning', f: 'failed', n: 'none', b: 'before' } as const)[letter] ?? 'none'
    const date = ago((marks.length - 1 - at) * day)
      .toISOString()
      .slice(0, 10)
    return { day: date, mark, snapshots: mark === 'snapshot' || mark === 'warning' ? 1 : 0 }
  })

export function makeSet(given: Partial<BackupSet> = {}, rest: Partial<Omit<SetStanding, 'set'>> = {}): SetStanding {
  const set: BackupSet = {
    repository: 'nas',
    host: 'laptop',
    user: 'anna',
    snapshots: 42,
    newestId: '14b49b9e'.repeat(8),
    newestAt: ago(4 * hour),
    newestSeenAt: ago(4 * hour - minute),
    sizeBytes: 91_234_567_890,
    files: 48_254,
    ...given,
  }
  return {
    set,
    expectation: { source: 'job' },
    verdict: {
      state: 'fresh',
      newestAt: set.newestAt,
      expectedBefore: ahead(21 * hour),
      reason: 'newest snapshot 14b49b9e is 4 hours old; the next is due in 21 hours',
      next: '',
    },
    jobs: ['documents'],
    strip: makeStrip('bbbbssssssssssswssssssssssssss'),
    ...rest,
  }
}

export function makeJob(given: Partial<JobStanding> = {}): JobStanding {
  return {
    name: 'documents',
    repository: 'nas',
    schedule: '15 2 * * *',
    verdict: {
      state: 'fresh',
      newestAt: ago(4 * hour),
      expectedBefore: ahead(21 * hour),
      reason: 'last backup is 4 hours old; the next is due in 21 hours',
      next: '',
    },
    operations: [
      { operation: 'backup', last: makeRun(), lastSuccessAt: ago(4 * hour), next: ahead(20 * hour) },
      {
        operation: 'forget',
        last: makeRun({ id: 'run-2', operation: 'forget', counters: { snapshotsRemoved: 1, snapshotsKept: 42 } }),
        lastSuccessAt: ago(4 * hour),
      },
    ],
    ...given,
  }
}

export const makeFinding = (given: Partial<KeptFinding> = {}): KeptFinding => ({
  number: 3,
  repository: 'nas',
  kind: 'newest-deleted',
  subject: 'ab'.repeat(32),
  message:
    'The newest snapshot abababab of nas/root, taken 2026-11-20T02:15:00.000Z, was deleted. A policy keeps it, unless it counts several hosts together or is told to remove all.',
  next: 'Forget and prune nothing until you know why; their data may still be there. If it was you: muster ack',
  foundAt: ago(2 * hour),
  ...given,
})

export function makeRepository(given: Partial<RepositoryStanding> = {}): RepositoryStanding {
  const reading = {
    id: 'reading-1',
    repository: given.name ?? 'nas',
    startedAt: ago(3 * minute + 1600),
    endedAt: ago(3 * minute),
    way: 'restic',
    snapshots: 42,
    toolVersion: '0.18.0',
  }
  return {
    name: 'nas',
    tool: 'restic',
    toolVersion: '0.18.0',
    location: 'rest:https://***@nas.example.com:8000/documents',
    lastReading: reading,
    lastGoodReading: reading,
    size: { at: ago(6 * hour), sizeBytes: 123_456_789_012 },
    locks: { at: ago(3 * minute), locks: [] },
    sets: [makeSet()],
    operations: [
      {
        operation: 'check',
        last: makeRun({ id: 'run-3', operation: 'check' }),
        lastSuccessAt: ago(4 * hour),
        next: ahead(3 * day),
      },
    ],
    findings: [],
    lanes: [],
    ...given,
  }
}

export function makeStanding(given: Partial<Standing> = {}): Standing {
  const jobs = given.jobs ?? [makeJob()]
  return {
    now,
    version: '0.1.0',
    jobs,
    repositories: [makeRepository()],
    totals: jobs.flatMap(({ name, repository = '' }) =>
      outcomes.map((outcome) => ({
        job: name,
        repository,
        operation: 'backup' as const,
        outcome,
        runs: outcome === 'ok' ? 41 : 0,
      })),
    ),
    configLoadedAt: ago(2 * day),
    ...given,
  }
}

export const emptyStanding = makeStanding({ jobs: [], repositories: [], totals: [] })

export const healthyStanding = makeStanding({
  jobs: [
    makeJob(),
    makeJob({ name: 'photos', schedule: '0 4 * * 0' }),
    makeJob({
      name: 'databases',
      repository: 'offsite',
      verdict: {
        state: 'running',
        since: ago(3 * minute),
        newestAt: ago(26 * hour),
        reason: 'running for 3 minutes',
        next: '',
      },
      running: { run: makeRun({ startedAt: ago(3 * minute) }), waiting: false },
    }),
    makeJob({
      name: 'mail',
      repository: 'offsite',
      running: { run: makeRun({ startedAt: ago(minute) }), waiting: true },
    }),
  ],
  repositories: [
    makeRepository({
      sets: [
        makeSet(),
        makeSet({ host: 'desktop', user: 'ben' }),
        makeSet({ host: 'nas', user: 'root', sizeBytes: 1234 }),
      ],
    }),
    makeRepository({
      name: 'offsite',
      location: 's3:https://s3.eu-central-1.example.com/backups-of-everything/with/a/long/path',
      sets: [
        makeSet({ host: 'db-1' }),
        makeSet({ host: 'db-2' }, { jobs: [] }),
        makeSet({ host: 'mail', user: '' }),
        makeSet({ host: 'web' }),
      ],
      lanes: [
        { purpose: 'backup of databases', waiting: false, since: ago(3 * minute) },
        { purpose: 'backup of mail', waiting: true, since: ago(minute) },
      ],
    }),
  ],
})

const failedReading = {
  id: 'reading-9',
  repository: 'cloud',
  startedAt: ago(minute + 900),
  endedAt: ago(minute),
  way: 'restic',
  problem: passwordProblem,
}

export const failingStanding = makeStanding({
  ledgerProblem: {
    code: 'ledger.damaged',
    message: 'The ledger was damaged and set aside as muster.db.damaged.',
    next: 'Keep that file; `muster doctor` says what it still holds.',
    retry: 'never',
  },
  configProblem: {
    code: 'config.bad',
    message: 'The configuration was not reloaded; the old one stays in force. jobs.mail.schedule: not a schedule.',
    next: 'Correct the file (muster config check) and reload again.',
    retry: 'never',
  },
  jobs: [
    makeJob({
      verdict: {
        state: 'failing',
        since: ago(2 * day),
        failures: 3,
        problem: lockedProblem,
        newestAt: ago(3 * day),
        reason: `the last 3 runs failed: ${lockedProblem.message}`,
        next: lockedProblem.next,
      },
      operations: [
        {
          operation: 'backup',
          last: makeRun({ outcome: 'failed', exitCode: 11, problem: lockedProblem }),
          lastSuccessAt: ago(3 * day),
          next: ahead(20 * hour),
        },
      ],
    }),
    makeJob({
      name: 'photos',
      verdict: {
        state: 'absent',
        expectedBefore: ago(5 * hour),
        reason: 'has never run; its first backup was due 5 hours ago',
        next: 'Run it now: `muster run photos`',
      },
      operations: [{ operation: 'backup', next: ahead(hour) }],
    }),
    makeJob({
      name: 'mail',
      operations: [
        {
          operation: 'backup',
          last: makeRun({
            outcome: 'warning',
            exitCode: 3,
            skippedCount: 2,
            skipped: [{ path: '/var/mail/x', reason: 'permission denied' }],
          }),
          lastSuccessAt: ago(2 * day),
          next: ahead(hour),
        },
      ],
    }),
  ],
  repositories: [
    makeRepository({
      findings: [makeFinding()],
      sets: [
        makeSet(),
        makeSet(
          { host: 'desktop', user: 'ben', newestAt: ago(6 * day) },
          {
            jobs: [],
            strip: makeStrip('sssssssssssssssssssssswfsnnnff'),
            verdict: {
              state: 'late',
              newestAt: ago(6 * day),
              expectedBefore: ago(5 * day),
              lateMs: 5 * day,
              reason: 'newest snapshot 14b49b9e is 6 days old; the next was due 5 days ago',
              next: 'See whether the machine that writes it is on and its job runs.',
            },
          },
        ),
        makeSet(
          { host: 'tv', user: '', newestAt: ahead(2 * day) },
          {
            verdict: {
              state: 'ahead',
              newestAt: ahead(2 * day),
              aheadMs: 2 * day,
              reason: 'newest snapshot 14b49b9e is dated 2 days in the future',
              next: 'Set the clock of the machine that wrote it, and of this one; later gaps stay hidden until then.',
            },
          },
        ),
      ],
      locks: {
        at: ago(minute),
        locks: [{ id: 'l1', takenAt: ago(3 * day), exclusive: true, host: 'nas', user: 'root', pid: 4711 }],
      },
      operations: [
        {
          ...failedOperation(
            makeRun({
              operation: 'check',
              outcome: 'failed',
              problem: {
                ...lockedProblem,
                code: 'restic.damaged',
                message: 'The check found 2 damaged packs.',
                next: 'Read `restic repair packs` and keep a copy first.',
              },
            }),
          ),
          next: ahead(day),
        },
      ],
    }),
    makeRepository({
      name: 'cloud',
      lastReading: failedReading,
      sets: [
        makeSet(
          { repository: 'cloud', host: 'web' },
          {
            verdict: {
              state: 'unreadable',
              since: ago(9 * hour),
              problem: passwordProblem,
              newestAt: ago(12 * hour),
              reason: passwordProblem.message,
              next: passwordProblem.next,
            },
          },
        ),
      ],
    }),
    { name: 'new', tool: 'restic', location: '/srv/new', sets: [], operations: [], findings: [], lanes: [] },
  ],
})

/** An operation whose newest run failed, with the verdict that follows. */
export function failedOperation(last: Run): OperationStanding {
  const verdict = judgeUpkeep(last)
  return { operation: last.operation, last, ...(verdict && { verdict }) }
}

export const makeSnapshots = (amount: number): Snapshot[] =>
  Array.from({ length: amount }, (_, at) => ({
    id: (amount - at).toString(16).padStart(8, '7').padEnd(64, 'a'),
    takenAt: ago((amount - at) * day),
    host: 'laptop',
    user: 'anna',
    tags: at % 3 === 0 ? ['daily', 'nfs'] : [],
    paths: ['/home/anna/documents', '/etc'],
    sizeBytes: 91_234_567_890,
    files: 48_254,
    program: 'restic 0.18.0',
  }))

export const makeIncident = (given: Partial<Incident> = {}): Incident => ({
  number: 1,
  key: 'job/documents',
  kind: 'job',
  name: 'documents',
  within: 'nas',
  state: 'failing',
  severity: 'critical',
  reason: 'the last run failed',
  next: 'Look at it.',
  openedAt: now,
  since: now,
  lastGood: now,
  ...given,
})

export function makeDelivery(given: Partial<Delivery> = {}): Delivery {
  const { number: _, key: __, ...entry } = makeIncident()
  return {
    id: '20261121T114237Z-4f2a9c1b',
    notifier: 'phone',
    message: {
      kind: 'incidents',
      title: 'job documents: failing',
      severity: 'critical',
      entries: [{ event: 'opened', ...entry }],
      host: 'nas',
      at: now,
    },
    madeAt: now,
    state: 'delivered',
    attempts: 1,
    nextAt: now,
    answer: 'HTTP 200',
    doneAt: now,
    ...given,
  }
}

export function makeDiagnosis(given: Partial<Diagnosis> = {}): Diagnosis {
  return {
    id: '20261121T114237Z-4f2a9c1b',
    group: 'plan/1',
    openedAt: now,
    dueAt: now,
    state: 'done',
    attempts: 1,
    alerts: [
      {
        fingerprint: '355cfca350bfe294',
        status: 'firing',
        labels: { alertname: 'BackupFailed', id: '1' },
        annotations: { summary: 'Backup failed' },
        startsAt: now,
        endsAt: now,
        generatorURL: 'http://127.0.0.1:9091/graph',
        counts: true,
        group: 'plan/1',
        way: 'webhook',
        receivedAt: now,
        truncated: 0,
        externalURL: 'http://127.0.0.1:9093/',
      },
    ],
    doneAt: now,
    finding: {
      outcome: 'PARTIAL',
      cause: 'lock',
      evidence: [{ text: 'module mail1 said: locked', source: 'redis' }],
      next: 'See whether another backup runs.',
      plans: [{ id: '1', name: 'Daily', schedule: 'daily', enabled: true, repository: 's3:box' }],
      parts: [
        {
          kind: 'module',
          name: 'mail1',
          title: 'Mail',
          node: '1',
          plan: '1',
          repository: 's3:box',
          state: 'failed',
          at: now,
          since: now,
          lastGood: now,
          errors: 1,
          message: 'locked',
          problem: { code: 'restic.locked', message: 'locked', next: 'wait', retry: 'soon' },
          source: 'redis',
        },
      ],
      probes: [
        {
          repository: 's3:box',
          part: 'mail1',
          soundness: 'locked',
          snapshots: 3,
          newestAt: now,
          problem: { code: 'restic.locked', message: 'locked', next: 'wait', retry: 'soon' },
          words: 'repository is already locked',
          exitCode: 11,
          way: 'runagent restic-wrapper',
          tookMs: 12,
        },
      ],
    },
    ...given,
  }
}
