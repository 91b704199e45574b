/** How long nobody knows anything after a restart: from the start of `muster serve` to the first complete `/metrics`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openSqliteLedger } from '../src/ledger/sqlite/open.ts'
import type { Answer, Bench, BenchOptions } from './bench.ts'
import { installed, plainEnvironment } from './installed.ts'
import { spread } from './statistics.ts'
import { type Look, start } from './watched.ts'

const usualRuns = 10
const repositories = 1_000
const snapshots = 100
const limitMs = 60_000
/** In which all repositories are read once more, and memory shows. */
const settleMs = 15_000

export const restart: Bench = {
  name: 'restart',
  summary: `muster serve over a ledger of ${repositories} repositories with ${snapshots} snapshots each, to the first complete /metrics`,
  run,
}

const nameOf = (repository: number): string => `r${String(repository).padStart(4, '0')}`

async function run({ runs = usualRuns, scratch }: BenchOptions): Promise<Answer> {
  const muster = await installed(scratch)
  const env = plainEnvironment(scratch)
  const config = join(scratch, 'muster.yaml')
  writeFileSync(join(scratch, 'password'), 'bench\n', { mode: 0o600 })
  writeFileSync(config, JSON.stringify(configOf(scratch)))
  await fill(scratch)
  const [walls, first, later]: [number[], Look[], Look[]] = [[], [], []]
  // One round before, which also fills the cache of compiled code.
  for (let round = -1; round < runs; round += 1) {
    process.stderr.write(`\r\x1b[Krestarting, ${runs - round - 1} left`)
    const port = await freePort()
    const begun = performance.now()
    const argv = [process.execPath, muster, 'serve', '--config', config, '--listen', `127.0.0.1:${port}`] as const
    await using served = start({ title: 'muster serve', argv: [...argv], env })
    await complete(`http://127.0.0.1:${port}/metrics`)
    const ms = performance.now() - begun
    const look = served.look()
    if (round < 0) continue
    walls.push(ms)
    first.push(look)
    if (round > 1) continue
    await pause(settleMs)
    later.push(served.look())
  }
  process.stderr.write('\r\x1b[K')
  const wall = spread(walls)
  const cpu = spread(first.map(({ ownCpu }) => ownCpu * 1000))
  const resident = (looks: readonly Look[]) => spread(looks.map(({ residentBytes }) => residentBytes / 1e6))
  const ms = (of: { median: number; min: number; max: number }) =>
    `${of.median.toFixed(0)} ms (${of.min.toFixed(0)}-${of.max.toFixed(0)})`
  return {
    tables: [],
    facts: {
      'start to the first complete /metrics': ms(wall),
      'processor time until then': ms(cpu),
      'resident then': `${resident(first).median.toFixed(0)} MB`,
      [`resident ${settleMs / 1000} s later, all read again`]: `${resident(later).median.toFixed(0)} MB`,
    },
    targets: [
      { what: 'first complete /metrics', limit: 500, measured: wall.median, unit: 'ms' },
      { what: `resident memory, ${settleMs / 1000} s later`, limit: 130, measured: resident(later).max, unit: 'MB' },
    ],
    remarks: [
      `${runs} restarts. No repository is opened for the answer: no key of any is on this machine.`,
      'The repositories are folders with the names of their snapshots, which is all that a reading needs where nothing is new.',
    ],
  }
}

const folderOf = (scratch: string, name: string): string => join(scratch, 'repositories', name)

const configOf = (scratch: string): object => ({
  repositories: Object.fromEntries(
    Array.from({ length: repositories }, (_, at) => [
      nameOf(at),
      {
        tool: 'restic',
        url: folderOf(scratch, nameOf(at)),
        password: { file: join(scratch, 'password') },
        expect: { maxAge: '1d' },
      },
    ]),
  ),
})

/** The ledger as a Muster leaves it that has read everything, and folders that a listing finds unchanged. */
async function fill(scratch: string): Promise<void> {
  const now = Date.now()
  const opened = await openSqliteLedger(join(scratch, 'state'), new Date())
  if (!opened.ok) throw new Error(opened.problem.message)
  await using ledger = opened.value
  for (let repository = 0; repository < repositories; repository += 1) {
    const name = nameOf(repository)
    for (const folder of ['keys', 'snapshots', 'locks', 'index', 'data'])
      mkdirSync(join(folderOf(scratch, name), folder), { recursive: true })
    writeFileSync(join(folderOf(scratch, name), 'config'), '')
    const all = Array.from({ length: snapshots }, (_, at) => ({
      id: (repository * snapshots + at).toString(16).padStart(8, '0').repeat(8),
      takenAt: new Date(now - at * 3_600_000),
      host: `host-${repository % 50}.example.com`,
      user: 'backup',
      tags: ['daily'],
      paths: ['/etc', '/home', '/srv'],
      sizeBytes: 1_234_567_890 + at,
      files: 98_765,
      program: 'restic 0.19.1',
    }))
    for (const { id } of all) writeFileSync(join(folderOf(scratch, name), 'snapshots', id), '')
    await ledger.recordReading(
      {
        id: `${name}/1`,
        repository: name,
        startedAt: new Date(now - 60_000),
        endedAt: new Date(now - 59_000),
        way: 'native',
        requests: 3,
        bytes: 6_700,
        snapshots,
        locks: [],
        sizeBytes: 7_654_321_000,
      },
      all,
    )
    if (repository % 50 === 0) process.stderr.write(`\r\x1b[Kfilling the ledger, ${repositories - repository} left`)
  }
}

/** Asks until the answer names every backup set. */
async function complete(url: string): Promise<void> {
  const until = performance.now() + limitMs
  while (performance.now() < until) {
    const text = await body(url).catch(() => '')
    if (text.match(/^muster_set_newest_snapshot_timestamp_seconds\{/gm)?.length === repositories) return
    await pause(5)
  }
  throw new Error(`${url} was not complete in time`)
}

const body = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (data) => {
        text += data
      })
      response.on('end', () => resolve(text)).on('error', reject)
    }).on('error', reject)
  })

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
