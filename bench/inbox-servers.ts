/** Those that take alerts, in processes of their own, and what they cost. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { checkout } from './machine.ts'

export interface Taking extends AsyncDisposable {
  readonly port: number
  readonly path: string
  readonly shape: 'webhook' | 'api'
  /** Seconds of user and system so far. */
  cpu(): number
  /** Bytes, the most so far. */
  peak(): number
  kill(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** @param state Kept from one start to the next. */
export async function startMuster(state: string, cpuProfile?: string): Promise<Taking> {
  mkdirSync(state, { recursive: true })
  const port = await freePort()
  const file = join(state, 'muster.yaml')
  const config = {
    inbox: { mostPerMinute: 10_000_000 },
    // Nothing is looked into: that is another measure.
    diagnose: { wait: '1d' },
    server: { listen: `127.0.0.1:${port}` },
  }
  writeFileSync(file, JSON.stringify(config))
  const profile = cpuProfile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${cpuProfile}`]
  const child = spawn(process.execPath, [...profile, join(checkout, 'src/main.ts'), 'serve', '--config', file], {
    env: { ...process.env, MUSTER_STATE: state },
    stdio: 'ignore',
  })
  return taking(child, { port, path: '/alert', shape: 'webhook' }, '/readyz')
}

export async function startAlertmanager(scratch: string): Promise<Taking> {
  const port = await freePort()
  const folder = join(scratch, `alertmanager-${port}`)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'alertmanager.yml')
  writeFileSync(
    file,
    JSON.stringify({ route: { receiver: 'nobody', group_by: ['id'] }, receivers: [{ name: 'nobody' }] }),
  )
  const program = realpathSync(join(checkout, '.tools/bin/alertmanager'))
  // Debian's build looks for its templates below /usr/share alone; here in the folder it is started in.
  const shared = '/usr/share/prometheus/alertmanager'
  const own = join(scratch, 'alertmanager')
  if (!existsSync(own)) {
    const here = '/proc/self/cwd'.padEnd(shared.length, '/.')
    writeFileSync(own, readFileSync(program).toString('latin1').replaceAll(shared, here), 'latin1')
    chmodSync(own, 0o700)
  }
  const args = [`--config.file=${file}`, `--storage.path=${folder}`, `--web.listen-address=127.0.0.1:${port}`]
  const templates = join(dirname(dirname(program)), 'share/prometheus/alertmanager')
  const child = spawn(own, [...args, '--cluster.listen-address=', '--log.level=error'], {
    cwd: existsSync(templates) ? templates : shared,
    stdio: 'ignore',
  })
  return taking(child, { port, path: '/api/v2/alerts', shape: 'api' }, '/-/ready')
}

async function taking(
  child: ChildProcess,
  what: Pick<Taking, 'port' | 'path' | 'shape'>,
  ready: string,
): Promise<Taking> {
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  const deadline = performance.now() + 30_000
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${what.port}${ready}`).catch(() => undefined)
    if (answer?.ok === true) break
    if (child.exitCode !== null || performance.now() > deadline) {
      await kill()
      throw new Error(`${what.shape} does not answer`)
    }
    await pause(50)
  }
  const proc = (name: string): string => readFileSync(`/proc/${child.pid}/${name}`, 'utf8')
  return {
    ...what,
    cpu: () => {
      const [, , ...fields] = proc('stat').replace(/^.*\)/s, 'x x').split(' ')
      return (Number(fields[11]) + Number(fields[12])) / 100
    },
    peak: () => Number(/^VmHWM:\s+(\d+)/m.exec(proc('status'))?.[1] ?? Number.NaN) * 1024,
    kill,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      clearTimeout(timer)
    },
  }
}
