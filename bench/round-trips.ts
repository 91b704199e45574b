/** What a thousand warm repositories on one REST server cost over a slow line. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '../src/model/secret.ts'
import { type NativeReading, ReaderMemory, readNative } from '../src/sources/readers/restic/index.ts'
import { Connections } from '../src/sources/storage/connections.ts'
import { serveRest } from '../test/readers/servers.ts'
import { openDelayProxy } from '../test/real/delay-proxy.ts'
import type { Answer, Bench, BenchOptions } from './bench.ts'
import { type Spread, spread } from './statistics.ts'

const repositories = 1_000
const snapshots = 100
const roundTripMs = 50
const usualRuns = 5

export const roundTrips: Bench = {
  name: 'round-trips',
  summary: 'warm readings of 1,000 REST repositories on one server, 50 ms away: round trips, wall and processor time',
  run,
}

interface Known {
  readonly name: string
  readonly ids: ReadonlySet<string>
}

async function run({ runs = usualRuns, scratch }: BenchOptions): Promise<Answer> {
  const folder = join(scratch, 'served')
  const all = Array.from({ length: repositories }, (_, at) => makeWarm(folder, `r${at}`))
  await using server = await serveRest(folder)
  await using line = await openDelayProxy(server.port, roundTripMs / 2)
  const one: number[] = []
  const wall: number[] = []
  const cpu: number[] = []
  await using connections = new Connections()
  const memory = new ReaderMemory(connections)
  for (let round = 0; round <= runs; round += 1) {
    process.stderr.write(`\r${round === 0 ? 'warming up' : `round ${round} of ${runs}`}   `)
    const began = { at: performance.now(), cpu: process.cpuUsage() }
    await Promise.all(all.map((known) => read(known, line.port, memory)))
    const used = process.cpuUsage(began.cpu)
    const alone = performance.now()
    for (const known of all.slice(0, 5)) await read(known, line.port, memory)
    if (round === 0) continue
    wall.push((alone - began.at) / 1_000)
    cpu.push((used.user + used.system) / 1_000 / repositories)
    one.push((performance.now() - alone) / 5 / roundTripMs)
  }
  process.stderr.write('\r\x1b[K')
  const first = await withOwnConnections(all.slice(0, 100), line.port)
  const [together, each, alone] = [spread(wall), spread(cpu), spread(one)]
  return {
    tables: [],
    facts: {
      [`wall s, ${repositories} repositories together`]: text(together),
      'processor ms of ours, a repository': text(each),
      'round trips, one repository after the other': text(alone),
      'for comparison: wall s, 100 repositories together, connections of their own': first.toFixed(2),
    },
    targets: [
      { what: `wall, ${repositories} repositories`, limit: 1, measured: together.median, unit: 's' },
      { what: 'processor time, a repository', limit: 0.25, measured: each.median, unit: 'ms' },
      { what: 'round trips, a repository', limit: 1.2, measured: alone.median, unit: '' },
    ],
    remarks: [
      `Each repository has ${snapshots} snapshots that are known, so that a reading is two listings. Ours and the server share this machine's processors; the line is a process that holds each direction back by ${roundTripMs / 2} ms.`,
    ],
  }
}

const text = ({ median, min, max }: Spread): string => `${median.toFixed(3)} (${min.toFixed(3)}-${max.toFixed(3)})`

/** Only names count where all is known. */
function makeWarm(folder: string, name: string): Known {
  const ids = new Set(Array.from({ length: snapshots }, () => randomBytes(32).toString('hex')))
  for (const type of ['snapshots', 'locks']) mkdirSync(join(folder, name, type), { recursive: true })
  for (const id of ids) writeFileSync(join(folder, name, 'snapshots', id), '')
  return { name, ids }
}

async function read({ name, ids }: Known, port: number, memory: ReaderMemory): Promise<NativeReading> {
  const access = {
    name,
    url: new Secret(`rest:http://127.0.0.1:${port}/${name}/`),
    password: new Secret('pw'),
    environment: {},
    options: [],
  }
  const io = { signal: never, timeLimitMs: 60_000, locks: true, size: false, prove: false }
  const reading = await readNative(access, async () => ids, memory, io)
  if (!reading.ok) throw new Error(reading.problem.message)
  return reading.value
}
const never = new AbortController().signal

async function withOwnConnections(all: readonly Known[], port: number): Promise<number> {
  const began = performance.now()
  await Promise.all(all.map((known) => read(known, port, new ReaderMemory())))
  return (performance.now() - began) / 1_000
}
