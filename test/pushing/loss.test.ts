/** A real Pushgateway that loses what it had, again and again, while jobs go on. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../../src/app/context.ts'
import { findLost } from '../../src/app/pushing/lost.ts'
import { push } from '../../src/app/pushing/push.ts'
import { startPushing } from '../../src/app/pushing/pushing.ts'
import { want } from '../../src/app/pushing/want.ts'
import { parseConfig } from '../../src/config/parse.ts'
import type { Config } from '../../src/config/schema.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts'
import type { Standing } from '../../src/model/standing.ts'
import { openLog } from '../../src/system/log.ts'
import { makeJob, makeRun, makeStanding } from '../http/standings.ts'
import { makePlace, type Place } from '../real/place.ts'
import { roller } from '../real/roller.ts'
import { until } from '../real/wait.ts'
import { type Gateway, serveGateway } from './servers.ts'

const turns = process.env.MUSTER_DEEP === '1' ? 20 : 4
const names = Array.from({ length: 12 }, (_, at) => `job-${at}`)
const nobody = async (): Promise<Uint8Array> => new Uint8Array()

let place: Place
let gateway: Gateway
let ledger: Ledger
beforeEach(async () => {
  place = makePlace()
  gateway = await serveGateway()
  const opened = await openSqliteLedger(place.path, new Date())
  if (!opened.ok) throw new Error(opened.problem.message)
  ledger = opened.value
})
afterEach(async () => {
  await ledger[Symbol.asyncDispose]()
  await gateway[Symbol.asyncDispose]()
  place[Symbol.dispose]()
})

function configOf(jobs: readonly string[]): Config {
  const text = JSON.stringify({
    repositories: { box: { tool: 'restic', url: '/box', password: { env: 'P' } } },
    jobs: Object.fromEntries(jobs.map((job) => [job, { repository: 'box', sources: [`/${job}`] }])),
    metrics: { pushgateway: { url: gateway.url, resend: '1s', timeout: '2s', instance: 'here' } },
  })
  const { config, errors } = parseConfig(text)
  if (config === undefined) throw new Error(JSON.stringify(errors))
  return config
}

const appOf = (config: Config): App => ({
  config,
  ledger,
  env: {},
  now: () => new Date(),
  log: openLog('silent'),
  self: { host: 'here', pid: 1, started: '1', boot: 'b' },
  user: 'root',
})

/** Each job ended its newest run at the second that its number says. */
const standingOf = (runs: ReadonlyMap<string, number>): Standing =>
  makeStanding({
    repositories: [],
    totals: [],
    jobs: [...runs].map(([name, second]) => {
      const last = makeRun({
        id: `${name}-${second}`,
        job: name,
        startedAt: new Date(0),
        endedAt: new Date(second * 1000),
      })
      return makeJob({ name, repository: 'box', operations: [{ operation: 'backup', last }] })
    }),
  })

/** Second of the newest run that the gateway knows of, by job. */
async function told(): Promise<Record<string, number>> {
  const values = await gateway.values('muster_job_last_run_timestamp_seconds').catch(() => ({}))
  return Object.fromEntries(
    Object.entries(values).map(([labels, value]) => [/job="([^"]+)"/.exec(labels)?.[1] ?? '', value]),
  )
}

describe('a gateway that loses all it had', () => {
  it(`has every group again, none older than the newest run, and none of jobs that are gone; ${turns} times`, async () => {
    const roll = roller(17)
    const runs = new Map(names.map((name) => [name, 1]))
    let app = appOf(configOf(names))
    let standing = standingOf(runs)
    const stop = new AbortController()
    const pushing = startPushing(
      () => app,
      async () => standing,
      stop.signal,
    )
    const runOne = (): void => {
      const left = [...runs.keys()]
      const name = left[roll(left.length)] ?? ''
      runs.set(name, (runs.get(name) ?? 0) + 1)
      standing = standingOf(runs)
      pushing.wake()
    }
    await until('all are there', async () => Object.keys(await told()).length === names.length)
    for (let turn = 0; turn < turns; turn += 1) {
      // At any moment: before, while and after something is pushed.
      for (let runsBefore = roll(4); runsBefore >= 0; runsBefore -= 1) runOne()
      await new Promise((resolve) => setTimeout(resolve, roll(60)))
      await gateway.kill()
      if (turn % 2 === 0) runOne()
      // A job that goes while nobody can be told.
      const gone = [...runs.keys()][0] ?? ''
      if (turn % 2 === 1) {
        runs.delete(gone)
        standing = standingOf(runs)
        app = appOf(configOf([...runs.keys()]))
        pushing.wake()
      }
      await gateway.start()
      // A run, as there is one sooner or later: what waits for it tries at once.
      runOne()
      await until(
        'all are there again',
        async () => JSON.stringify(sorted(await told())) === JSON.stringify(sorted(Object.fromEntries(runs))),
      )
    }
    expect(await told()).toEqual(Object.fromEntries(runs))
    await until('nothing is on its way', async () => (await ledger.pushes()).every(({ state }) => state === 'kept'))
    stop.abort()
    await pushing.done
    expect((await ledger.pushes()).map(({ job }) => job).sort()).toEqual([...runs.keys()].sort())
  })

  it('is not pushed to while it lost nothing, and is where it came back with an older state', async () => {
    const app = appOf(configOf(['a', 'b']))
    const io = { signal: new AbortController().signal, otlp: nobody }
    await want(
      app,
      standingOf(
        new Map([
          ['a', 1],
          ['b', 1],
        ]),
      ),
    )
    await push(app, 'pushgateway', io)
    const before = await gateway.values('push_time_seconds')
    expect(await findLost(app, 'pushgateway', io.signal)).toEqual({ ok: true, value: 0 })
    await push(app, 'pushgateway', io)
    expect(await gateway.values('push_time_seconds')).toEqual(before)
    // What it has is from before what it took: as if it read its state from a disk.
    const [one] = await ledger.pushes()
    if (one === undefined) throw new Error('nothing was pushed')
    await ledger.notePush(one, { state: 'kept', at: new Date(), keptThere: new Date(Date.now() + 120_000) })
    expect(await findLost(app, 'pushgateway', io.signal)).toEqual({ ok: true, value: 1 })
    expect(await ledger.pushes()).toMatchObject([
      { job: 'a', state: 'pending' },
      { job: 'b', state: 'kept' },
    ])
  })

  it('keeps the group of a job of which another configuration knows nothing', async () => {
    const app = appOf(configOf(['a', 'b']))
    const both = new Map([
      ['a', 1],
      ['b', 1],
    ])
    expect(await want(app, standingOf(both))).toBe(true)
    expect(await want(app, standingOf(new Map([['a', 1]])))).toBe(false)
    expect(await want(appOf(configOf(['a'])), standingOf(both))).toBe(false)
    expect((await ledger.pushes()).map(({ method }) => method)).toEqual(['put', 'put'])
  })

  it('is asked again soon where it was away for long and is busy for a moment', async () => {
    const busy = createServer((request, response) => {
      request.resume()
      response.writeHead(502).end('starting')
    }).listen(0, '127.0.0.1')
    await once(busy, 'listening')
    const app = appOf(configOf(['a']))
    const { pushgateway } = app.config.metrics
    if (pushgateway === undefined) throw new Error('no gateway')
    const url = `http://127.0.0.1:${(busy.address() as AddressInfo).port}`
    const there = {
      ...app,
      config: { ...app.config, metrics: { ...app.config.metrics, pushgateway: { ...pushgateway, url } } },
    }
    await want(there, standingOf(new Map([['a', 1]])))
    const problem = { code: 'push.unreachable', message: 'no', next: 'wait', retry: 'soon' } as const
    for (let tries = 0; tries < 20; tries += 1) {
      const one = await ledger.claimPush('pushgateway', new Date(), 1000)
      if (one !== undefined)
        await ledger.notePush(one, { state: 'pending', at: new Date(), nextAt: new Date(), problem })
    }
    const waits: number[] = []
    for (let tries = 0; tries < 2; tries += 1) {
      await push(there, 'pushgateway', { signal: new AbortController().signal, otlp: nobody })
      const [one] = await ledger.pushes()
      expect(one).toMatchObject({ state: 'pending', problem: { code: 'push.busy' } })
      waits.push((one?.nextAt.getTime() ?? Number.NaN) - Date.now())
      await ledger.wantPushes(
        'pushgateway',
        url,
        [{ key: one?.key ?? '', job: 'a', method: 'put', body: one?.body ?? '' }],
        { now: new Date(), again: true },
      )
    }
    busy.close()
    expect(waits[0]).toBeLessThanOrEqual(10_000)
    expect(waits[1]).toBeLessThanOrEqual(180_000)
  })

  it('cannot be asked while nobody answers, and nothing is taken for lost', async () => {
    const app = appOf(configOf(['a']))
    const { signal } = new AbortController()
    await want(app, standingOf(new Map([['a', 1]])))
    await push(app, 'pushgateway', { signal, otlp: nobody })
    await gateway.kill()
    expect(await findLost(app, 'pushgateway', signal)).toMatchObject({ ok: false, problem: { code: 'push.unasked' } })
    expect(await ledger.pushes()).toMatchObject([{ state: 'kept' }])
  })
})

const sorted = (all: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))
