/** What it costs to know what is in many repositories: by Muster, by restic, and by an exporter that starts restic. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { collect } from '../src/app/collect.ts'
import type { App } from '../src/app/context.ts'
import { parseConfig } from '../src/config/parse.ts'
import { openSqliteLedger } from '../src/ledger/sqlite/open.ts'
import { ReaderMemory } from '../src/sources/readers/restic/index.ts'
import { Connections } from '../src/sources/storage/connections.ts'
import { openLog } from '../src/system/log.ts'
import { markOf } from '../src/system/self.ts'
import { serveRest } from '../test/readers/servers.ts'
import type { Answer, Bench, BenchOptions, Target } from './bench.ts'
import { measure } from './launch.ts'
import { restic, saying } from './machine.ts'
import { spread } from './statistics.ts'
import { makeWatched, password, type Shape } from './watch-corpus.ts'

const usualRuns = 5
/** restic is started for so many of them; the others cost the same. */
const mostStarts = 5
/** A warm reading is too short to be measured alone, and a daemon makes thousands. */
const readingsARound = 2_000

export const watch: Bench = {
  name: 'watch',
  summary:
    'the same repositories looked at by Muster cold, warm and after a restart, by restic, and by an exporter that starts it',
  run,
}

interface Case extends Shape {
  readonly title: string
  readonly over: 'disk' | 'rest'
  /** At most so many microseconds of ours for each millisecond of restic's, which is warm too, with its cache. */
  readonly listing: number
}

const cases: readonly Case[] = [
  { title: '20 × 100, disk', repositories: 20, snapshots: 100, over: 'disk', listing: 1_000 / 2_000 },
  { title: '20 × 100, REST', repositories: 20, snapshots: 100, over: 'rest', listing: 1_000 / 1_000 },
  { title: '200 × 10, disk', repositories: 200, snapshots: 10, over: 'disk', listing: 1_000 / 2_000 },
  { title: '1 × 10,000, disk', repositories: 1, snapshots: 10_000, over: 'disk', listing: 1_000 / 120 },
  { title: '1 × 10,000, REST', repositories: 1, snapshots: 10_000, over: 'rest', listing: 1_000 / 120 },
]

async function run({ runs = usualRuns, scratch }: BenchOptions): Promise<Answer> {
  writeFileSync(join(scratch, 'password'), `${password}\n`, { mode: 0o600 })
  const facts: Record<string, string> = {}
  const targets: Target[] = []
  for (const [at, one] of cases.entries()) {
    const folder = join(scratch, `case-${at}`)
    process.stderr.write(`\r\x1b[K${one.title}: making it`)
    const names = makeWatched(folder, one)
    await using server = one.over === 'rest' ? await serveRest(folder) : undefined
    const urlOf = (name: string): string =>
      server === undefined ? join(folder, name) : `rest:http://127.0.0.1:${server.port}/${name}/`
    const result = await measured(one, names, urlOf, scratch, runs)
    Object.assign(facts, result.facts)
    targets.push(...result.targets)
  }
  process.stderr.write('\r\x1b[K')
  return {
    tables: [],
    facts,
    targets,
    remarks: [
      'Processor time a repository, median of the rounds, in turns with restic. restic: `snapshots --json --no-lock`, warm with its cache, cold without. Muster: the whole reading, with what it writes into the ledger; cold means that nothing is known and the key is derived.',
      'The exporter is a stand-in of twenty lines (Python client library of Prometheus, one start of restic); its figure includes the start of Python.',
      'A share in µs of ours for each ms of restic: 0.5 is 2,000 times less.',
    ],
  }
}

type Urls = (name: string) => string

async function measured(one: Case, names: readonly string[], urlOf: Urls, scratch: string, runs: number) {
  const state = join(scratch, `state-${one.title.replaceAll(/\W+/g, '-')}`)
  const cost = { cold: [] as number[], listing: [] as number[], times: [] as number[], again: [] as number[] }
  const peer = { warm: [] as number[], cold: [] as number[], exporter: [] as number[] }
  const shares: number[] = []
  let [stallMs, bytes, requests] = [0, 0, 0]
  const started = names.slice(0, mostStarts)
  for (const name of started) await resticLooks(urlOf(name), scratch, true)
  for (let round = 0; round < runs; round += 1) {
    process.stderr.write(`\r\x1b[K${one.title}: round ${round + 1} of ${runs}`)
    const own = join(state, String(round))
    const stall = monitorEventLoopDelay({ resolution: 1 })
    {
      await using cold = await open(names, urlOf, own, scratch, false)
      stall.enable()
      cost.cold.push(await cpuOf(names, () => cold.look()))
      stall.disable()
      stallMs = Math.max(stallMs, stall.max / 1e6)
      await cold.look()
      cost.listing.push(await cpuOf(names, () => cold.look(), looksFor(names)))
    }
    {
      // Another process over the same ledger: no key, no listing is in its memory.
      await using again = await open(names, urlOf, own, scratch, true)
      cost.again.push(await cpuOf(names, () => again.look()))
      await again.look()
      cost.times.push(await cpuOf(names, () => again.look(), looksFor(names)))
      ;({ bytes, requests } = await again.lastCost())
    }
    const warm = await inTurn(started, (name) => resticLooks(urlOf(name), scratch, true))
    peer.warm.push(warm)
    peer.cold.push(await inTurn(started, (name) => resticLooks(urlOf(name), scratch, false)))
    const exporter = await exporterLooks(urlOf(started[0] ?? ''), scratch)
    if (exporter !== undefined) peer.exporter.push(exporter)
    shares.push(((cost.listing.at(-1) ?? 0) * 1_000) / warm)
  }
  const median = (values: readonly number[]): number => spread(values).median
  const less = (ours: number, theirs: number): string => `${Math.round(theirs / ours).toLocaleString('en')} × less`
  const ms = (value: number): string => `${value.toPrecision(3)} ms`
  const warm = median(peer.warm)
  return {
    facts: {
      [`${one.title}: restic, cached / not`]: `${ms(warm)} / ${ms(median(peer.cold))}`,
      [`${one.title}: exporter that starts restic`]:
        peer.exporter.length === 0 ? 'no python3 with prometheus_client here' : ms(median(peer.exporter)),
      [`${one.title}: Muster cold`]: `${ms(median(cost.cold))}, ${(median(cost.cold) / median(peer.cold)).toFixed(2)} of restic`,
      [`${one.title}: Muster warm, listed`]: `${ms(median(cost.listing))}, ${less(median(cost.listing), warm)}`,
      [`${one.title}: Muster warm`]: `${ms(median(cost.times))}, ${less(median(cost.times), warm)}; ${requests} requests, ${bytes} bytes`,
      [`${one.title}: Muster after a restart`]: `${ms(median(cost.again))}, ${less(median(cost.again), warm)}`,
      [`${one.title}: longest stall, cold`]: `${stallMs.toFixed(0)} ms on the clock`,
    },
    targets: [
      { what: `${one.title}: warm, listed, share`, limit: one.listing, measured: median(shares), unit: 'µs/ms' },
      {
        what: `${one.title}: cold against restic`,
        limit: 0.9,
        measured: median(cost.cold) / median(peer.cold),
        unit: '×',
      },
      ...(one.snapshots === 10_000
        ? [{ what: `${one.title}: longest stall`, limit: 20, measured: stallMs, unit: 'ms' }]
        : []),
    ],
  }
}

const looksFor = (names: readonly string[]): number => Math.max(10, Math.min(200, readingsARound / names.length))

/** Milliseconds of our own processor time for a repository and look. */
async function cpuOf(names: readonly string[], look: () => Promise<void>, times = 1): Promise<number> {
  const before = process.cpuUsage()
  for (let time = 0; time < times; time += 1) await look()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000 / names.length / times
}

async function inTurn(names: readonly string[], look: (name: string) => Promise<number>): Promise<number> {
  let sum = 0
  for (const name of names) sum += await look(name)
  return sum / names.length
}

async function resticLooks(url: string, scratch: string, cached: boolean): Promise<number> {
  const more = cached ? ['--cache-dir', join(scratch, 'cache')] : ['--no-cache']
  const command = {
    title: 'restic snapshots',
    argv: [restic, '-r', url, 'snapshots', '--json', '--no-lock', ...more] as const,
    env: { PATH: process.env.PATH, HOME: scratch, RESTIC_PASSWORD_FILE: join(scratch, 'password') },
  }
  return (await measure({ ...command, argv: [...command.argv] }, scratch)).cpu * 1_000
}

async function exporterLooks(url: string, scratch: string): Promise<number | undefined> {
  const python = ['python3', '/usr/bin/python3'].find((name) =>
    saying(name, '-c', 'import prometheus_client; print(1)'),
  )
  if (python === undefined) return undefined
  const script = join(import.meta.dirname, 'exporter-stand-in.py')
  const env = {
    PATH: process.env.PATH,
    HOME: scratch,
    RESTIC_REPOSITORY: url,
    RESTIC_PASSWORD_FILE: join(scratch, 'password'),
  }
  return (await measure({ title: 'exporter', argv: [python, script, '0', restic, 'once'], env }, scratch)).cpu * 1_000
}

interface Watcher extends AsyncDisposable {
  look(): Promise<void>
  lastCost(): Promise<{ requests: number; bytes: number }>
}

/** Muster's own way of reading, as the daemon goes it, without a daemon around. */
async function open(
  names: readonly string[],
  urlOf: Urls,
  state: string,
  scratch: string,
  trustFolderTimes: boolean,
): Promise<Watcher> {
  const repositories = Object.fromEntries(
    names.map((name) => [
      name,
      { tool: 'restic', url: urlOf(name), password: { file: join(scratch, 'password') }, read: { trustFolderTimes } },
    ]),
  )
  const { config, errors } = parseConfig(JSON.stringify({ repositories }))
  const opened = await openSqliteLedger(state, new Date())
  if (config === undefined || !opened.ok) throw new Error(errors[0]?.message ?? 'the ledger cannot be opened')
  const connections = new Connections()
  const app: App = {
    config,
    ledger: opened.value,
    env: process.env,
    now: () => new Date(),
    log: openLog('silent'),
    self: markOf(process.pid),
    user: undefined,
    memory: new ReaderMemory(connections),
    recollections: new WeakMap(),
  }
  const { signal } = new AbortController()
  return {
    async look() {
      const done = await collect(app, names, { signal })
      const failed = [...done.values()].find(({ reading }) => reading.problem !== undefined)
      if (failed !== undefined) throw new Error(failed.reading.problem?.message)
    },
    async lastCost() {
      const last = await opened.value.lastReading(names[0] ?? '')
      return { requests: last?.requests ?? 0, bytes: last?.bytes ?? 0 }
    },
    async [Symbol.asyncDispose]() {
      await connections[Symbol.asyncDispose]()
      await opened.value[Symbol.asyncDispose]()
    },
  }
}
