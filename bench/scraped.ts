/**
 * One process that is scraped, with the same figures as Muster (its own server and blocks) or as prom-client (a registry of
 * gauges). Its parent tells it to change one repository, and asks what it has cost.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Counter, Gauge, Registry } from 'prom-client'
import { ok } from '../src/model/problem.ts'
import type { RepositoryStanding, Standing } from '../src/model/standing.ts'
import { openHttp } from '../src/outlets/http/server.ts'
import { partsOf } from '../src/outlets/metrics/parts.ts'
import { sections } from '../src/outlets/metrics/sections.ts'
import { openLog } from '../src/system/log.ts'

export interface Spent {
  /** Seconds of user and system time since the process began. */
  readonly cpu: number
  readonly residentBytes: number
  /** Longest time between two turns of the event loop, by the clock: other processes that had the processor are in it. */
  readonly stallMs: number
  /** The most processor time between two turns: what this process alone kept everybody waiting for. */
  readonly turnMs: number
}

const maxSeries = 2000
/** With what a repository has of its own, about 100 series each. */
const setsOfOne = 7
const begun = Date.UTC(2026, 10, 21)

function repositoryOf(at: number, changes: number): RepositoryStanding {
  const name = `repository-${at}`
  const readAt = new Date(begun + at * 1000 + changes * 60_000)
  const reading = {
    id: `${name}/${changes}`,
    repository: name,
    startedAt: readAt,
    endedAt: new Date(readAt.getTime() + 17),
    way: 'native',
    requests: 3,
    bytes: 6_700,
    snapshots: 100 + changes,
    locks: [],
  }
  return {
    name,
    tool: 'restic',
    toolVersion: '0.19.1',
    location: `/srv/${name}`,
    lastReading: reading,
    lastGoodReading: reading,
    locks: { at: readAt, locks: [] },
    size: { at: readAt, sizeBytes: 7_654_321_000 + at },
    sets: Array.from({ length: setsOfOne }, (_, set) => ({
      set: {
        repository: name,
        host: `host-${set}.example.com`,
        user: 'backup',
        snapshots: 14 + changes,
        newestId: 'ab'.repeat(32),
        newestAt: readAt,
        newestSeenAt: readAt,
        sizeBytes: 1_234_567_890 + set,
        files: 98_765 + changes,
      },
      verdict: {
        state: 'fresh' as const,
        newestAt: readAt,
        expectedBefore: new Date(readAt.getTime() + 86_400_000),
        reason: '',
        next: '',
      },
      jobs: [],
      strip: [],
    })),
    operations: [],
    findings: [],
    lanes: [],
  }
}

interface Scraped {
  readonly url: string
  put(repository: RepositoryStanding): void
}

async function asMuster(all: readonly RepositoryStanding[]): Promise<Scraped> {
  let repositories = all
  const [jobs, totals] = [[], []] as const
  const figures = async (): Promise<Standing> => ({
    now: new Date(),
    version: 'bench',
    repositories,
    jobs,
    totals,
    configLoadedAt: new Date(begun),
  })
  const http = await openHttp(
    { listen: '127.0.0.1:0', hosts: [], users: new Map(), tokens: [], maxSeries },
    {
      standing: figures,
      figures,
      runs: async () => [],
      snapshots: async () => [],
      deliveries: async () => [],
      diagnoses: async () => [],
      incidents: async () => [],
      isReady: () => true,
      reload: async () => ok(undefined),
      readNow: () => {},
    },
    openLog('silent'),
  )
  if (!http.ok) throw new Error(http.problem.message)
  return {
    url: `${http.value.url}metrics`,
    put: (changed) => {
      repositories = repositories.map((one) => (one.name === changed.name ? changed : one))
    },
  }
}

async function asPromClient(all: readonly RepositoryStanding[]): Promise<Scraped> {
  const registry = new Registry()
  const metrics = new Map<string, Gauge | Counter>()
  const put = (repositories: readonly RepositoryStanding[]): void => {
    for (const part of partsOf({ repositories, jobs: [], totals: [] }))
      for (const section of sections)
        for (const families of section.steps(part, maxSeries))
          for (const { name, help, type, samples } of families)
            for (const { labels, value } of samples) {
              const settings = { help, labelNames: Object.keys(labels), registers: [registry] }
              const known =
                metrics.get(name) ??
                (type === 'gauge'
                  ? new Gauge({ ...settings, name })
                  : new Counter({ ...settings, name: `${name}_total` }))
              metrics.set(name, known)
              if (known instanceof Gauge) known.set(labels, value)
              else known.inc(labels, value)
            }
  }
  put(all)
  const gzipped = promisify(gzip)
  const server = createServer(async (request, response) => {
    const text = await registry.metrics()
    response.setHeader('content-type', registry.contentType)
    if (!request.headers['accept-encoding']?.includes('gzip')) return void response.end(text)
    response.setHeader('content-encoding', 'gzip')
    response.end(await gzipped(text, { level: 1 }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    put: (changed) => put([changed]),
  }
}

/** Looks at the clock and at the thread's own processor time each millisecond that the event loop allows. */
function watchTurns() {
  const now = () => {
    const { user, system } = process.threadCpuUsage()
    return { ms: performance.now(), cpuMs: (user + system) / 1000 }
  }
  let last = now()
  let longest = { stallMs: 0, turnMs: 0 }
  setInterval(() => {
    const here = now()
    longest = {
      stallMs: Math.max(longest.stallMs, here.ms - last.ms),
      turnMs: Math.max(longest.turnMs, here.cpuMs - last.cpuMs),
    }
    last = here
  }, 1)
  return {
    longest: () => longest,
    forget: () => {
      longest = { stallMs: 0, turnMs: 0 }
      last = now()
    },
  }
}

async function main([kind, count]: readonly string[]): Promise<void> {
  const repositories = Array.from({ length: Number(count) }, (_, at) => repositoryOf(at, 0))
  const scraped = await (kind === 'muster' ? asMuster : asPromClient)(repositories)
  const turns = watchTurns()
  let changes = 0
  process.on('message', (wish) => {
    if (wish === 'change') {
      changes += 1
      scraped.put(repositoryOf((changes * 37) % repositories.length, changes))
    }
    if (wish === 'forget') turns.forget()
    const { user, system } = process.cpuUsage()
    const spent: Spent = {
      cpu: (user + system) / 1e6,
      residentBytes: process.memoryUsage.rss(),
      ...turns.longest(),
    }
    process.send?.(spent)
  })
  process.send?.(scraped.url)
}

process.on('SIGTERM', () => process.exit(0))
if (import.meta.main) await main(process.argv.slice(2))
