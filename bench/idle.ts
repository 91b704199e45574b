/** What it costs to have Muster watch ten repositories while nothing happens. */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, Bench, BenchOptions } from './bench.ts'
import { makeFiles, makeRepository, type RepositoryFiles, resticEnvironment } from './corpus.ts'
import { installed, plainEnvironment } from './installed.ts'
import { restic, saying } from './machine.ts'
import { spread } from './statistics.ts'
import { type Look, start, type Watched } from './watched.ts'

const repositories = 10
const usualMinutes = 10
const lookEveryMs = 5_000
/** Looks between two scrapes: one each 15 s, as Prometheus does by default. */
const looksPerScrape = 3

export const idle: Bench = {
  name: 'idle',
  summary: 'muster serve with ten repositories and jobs and nothing due, for --minutes 10: memory and processor time',
  run,
}

async function run({ minutes = usualMinutes, scratch }: BenchOptions): Promise<Answer> {
  const source = join(scratch, 'source')
  makeFiles(source, 100)
  const all = Array.from({ length: repositories }, (_, index): RepositoryFiles => {
    process.stderr.write(`\rmaking repository ${index + 1} of ${repositories}`)
    const files = { repository: join(scratch, `repository-${index}`), passwordFile: join(scratch, 'password') }
    makeRepository(files, source, 1, scratch)
    return files
  })
  const ports = await freePorts(repositories + 1)
  const config = join(scratch, 'muster.yaml')
  writeFileSync(config, JSON.stringify(configOf(all, source)))
  const argv = [
    process.execPath,
    await installed(scratch),
    'serve',
    '--config',
    config,
    '--listen',
    `127.0.0.1:${ports[0]}`,
  ] as const
  const env = plainEnvironment(scratch)
  const python = ['python3', '/usr/bin/python3'].find((name) =>
    saying(name, '-c', 'import prometheus_client; print(1)'),
  )
  const peers = python === undefined ? [] : all.map((files, index) => ({ files, port: ports[index + 1] ?? 0 }))
  await using stack = new AsyncDisposableStack()
  const muster = stack.use(start({ title: 'muster serve', argv: [...argv], env }))
  const exporters = peers.map(({ files, port }) =>
    stack.use(
      start({
        title: 'exporter',
        argv: [python ?? '', join(import.meta.dirname, 'exporter-stand-in.py'), String(port), restic],
        env: resticEnvironment(files, scratch),
      }),
    ),
  )
  const scraped = [ports[0] ?? 0, ...peers.map(({ port }) => port)]
  const warmMs = Math.min(60_000, (minutes * 60_000) / 3)
  await watch([muster], scraped, warmMs, 'warming up')
  const [before, peersBefore] = [muster.look(), exporters.map((exporter) => exporter.look())]
  const began = performance.now()
  const looks = await watch([muster, ...exporters], scraped, minutes * 60_000 - warmMs, 'watching')
  const seconds = (performance.now() - began) / 1000
  process.stderr.write('\r\x1b[K')
  return answer(looks, before, peersBefore, seconds, minutes)
}

/** Looks each 5 s and scrapes each 15 s until the time is over. */
async function watch(
  watched: readonly Watched[],
  ports: readonly number[],
  forMs: number,
  title: string,
): Promise<Look[][]> {
  const looks: Look[][] = []
  const until = performance.now() + forMs
  while (performance.now() < until) {
    await pause(lookEveryMs)
    if (looks.length % looksPerScrape === 0)
      await Promise.all(ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()))
    looks.push(watched.map((one) => one.look()))
    process.stderr.write(`\r\x1b[K${title}, ${Math.max(0, Math.round((until - performance.now()) / 1000))} s left`)
  }
  return looks
}

function answer(
  looks: readonly Look[][],
  before: Look,
  peersBefore: readonly Look[],
  seconds: number,
  minutes: number,
): Answer {
  const of = (pick: keyof Look, from: number, to?: number) =>
    spread(looks.map((look) => look.slice(from, to).reduce((sum, one) => sum + one[pick], 0)))
  const mebibytes = (pick: 'residentBytes' | 'proportionalBytes', from: number, to?: number): string => {
    const { median, max } = of(pick, from, to)
    return `${(median / 2 ** 20).toFixed(1)} MiB median, ${(max / 2 ** 20).toFixed(1)} MiB most`
  }
  const percent = (after: number, begun: number): number => ((after - begun) / seconds) * 100
  const last = looks.at(-1) ?? []
  const own = percent(last[0]?.ownCpu ?? Number.NaN, before.ownCpu)
  const children = percent(last[0]?.childrenCpu ?? Number.NaN, before.childrenCpu)
  const peers = peersBefore.length
  const peersOwn = peersBefore.reduce((sum, look, index) => sum + percent(last[index + 1]?.ownCpu ?? 0, look.ownCpu), 0)
  return {
    tables: [],
    facts: {
      'muster: resident': mebibytes('residentBytes', 0, 1),
      'muster: proportional': mebibytes('proportionalBytes', 0, 1),
      'muster: own CPU': `${own.toFixed(2)} % of a core`,
      'muster: its restic': `${children.toFixed(2)} % of a core`,
      'muster: CPU of start and first readings': `${before.ownCpu.toFixed(1)} s own, ${before.childrenCpu.toFixed(1)} s restic`,
      ...(peers > 0 && {
        [`${peers} exporters (stand-in): resident`]: mebibytes('residentBytes', 1),
        [`${peers} exporters (stand-in): proportional`]: mebibytes('proportionalBytes', 1),
        [`${peers} exporters (stand-in): own CPU`]: `${peersOwn.toFixed(2)} % of a core`,
      }),
    },
    targets: [
      { what: 'resident memory, most', limit: 120, measured: of('residentBytes', 0, 1).max / 1e6, unit: 'MB' },
      { what: 'CPU with its children', limit: 1, measured: own + children, unit: '% of a core' },
    ],
    remarks: [
      `${minutes} minutes, the first ${Math.round(minutes * 60 - seconds)} s not counted; one scrape each 15 s, a look each 5 s.`,
      'Readings come each 15 minutes: a shorter time holds only the first, which is in the start.',
      peers > 0
        ? 'The exporters are a stand-in of the usual design (one Python process a repository); real ones do more.'
        : 'No Python with prometheus_client on this machine: the exporters were left out.',
    ],
  }
}

function configOf(all: readonly RepositoryFiles[], source: string): object {
  const named = <T>(make: (files: RepositoryFiles, name: string) => T): Record<string, T> =>
    Object.fromEntries(all.map((files, index) => [`r${index}`, make(files, `r${index}`)]))
  const hour = (new Date().getUTCHours() + 12) % 24
  return {
    repositories: named(({ repository, passwordFile }) => ({
      tool: 'restic',
      url: repository,
      password: { file: passwordFile },
      program: restic,
    })),
    // Every day, half a day from now.
    jobs: named((_, name) => ({ repository: name, sources: [source], schedule: `0 ${hour} * * *`, timezone: 'UTC' })),
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) =>
          server.on('listening', () => resolve((server.address() as { port: number }).port)),
        ),
    ),
  )
  for (const server of servers) server.close()
  return ports
}
