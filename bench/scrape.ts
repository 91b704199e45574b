/** What a scrape costs: Muster's server beside prom-client with the same figures, each in a process of its own, in turns. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, Bench, BenchOptions, Target } from './bench.ts'
import type { Spent } from './scraped.ts'
import { percentile, spread } from './statistics.ts'

const usualRuns = 60
const usualSeries = [10_000, 100_000]
const seriesOfOne = 100
/** Muster answers scrapers of one second with the same bytes; each scrape here is to be one of its own. */
const apartMs = 1_050
const encodings = ['plain', 'gzip'] as const

type Encoding = (typeof encodings)[number]

interface Cost {
  readonly ms: number
  readonly cpuMs: number
  readonly bytes: number
}

export const scrape: Bench = {
  name: 'scrape',
  summary: 'a scrape of --series 10000,100000 beside prom-client, plain and gzip: time, processor time, stalls, memory',
  run,
}

async function run({ runs = usualRuns, series = usualSeries }: BenchOptions): Promise<Answer> {
  const facts: Record<string, string> = {}
  const targets: Target[] = []
  for (const count of series) {
    await using muster = await start('muster', count)
    await using peer = await start('prom-client', count)
    for (const encoding of encodings) {
      const costs = await inTurns([muster, peer], encoding, runs, `${count} series, ${encoding}`)
      const [own, other] = costs.map(({ all }) => all) as [Cost[], Cost[]]
      const ratio =
        percentile(
          own.map(({ ms }) => ms),
          0.99,
        ) /
        percentile(
          other.map(({ ms }) => ms),
          0.99,
        )
      for (const [at, title] of ['muster', 'prom-client'].entries()) {
        facts[`${count} series, ${encoding}, ${title}`] = say(costs[at]?.all ?? [], costs[at]?.spent)
        if (encoding === 'plain')
          facts[`${count} series, the very first scrape, ${title}`] =
            `longest turn ${(costs[at]?.firstTurnMs ?? Number.NaN).toFixed(0)} ms`
      }
      const turnMs = costs[0]?.spent.turnMs ?? Number.NaN
      if (count < 100_000) continue
      targets.push({ what: `${count} series, ${encoding}: longest turn`, limit: 20, measured: turnMs, unit: 'ms' })
      if (encoding === 'gzip')
        targets.push(
          { what: `${count} series, gzip: p99 against prom-client's`, limit: 1 / 20, measured: ratio, unit: '×' },
          {
            what: `${count} series: resident memory against prom-client's`,
            limit: 1,
            measured: (costs[0]?.spent.residentBytes ?? Number.NaN) / (costs[1]?.spent.residentBytes ?? Number.NaN),
            unit: '×',
          },
        )
    }
  }
  return {
    tables: [],
    facts,
    targets,
    remarks: [
      `${runs} scrapes of each kind, in turns; before each, one repository of about ${seriesOfOne} series changed. Both run from source.`,
      'prom-client compresses at level 1. Client and servers share the processors; the times are those of the client.',
      'A turn of the event loop is counted in processor time: on a busy machine the clock also counts what others had of it.',
    ],
  }
}

const say = (costs: readonly Cost[], spent: Spent | undefined): string => {
  const ms = costs.map((cost) => cost.ms)
  const cpu = spread(costs.map(({ cpuMs }) => cpuMs)).median
  return [
    `p50 ${percentile(ms, 0.5).toFixed(1)} ms, p99 ${percentile(ms, 0.99).toFixed(1)} ms, CPU ${cpu.toFixed(1)} ms`,
    `longest turn ${(spent?.turnMs ?? Number.NaN).toFixed(0)} ms (by the clock ${(spent?.stallMs ?? Number.NaN).toFixed(0)}), ${((spent?.residentBytes ?? 0) / 1e6).toFixed(0)} MB`,
    `${((costs.at(-1)?.bytes ?? 0) / 1e6).toFixed(2)} MB a scrape`,
  ].join('; ')
}

interface Server extends AsyncDisposable {
  readonly url: string
  ask(wish: 'look' | 'change' | 'forget'): Promise<Spent>
}

async function start(kind: string, series: number): Promise<Server> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'scraped.ts'), [kind, String(series / seriesOfOne)])
  const told = async <T>(): Promise<T> => {
    const [message] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error(`${kind} ended`))),
    ])
    return message as T
  }
  const url = await told<string>()
  return {
    url,
    ask: (wish) => {
      const answer = told<Spent>()
      child.send(wish)
      return answer
    },
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, 'exit')
      child.kill()
      await gone
    },
  }
}

async function inTurns(servers: readonly Server[], encoding: Encoding, runs: number, title: string) {
  const costs = servers.map((): Cost[] => [])
  const first: number[] = []
  // The first scrapes write everything and warm up; afterwards it is what Prometheus meets each 15 s.
  for (let round = -3; round < runs; round += 1) {
    for (const [at, server] of servers.entries()) {
      await server.ask('change')
      const before = await server.ask('look')
      if (round === 0) first.push(before.turnMs)
      if (round === 0) await server.ask('forget')
      const { ms, bytes } = await fetched(server.url, encoding)
      const after = await server.ask('look')
      if (round >= 0) costs[at]?.push({ ms, bytes, cpuMs: (after.cpu - before.cpu) * 1000 })
    }
    process.stderr.write(`\r\x1b[K${title}, ${runs - round - 1} left`)
    await pause(apartMs)
  }
  process.stderr.write('\r\x1b[K')
  return Promise.all(
    servers.map(async (server, at) => ({
      all: costs[at] ?? [],
      spent: await server.ask('look'),
      firstTurnMs: first[at] ?? Number.NaN,
    })),
  )
}

const agent = new Agent({ keepAlive: true })

/** The whole body, not unpacked: what a scraper does with it is its own affair. */
function fetched(url: string, encoding: Encoding): Promise<{ ms: number; bytes: number }> {
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    const headers = encoding === 'gzip' ? { 'accept-encoding': 'gzip' } : {}
    get(url, { headers, agent }, (response) => {
      let bytes = 0
      response.on('data', (data: Buffer) => {
        bytes += data.length
      })
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode === 200) resolve({ ms: performance.now() - begun, bytes })
        else reject(new Error(`${url} answered ${response.statusCode}`))
      })
    }).on('error', reject)
  })
}
