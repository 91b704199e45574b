/** A real Alertmanager on a free port of this machine, gone with `await using`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { freePort } from '../readers/servers.ts'
import type { Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'

export interface Alertmanager extends AsyncDisposable {
  /** `http://127.0.0.1:43210`. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** `status`, say. Throws unless it is answered 200. */
  api<T>(path: string): Promise<T>
  post(alerts: readonly object[]): Promise<void>
  /** Gone at once, with nothing kept of its alerts. */
  kill(): Promise<void>
}

/** Where the templates are that every message needs; Debian's build looks for them below `/usr/share` alone. */
const shared = '/usr/share/prometheus/alertmanager'
const templates = (): string =>
  join(dirname(dirname(realpathSync(program('alertmanager')))), 'share/prometheus/alertmanager')

/**
 * The program as it is, but with its templates looked for in the folder it is started in: nothing has to be put into this system.
 * @returns Its path and that folder.
 */
export function relocated(
  place: Place,
  name: 'alertmanager' | 'amtool',
): { readonly path: string; readonly cwd: string } {
  const path = place.at(name)
  const here = '/proc/self/cwd'.padEnd(shared.length, '/.')
  if (!existsSync(path)) {
    const text = readFileSync(realpathSync(program(name))).toString('latin1')
    writeFileSync(path, text.replaceAll(shared, here), 'latin1')
    chmodSync(path, 0o700)
  }
  const folder = templates()
  return { path, cwd: existsSync(folder) ? folder : shared }
}

/** @param config JSON is YAML. */
export async function openAlertmanager(place: Place, config: object, port?: number): Promise<Alertmanager> {
  const own = port ?? (await freePort())
  const url = `http://127.0.0.1:${own}`
  const file = place.at(`alertmanager-${own}.yml`)
  writeFileSync(file, JSON.stringify(config))
  const { path, cwd } = relocated(place, 'alertmanager')
  const args = [
    `--config.file=${file}`,
    `--storage.path=${place.at(`alertmanager-${own}`)}`,
    `--web.listen-address=127.0.0.1:${own}`,
    '--cluster.listen-address=',
    '--log.level=warn',
  ]
  const child = spawn(path, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  await until('the Alertmanager is ready', async () => {
    if (child.exitCode !== null) throw new Error(`the Alertmanager ended: ${said}`)
    return (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true
  })
  const kill = (): Promise<void> => killed(child)
  const headers = { 'content-type': 'application/json' }
  return {
    url,
    port: own,
    pid: child.pid ?? 0,
    async api<T>(what: string) {
      const answer = await fetch(`${url}/api/v2/${what}`, { signal: AbortSignal.timeout(10_000) })
      if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`)
      return (await answer.json()) as T
    },
    async post(alerts) {
      const answer = await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify(alerts) })
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    },
    kill,
    [Symbol.asyncDispose]: kill,
  }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
