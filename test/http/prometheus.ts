/** A real Prometheus on a free port of this machine, with a store of its own, gone with `await using`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { makePlace } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Prometheus extends AsyncDisposable {
  query(text: string): Promise<readonly Series[]>
  /** What its API answers: `query?query=up`. Throws when that is an error. */
  api(path: string): Promise<unknown>
  /** Of the first target: how its last scrape went. */
  target(): Promise<{ readonly health: string; readonly lastError: string }>
}

/** What it has besides: rules, looked at every second, further scrape jobs as flow mappings of YAML, an Alertmanager. */
interface More {
  readonly rules?: string
  readonly jobs?: readonly string[]
  /** `127.0.0.1:9093`: who is told of alerts. */
  readonly alertmanager?: string
}

/** @param job Settings of the first scrape job, as lines of YAML at no indent. */
export async function openPrometheus(
  scraped: string,
  job: readonly string[] = [],
  { rules, jobs = [], alertmanager }: More = {},
): Promise<Prometheus> {
  const place = makePlace()
  const config = [
    'global: { scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 1s }',
    ...(rules === undefined ? [] : ['rule_files: [muster.rules.yml]']),
    ...(alertmanager === undefined
      ? []
      : [`alerting: { alertmanagers: [{ static_configs: [{ targets: ['${alertmanager}'] }] }] }`]),
    'scrape_configs:',
    '  - job_name: muster',
    '    honor_labels: true',
    ...job.map((line) => `    ${line}`),
    `    static_configs: [{ targets: ['${new URL(scraped).host}'] }]`,
    ...jobs.map((one) => `  - ${one}`),
  ]
  if (rules !== undefined) writeFileSync(place.at('muster.rules.yml'), rules)
  writeFileSync(place.at('prometheus.yml'), `${config.join('\n')}\n`)
  const url = `http://127.0.0.1:${await freePort()}/`
  const child = spawn(
    program('prometheus'),
    [
      `--config.file=${place.at('prometheus.yml')}`,
      `--storage.tsdb.path=${place.at('data')}`,
      `--web.listen-address=${new URL(url).host}`,
      '--log.level=warn',
      // What fires before the Alertmanager was found would be told it a minute later.
      '--rules.alert.resend-delay=1s',
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const ask = async (path: string): Promise<{ data: unknown }> => {
    const response = await fetch(url + path, { signal: AbortSignal.timeout(10_000) })
    const answer = (await response.json()) as { data: unknown; error?: string }
    if (answer.error !== undefined) throw new Error(`${path}: ${answer.error}`)
    return answer
  }
  const target = async () => {
    const { activeTargets } = (await ask('api/v1/targets')).data as {
      activeTargets: readonly { health: string; lastError: string }[]
    }
    const { health, lastError } = activeTargets[0] ?? { health: 'unknown', lastError: '' }
    return { health, lastError }
  }
  const query = async (text: string): Promise<readonly Series[]> => {
    const { result } = (await ask(`api/v1/query?query=${encodeURIComponent(text)}`)).data as {
      result: readonly { metric: Record<string, string>; value: [number, string] }[]
    }
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }
  const end = async (): Promise<void> => {
    await stopped(child)
    place[Symbol.dispose]()
  }
  try {
    await until('Prometheus is ready', async () => {
      if (child.exitCode !== null) throw new Error(`Prometheus ended: ${said}`)
      return (await fetch(`${url}-/ready`).catch(() => undefined))?.ok === true
    })
    // A scrape is told as such a moment before its samples can be asked for.
    await until('the first scrape', async () => (await query('up')).length > 0)
  } catch (error) {
    await end()
    throw error
  }
  return {
    target,
    query,
    api: async (path) => (await ask(`api/v1/${path}`)).data,
    [Symbol.asyncDispose]: end,
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await ended
  clearTimeout(timer)
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
