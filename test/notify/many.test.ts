/** So much fails within a minute that a phone could be flooded: few messages, and each failure is named in one. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { App } from '../../src/app/context.ts'
import { tellAfterRun } from '../../src/app/telling/after-run.ts'
import { deliver } from '../../src/app/telling/deliver.ts'
import { tell } from '../../src/app/telling/tell.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { failingStanding, makeJob, makeStanding } from '../http/standings.ts'
import { deep } from '../real/deep.ts'
import { makePlace, type Place } from '../real/place.ts'
import { configText, makeApp, openedLedger } from './app.ts'
import { type Ntfy, serveNtfy } from './ntfy.ts'

let place: Place
let ledger: Ledger
beforeEach(async () => {
  place = makePlace()
  ledger = await openedLedger(place.path)
})
afterEach(async () => {
  await ledger[Symbol.asyncDispose]()
  place[Symbol.dispose]()
})

const { signal } = new AbortController()
const namesOf = (amount: number): string[] =>
  Array.from({ length: amount }, (_, at) => `module-${String(at).padStart(3, '0')}`)
/** As a server that nobody set up otherwise. */
const usual = ['--visitor-request-limit-burst', '60', '--visitor-request-limit-replenish', '5s']

const appOf = (ntfy: Ntfy, names: readonly string[], groupWait: string, now?: () => Date): App =>
  makeApp(
    configText(names, { notify: { phone: { kind: 'ntfy', url: ntfy.url, topic: 'many', groupWait } } }),
    ledger,
    now,
  )

const failing = (names: readonly string[], now: Date) =>
  makeStanding({
    now,
    repositories: [],
    jobs: names.map((name) => ({ ...(failingStanding.jobs[0] ?? makeJob()), name, repository: 'nas' })),
  })

async function unnamed(ntfy: Ntfy, names: readonly string[]): Promise<string[]> {
  const text = (await ntfy.messages('many')).map(({ title, message }) => `${title}\n${message}`).join('\n')
  return names.filter((name) => !text.includes(`job ${name} in nas: failing`))
}

it('a daemon names 500 that fail within a minute in a few messages', async () => {
  await using ntfy = await serveNtfy(place.path, usual)
  const names = namesOf(500)
  let now = Date.now()
  const app = appOf(ntfy, names, '1m', () => new Date(now))
  await tell(app, failing([], app.now()))
  const begun = now
  for (let seconds = 0; seconds <= 180; seconds += 5) {
    now = begun + seconds * 1000
    await tell(app, failing(names.slice(0, Math.ceil((Math.min(seconds, 60) / 60) * 500)), app.now()))
    await deliver(app, signal)
  }
  expect(await unnamed(ntfy, names)).toEqual([])
  expect((await ntfy.messages('many')).length).toBeLessThanOrEqual(10)
  expect(await ledger.deliveryTotals()).toEqual([{ notifier: 'phone', state: 'delivered', deliveries: 1 }])
})

it('runs that end within a moment, each for itself, name all in a few messages', { timeout: 300_000 }, async () => {
  await using ntfy = await serveNtfy(place.path, usual)
  const names = namesOf(deep ? 200 : 80)
  const app = appOf(ntfy, names, deep ? '1m' : '4s')
  await tell(app, failing([], app.now()))
  const run = async (name: string): Promise<void> => {
    await ledger.beginRun({
      id: name,
      roundId: name,
      job: name,
      repository: 'nas',
      operation: 'backup',
      trigger: 'schedule',
      startedAt: app.now(),
      owner: app.self,
      exclusive: true,
    })
    const problem = { code: 'restic.locked', message: 'It is locked.', next: 'Wait.', retry: 'soon' } as const
    await ledger.closeRun(name, { endedAt: app.now(), outcome: 'failed', problem })
    await tellAfterRun(app, signal)
  }
  const ends: Promise<void>[] = []
  for (const name of names) {
    ends.push(run(name))
    await pause(15)
  }
  await Promise.all(ends)
  expect(await unnamed(ntfy, names)).toEqual([])
  expect((await ntfy.messages('many')).length).toBeLessThanOrEqual(10)
})

it('what a busy server took is not sent to it again', async () => {
  await using ntfy = await serveNtfy(place.path, [
    '--visitor-request-limit-burst',
    '4',
    '--visitor-request-limit-replenish',
    '1s',
  ])
  const names = namesOf(500)
  let now = Date.now()
  const app = appOf(ntfy, names, '0s', () => new Date(now))
  await tell(app, failing(names, app.now()))
  for (let tries = 0; tries < 10; tries += 1) {
    await deliver(app, signal)
    const [waiting] = await ledger.deliveries({ states: ['pending'], most: 1 })
    if (waiting === undefined) break
    expect(waiting).toMatchObject({
      refusals: tries + 1,
      problem: { code: 'notify.refused', message: expect.stringContaining('429') },
    })
    now = waiting.nextAt.getTime()
    await pause(1500)
  }
  // Asking what is there counts as well.
  await pause(3000)
  const [delivered] = await ledger.deliveries({ states: ['delivered'], most: 1 })
  expect(delivered?.refusals).toBeGreaterThan(0)
  const messages = await ntfy.messages('many')
  expect(await unnamed(ntfy, names)).toEqual([])
  const titles = messages.map(({ title }) => title)
  expect(new Set(titles).size).toBe(titles.length)
  expect(titles.length).toBeLessThanOrEqual(10)
})
