import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app/context.ts'
import { openStandings, type StandingExtras } from '../../src/app/standing/keeper.ts'
import { Config } from '../../src/config/schema.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts'
import { outcomes } from '../../src/model/run.ts'
import type { Standing } from '../../src/model/standing.ts'
import { renderMetrics } from '../../src/outlets/metrics/render.ts'
import { openLog } from '../../src/system/log.ts'

const root = mkdtempSync(join(tmpdir(), 'muster-standing-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let count = 0

const begun = Date.UTC(2026, 10, 21, 2, 10)
const minute = 60_000
const hosts = ['alpha', 'beta']
const repositories = ['nas', 'box', 'far']
const jobs = ['files', 'mail']

const password = { file: '/etc/muster/pass' }
const repository = (more: object = {}) => ({ tool: 'restic', url: '/srv/backup', password, ...more })
const job = (name: string, more: object = {}) => ({ repository: name, sources: ['/srv'], host: 'alpha', ...more })
/** Jobs move between repositories, come and go, and are expected at other times. */
const configs = [
  {
    repositories: { nas: repository(), box: repository({ check: { schedule: '*/7 * * * *' } }) },
    jobs: { files: job('nas', { schedule: '*/20 * * * *', grace: '5m' }), mail: job('box', { maxAge: '1h' }) },
  },
  {
    repositories: { box: repository({ expect: { maxAge: '2h' } }), nas: repository({ expect: { maxAge: '30m' } }) },
    jobs: { files: job('box', { schedule: '0 * * * *', retention: { keepLast: 3 } }) },
    timezone: 'Asia/Kathmandu',
  },
  { repositories: { far: repository(), nas: repository() }, jobs: { mail: job('nas'), files: job('nas') } },
  {
    repositories: {
      nas: repository({ sets: { by: ['tags'] }, expect: { sets: [{ match: '*/odd', every: '1h' }] } }),
      far: repository({ sets: { by: ['tags', 'paths'] }, expect: { learn: false } }),
      box: repository({ expect: { sets: [{ match: 'alpha', archived: true }] } }),
    },
    jobs: { files: job('nas', { tags: ['odd'], maxAge: '90m' }) },
  },
].map((config) => Config.parse(config))

type Step =
  | { readonly kind: 'reading'; repository: string; ids: number[]; bad: boolean; measured: boolean }
  | { readonly kind: 'begin'; run: number; job: string; repository: string }
  | { readonly kind: 'other'; run: number; repository: string; operation: 'check' | 'init' | 'prune' }
  | { readonly kind: 'drill'; run: number; job: string; repository: string }
  | { readonly kind: 'close'; run: number; outcome: (typeof outcomes)[number] }
  | { readonly kind: 'note' | 'progress'; run: number; job: string }
  | { readonly kind: 'clock'; minutes: number }
  | { readonly kind: 'config'; at: number }
  | { readonly kind: 'trim' }

const anyRun = fc.integer({ min: 0, max: 7 })
const anyRepository = fc.constantFrom(...repositories)
const anyJob = fc.constantFrom(...jobs)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('reading' as const),
    repository: anyRepository,
    // Many enough to learn from.
    ids: fc.oneof(
      fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }),
      fc.constant(Array.from({ length: 24 }, (_, id) => id)),
    ),
    bad: fc.boolean(),
    measured: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('begin' as const), run: anyRun, job: anyJob, repository: anyRepository }),
  fc.record({ kind: fc.constant('drill' as const), run: anyRun, job: anyJob, repository: anyRepository }),
  fc.record({
    kind: fc.constant('other' as const),
    run: anyRun,
    repository: anyRepository,
    operation: fc.constantFrom('check' as const, 'init' as const, 'prune' as const),
  }),
  fc.record({ kind: fc.constant('close' as const), run: anyRun, outcome: fc.constantFrom(...outcomes) }),
  fc.record({ kind: fc.constantFrom('note' as const, 'progress' as const), run: anyRun, job: anyJob }),
  fc.record({ kind: fc.constant('clock' as const), minutes: fc.integer({ min: -90, max: 90 }) }),
  fc.record({ kind: fc.constant('config' as const), at: fc.nat({ max: configs.length - 1 }) }),
  fc.record({ kind: fc.constant('trim' as const) }),
)

const owner = { host: 'alpha', pid: 1, started: '', boot: '' }
const problem = { code: 'restic.network', message: 'gone', next: 'wait', retry: 'soon' } as const

async function take(
  ledger: Ledger,
  now: Date,
  taken: Step,
  progressAt: Map<string, Date>,
  unique: string,
): Promise<void> {
  const run = (
    of: { run: number; job?: string; repository: string },
    operation: 'backup' | 'drill' | 'check' | 'init' | 'prune',
  ) =>
    ledger
      .beginRun({
        id: `run-${of.run}`,
        roundId: '',
        ...(of.job !== undefined && { job: of.job }),
        repository: of.repository,
        operation,
        trigger: 'manual',
        startedAt: now,
        owner,
        exclusive: true,
      })
      // The same id a second time is refused.
      .catch(() => undefined)
  switch (taken.kind) {
    case 'reading':
      return ledger.recordReading(
        {
          id: unique,
          repository: taken.repository,
          startedAt: now,
          endedAt: now,
          way: 'native',
          ...(taken.bad ? { problem } : { snapshots: taken.ids.length, locks: [] }),
          ...(taken.measured && { sizeBytes: 7 }),
        },
        taken.bad
          ? undefined
          : taken.ids.map((id) => ({
              id: `${taken.repository}-${id}`,
              takenAt: new Date(begun + (id < 10 ? (id - 5) * 30 * minute : (id - 24) * 24 * 60 * minute)),
              host: hosts[id % 2] ?? '',
              user: id % 3 === 0 ? '' : 'root',
              tags: id % 2 === 1 ? ['odd'] : [],
              paths: [],
            })),
      )
    case 'begin':
      return void (await run(taken, 'backup'))
    case 'drill':
      return void (await run(taken, 'drill'))
    case 'other':
      return void (await run(taken, taken.operation))
    case 'close':
      return void (await ledger.closeRun(`run-${taken.run}`, {
        endedAt: now,
        outcome: taken.outcome,
        ...(taken.outcome === 'failed' && { problem }),
        ...(taken.outcome === 'ok' && { toolVersion: '0.19.1' }),
      }))
    case 'note':
      return ledger.noteRun(`run-${taken.run}`, { phase: 'running' })
    case 'progress':
      return void progressAt.set(taken.job, now)
    case 'trim':
      return void (await ledger.trim({ runsBefore: now, readingsBefore: now, goneBefore: now }))
  }
}

const metrics = (standing: Standing): string => renderMetrics(standing, { maxSeries: 2000, format: 'prometheus' })

describe('how everything stands', () => {
  it('is the same kept as gathered anew, whatever happened', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const opened = await openSqliteLedger(join(root, String(++count)), new Date(begun))
        if (!opened.ok) throw new Error(opened.problem.message)
        await using ledger = opened.value
        const keeper = openStandings()
        let config = configs[0] as Config
        let now = new Date(begun)
        const progressAt = new Map<string, Date>()
        const extras: StandingExtras = { configLoadedAt: new Date(begun), progressAt }
        for (const [at, taken] of steps.entries()) {
          if (taken.kind === 'clock') now = new Date(now.getTime() + taken.minutes * minute)
          else if (taken.kind === 'config') config = configs[taken.at] as Config
          else await take(ledger, now, taken, progressAt, `reading-${at}`)
          const app: App = {
            config,
            ledger,
            env: {},
            now: () => now,
            log: openLog('silent'),
            self: owner,
            user: 'root',
          }
          const anew = await openStandings().whole(app, extras)
          const figures = await keeper.figures(app, extras)
          expect(metrics(figures)).toBe(metrics(anew))
          if (at % 3 === 0) expect(await keeper.whole(app, extras)).toEqual(anew)
          const again = await keeper.figures(app, extras)
          expect(again.repositories).toBe(figures.repositories)
          expect(again.jobs).toBe(figures.jobs)
          expect(again.totals).toBe(figures.totals)
        }
      }),
      { numRuns: 60 },
    )
  })
})
