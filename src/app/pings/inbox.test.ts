/** What is told becomes runs in a real ledger, judged as all jobs are, on a clock of the test. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Config } from '../../config/schema.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { openSqliteLedger } from '../../ledger/sqlite/open.ts'
import type { JobStanding } from '../../model/standing.ts'
import { openLog } from '../../system/log.ts'
import { markOf } from '../../system/self.ts'
import type { App } from '../context.ts'
import { recover } from '../recover.ts'
import { standingOf } from '../standing.ts'
import { openPings, type Pings } from './inbox.ts'
import { loadPingKeys } from './keys.ts'

const key = 'the-key-of-the-laptop'
const pings = { laptop: { key, schedule: '15 2 * * *', grace: '3h', timeLimit: '20h' } }
const config = Config.parse({ repositories: {}, pings, timezone: 'UTC' })
const told: string[] = []
let [folder, now, ledger, app, inbox] = ['', new Date(), {} as Ledger, {} as App, {} as Pings]
const at = (text: string): void => {
  now = new Date(`2026-11-${text}:00Z`)
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muster-pings-'))
  at('20T12:00')
  const opened = await openSqliteLedger(folder, now)
  if (!opened.ok) throw new Error(opened.problem.message)
  ledger = opened.value
  app = {
    config,
    ledger,
    env: {},
    now: () => now,
    log: openLog('silent'),
    self: { ...markOf(process.pid), started: '1' },
    user: 'u',
  }
  const keys = await loadPingKeys(config.pings, {})
  inbox = openPings(
    () => app,
    keys,
    (job) => told.push(job),
  )
})
afterEach(async () => {
  await ledger[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})
const tell = (signal?: string, rid?: string) =>
  inbox.take({
    form: 'healthchecks',
    key,
    ...(signal !== undefined && { signal }),
    query: rid === undefined ? {} : { rid },
    body: Buffer.from(''),
  })
const stands = async (): Promise<JobStanding> => {
  const { jobs } = await standingOf(app, { configLoadedAt: now, progressAt: inbox.progressAt })
  return jobs[0] as JobStanding
}

it('is late by its own schedule, and well again with the next run', async () => {
  expect(await stands()).toMatchObject({
    name: 'laptop',
    verdict: { state: 'absent', expectedBefore: new Date('2026-11-21T05:15:00Z') },
  })
  at('21T02:14')
  await tell('start')
  at('21T03:00')
  expect((await stands()).verdict).toMatchObject({ state: 'running' })
  expect(await tell()).toEqual({ state: 'taken' })
  expect((await stands()).verdict).toMatchObject({ state: 'fresh', expectedBefore: new Date('2026-11-22T05:15:00Z') })
  at('22T05:15')
  expect((await stands()).verdict.state).toBe('fresh')
  at('22T05:16')
  expect((await stands()).verdict).toMatchObject({ state: 'late', lateMs: 60_000 })
  await tell('1')
  expect((await stands()).verdict).toMatchObject({ state: 'failing', failures: 1 })
  at('22T06:00')
  await tell()
  expect((await stands()).verdict.state).toBe('fresh')
  expect(told.at(-1)).toBe('laptop')
})

it('notices a run that never ends, which no process of ours is behind', async () => {
  await tell('start')
  at('20T14:59')
  expect((await stands()).verdict.state).toBe('running')
  await tell('log')
  at('20T17:58')
  expect((await stands()).verdict.state).toBe('running')
  at('20T18:00')
  expect((await stands()).verdict).toMatchObject({ state: 'stalled' })
  // Its mark is that of a process that is gone by now.
  expect((await recover(app)).closed).toEqual([])
  expect(await inbox.endOverdue()).toBe(false)
  at('21T08:01')
  expect(await inbox.endOverdue()).toBe(true)
  expect((await stands()).verdict).toMatchObject({ state: 'failing', problem: { code: 'ping.no-end' } })
  expect(await ledger.runs({ most: 9 })).toMatchObject([{ outcome: 'timed-out', repository: '', trigger: 'ping' }])
})

it('keeps apart what comes at one instant, in the order in which it came', async () => {
  const signals = ['1', '0', '2', undefined, '3']
  await Promise.all(signals.map((signal) => tell(signal)))
  const runs = (await ledger.runs({ most: 9 })).toReversed()
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([1, 0, 2, undefined, 3])
  expect(new Set(runs.map(({ startedAt }) => startedAt.getTime())).size).toBe(5)
})

it('asks to be told again where the ledger cannot be written to, and keeps nothing', async () => {
  app = { ...app, ledger: { ...ledger, tellRuns: () => Promise.reject(new Error('the disk is full')) } as Ledger }
  expect(await tell()).toEqual({ state: 'busy', againInSeconds: 10 })
  app = { ...app, ledger }
  expect(await tell()).toEqual({ state: 'taken' })
  expect(await ledger.runs({ most: 9 })).toHaveLength(1)
})
