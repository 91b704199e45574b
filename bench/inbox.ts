/** Taking alerts: on the disk before the answer, beside the Alertmanager's own intake, which keeps them in memory. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openSqliteLedger } from '../src/ledger/sqlite/open.ts'
import { alertKey } from '../src/model/alert.ts'
import type { Answer, Bench, BenchOptions, Target } from './bench.ts'
import { type LoadAnswer, type LoadWish, nameOf, startsAt } from './inbox-load.ts'
import { startAlertmanager, startMuster, type Taking } from './inbox-servers.ts'
import { percentile, spread } from './statistics.ts'

const usualRuns = 5
const seconds = 5
/** As many as keep the server at work; each waits for its answer before it posts again. */
const connectionsOf = (each: number): number => (each === 1 ? 64 : 32)

export const inbox: Bench = {
  name: 'inbox',
  summary: 'taking alerts, durably, beside the Alertmanager: rates, times, processor time, memory, a kill under load',
  run,
}

interface Measured {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Microseconds of the server for one request. */
  readonly cpuUs: number
  readonly peakBytes: number
  readonly others: number
}

async function run({ runs = usualRuns, scratch }: BenchOptions): Promise<Answer> {
  const facts: Record<string, string> = {}
  const targets: Target[] = []
  const catchUp: number[] = []
  for (const each of [100, 1]) {
    const [own, peer]: [Measured[], Measured[]] = [[], []]
    for (let round = 0; round < runs; round += 1) {
      process.stderr.write(`\r${each} a body, round ${round + 1} of ${runs}   `)
      {
        await using muster = await startMuster(join(scratch, `state-${each}-${round}`))
        own.push(await measured(muster, each))
        if (each === 100) catchUp.push(await caughtUp(muster))
      }
      await using other = await startAlertmanager(scratch)
      peer.push(await measured(other, each))
    }
    facts[`${each} a body, Muster`] = say(own, each)
    facts[`${each} a body, Alertmanager (in memory)`] = say(peer, each)
    const ratio = spread(own.map(({ perSecond }, at) => (peer[at]?.perSecond ?? Number.NaN) / perSecond)).median
    const rate = spread(own.map(({ perSecond }) => perSecond)).median
    facts[`${each} a body, Muster's rate against the Alertmanager's`] = `${(1 / ratio).toFixed(2)} ×`
    targets.push(
      {
        what: `${each} a body: alerts a second`,
        least: true,
        limit: each === 100 ? 30_000 : 5_000,
        measured: rate * each,
        unit: '/s',
      },
      { what: `${each} a body: p99`, limit: 60, measured: spread(own.map(({ p99 }) => p99)).median, unit: 'ms' },
    )
    if (each === 100)
      targets.push({
        what: "100 a body: rate against the Alertmanager's",
        least: true,
        limit: 1,
        measured: 1 / ratio,
        unit: '×',
      })
  }
  facts['until all was sorted, after the load of 100 a body'] = `${spread(catchUp).median.toFixed(1)} s`
  for (const bytes of [700, 67_500]) {
    const gains: number[] = []
    for (let round = 0; round < runs; round += 1) {
      const alone = await commits(join(scratch, `alone-${bytes}-${round}`), 'alone', bytes)
      const group = await commits(join(scratch, `group-${bytes}-${round}`), 'group', bytes)
      gains.push(group / alone)
      facts[`bodies of ${bytes} bytes kept, together and one by one`] = `${group.toFixed(0)}/s, ${alone.toFixed(0)}/s`
    }
    const gain = spread(gains).median
    targets.push({
      what: `bodies of ${bytes} bytes: together against one by one`,
      least: true,
      limit: 1.4,
      measured: gain,
      unit: '×',
    })
  }
  const { acknowledged, missing } = await killed(join(scratch, 'killed'))
  facts['acknowledged before a kill under load'] = `${acknowledged} alerts`
  targets.push({ what: 'acknowledged and missing after it', limit: 0, measured: missing, unit: 'alerts' })
  process.stderr.write('\r\x1b[K')
  return {
    tables: [],
    facts,
    targets,
    remarks: [
      `${runs} rounds of ${seconds} s in turns, 32 kept connections for bodies of 100 and 64 for those of one, every alert another one; servers and load share the processors. Both servers begin empty.`,
      'Muster keeps each body synced to the disk before it answers, and sorts meanwhile; the Alertmanager keeps alerts in memory. Muster from source, `inbox.mostPerMinute` raised.',
    ],
  }
}

async function measured(server: Taking, each: number): Promise<Measured> {
  // Compiled and warm, as a server that runs for long is.
  await load({ ...server, each, connections: connectionsOf(each), seconds: 1, first: 0 })
  const before = server.cpu()
  const answer = await load({ ...server, each, connections: connectionsOf(each), seconds, first: 1e9 })
  const requests = answer.ms.length
  return {
    perSecond: requests / answer.seconds,
    p50: percentile(answer.ms, 0.5),
    p99: percentile(answer.ms, 0.99),
    cpuUs: ((server.cpu() - before) / requests) * 1e6,
    peakBytes: server.peak(),
    others: Object.entries(answer.statuses).reduce((sum, [status, count]) => (status === '200' ? sum : sum + count), 0),
  }
}

async function load({ port, path, shape, each, connections, seconds, first }: LoadWish): Promise<LoadAnswer> {
  const child = fork(join(import.meta.dirname, 'inbox-load.ts'))
  child.send({ port, path, shape, each, connections, seconds, first } satisfies LoadWish)
  const [answer] = await once(child, 'message')
  return answer as LoadAnswer
}

/** @returns Seconds until nothing waits to be sorted. */
async function caughtUp({ port }: Taking): Promise<number> {
  const began = performance.now()
  for (;;) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    if (/^muster_inbox_backlog_bodies 0$/m.test(text)) return (performance.now() - began) / 1000
    if (performance.now() - began > 120_000) return Number.POSITIVE_INFINITY
    await pause(300)
  }
}

async function commits(folder: string, way: 'group' | 'alone', bytes: number): Promise<number> {
  const child = fork(join(import.meta.dirname, 'inbox-commit.ts'), [folder, way, String(bytes), '2'])
  const [perSecond] = await once(child, 'message')
  await once(child, 'exit')
  return perSecond as number
}

/** Killed in the middle of it, and started again. */
async function killed(state: string): Promise<{ readonly acknowledged: number; readonly missing: number }> {
  const each = 100
  const first = await startMuster(state)
  const answering = load({ ...first, each, connections: connectionsOf(each), seconds: 6, first: 0 })
  await pause(2_500)
  await first.kill()
  const { kept } = await answering
  {
    await using again = await startMuster(state)
    await caughtUp(again)
  }
  const opened = await openSqliteLedger(state, new Date())
  if (!opened.ok) throw new Error(opened.problem.message)
  await using ledger = opened.value
  const keys = kept.flatMap((body) =>
    Array.from({ length: each }, (_, at) =>
      alertKey({ fingerprint: nameOf(body, at, each), startsAt: new Date(startsAt), status: 'firing' }),
    ),
  )
  const known = await ledger.knownAlerts(keys)
  return { acknowledged: keys.length, missing: keys.filter((key) => !known.has(key)).length }
}

function say(all: readonly Measured[], each: number): string {
  const { median, min, max } = spread(all.map(({ perSecond }) => perSecond))
  const of = (name: 'p50' | 'p99' | 'cpuUs') => spread(all.map((one) => one[name])).median
  const peak = Math.max(...all.map(({ peakBytes }) => peakBytes)) / 2 ** 20
  const others = all.reduce((sum, one) => sum + one.others, 0)
  return [
    `${median.toFixed(0)} (${min.toFixed(0)}-${max.toFixed(0)}) requests/s${each > 1 ? ` = ${(median * each).toFixed(0)} alerts/s` : ''}`,
    `p50 ${of('p50').toFixed(1)} ms, p99 ${of('p99').toFixed(1)} ms`,
    `CPU ${of('cpuUs').toFixed(0)} µs a request, peak ${peak.toFixed(0)} MiB${others > 0 ? `, ${others} not taken` : ''}`,
  ].join('; ')
}
