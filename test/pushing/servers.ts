/** Real programs that take metrics: a Pushgateway that can lose its state, a node_exporter, a receiver of OTLP. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:https'
import { freePort } from '../readers/servers.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'

export interface Program extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** At the same port, with nothing of what it had. */
  start(): Promise<void>
  /** Without a chance to keep anything. */
  kill(): Promise<void>
}

async function serve(
  name: string,
  args: (port: number) => readonly string[],
  isUp: (url: string) => Promise<boolean>,
): Promise<Program> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  const served: Program = {
    port,
    url,
    async start() {
      const one = spawn(program(name), args(port), { stdio: ['ignore', 'ignore', 'pipe'] })
      child = one
      let said = ''
      one.stderr.on('data', (chunk) => {
        said += chunk
      })
      await until(`${name} to answer`, async () => {
        if (one.exitCode !== null) throw new Error(`${name} ended: ${said}`)
        return isUp(url).catch(() => false)
      })
    },
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
    [Symbol.asyncDispose]: () => served.kill(),
  }
  await served.start()
  return served
}

const answers = (path: string) => async (url: string) => (await fetch(url + path)).ok

export interface Gateway extends Program {
  text(): Promise<string>
  /** Values of a metric by its labels, sorted: `instance="daily",job="nfs_backup"`. */
  values(name: string): Promise<Readonly<Record<string, number>>>
}

export async function serveGateway(): Promise<Gateway> {
  const served = await serve('pushgateway', (port) => [`--web.listen-address=127.0.0.1:${port}`], answers('/-/ready'))
  const text = async (): Promise<string> => (await fetch(`${served.url}/metrics`)).text()
  return Object.assign(served, { text, values: async (name: string) => valuesOf(await text(), name) })
}

/** With a certificate for `localhost`, and a login. */
export const serveGuardedGateway = (config: string): Promise<Program> =>
  serve(
    'pushgateway',
    (port) => [`--web.listen-address=127.0.0.1:${port}`, `--web.config.file=${config}`],
    async (url) => {
      const asked = request(url.replace('http', 'https'), { rejectUnauthorized: false }).end()
      await once(asked, 'response')
      asked.destroy()
      return true
    },
  )

export const serveNodeExporter = (folder: string): Promise<Program> =>
  serve(
    'node-exporter',
    (port) => [
      `--web.listen-address=127.0.0.1:${port}`,
      '--collector.disable-defaults',
      '--collector.textfile',
      `--collector.textfile.directory=${folder}`,
    ],
    answers('/metrics'),
  )

/** Names and labels as Prometheus makes them. */
export const serveVictoria = (folder: string): Promise<Program> =>
  serve(
    'victoria-metrics',
    (port) => [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${folder}`,
      '-opentelemetry.usePrometheusNaming',
      '-search.latencyOffset=0s',
      '-loggerLevel=ERROR',
    ],
    answers('/health'),
  )

export function valuesOf(text: string, name: string): Readonly<Record<string, number>> {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(name.length, at).replace(/^\{(.*)\}$/, '$1'), Number(line.slice(at))]
    }),
  )
}
