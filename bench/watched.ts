/** Processes that stay: started, looked at through /proc, scraped, and ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from './launch.ts'

export interface Look {
  readonly residentBytes: number
  /** Shared pages counted in parts: what the process adds to the machine. */
  readonly proportionalBytes: number
  /** Seconds since the start, in steps of 10 ms, which is nothing over minutes. */
  readonly ownCpu: number
  /** Of children that ended and were waited for. */
  readonly childrenCpu: number
}

export interface Watched extends AsyncDisposable {
  look(): Look
}

const ticksPerSecond = 100

export function start({ argv, env, cwd }: Command): Watched {
  const [file, ...args] = argv
  const child = spawn(file, args, { env, cwd, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (data: Buffer) => {
    said = (said + data.toString()).slice(-2000)
  })
  return {
    look() {
      if (child.pid === undefined || child.exitCode !== null) throw new Error(`${file} ended: ${said}`)
      return lookAt(child.pid)
    },
    [Symbol.asyncDispose]: () => ended(child),
  }
}

/** Source: proc(5): fields 14 to 17 of stat, VmRSS of status, Pss of smaps_rollup. */
function lookAt(pid: number): Look {
  const read = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8')
  const stat = read('stat')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const seconds = (field: number): number => Number(fields[field - 3]) / ticksPerSecond
  const kibibytes = (text: string, name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? Number.NaN)
  return {
    residentBytes: kibibytes(read('status'), 'VmRSS') * 1024,
    proportionalBytes: kibibytes(read('smaps_rollup'), 'Pss') * 1024,
    ownCpu: seconds(14) + seconds(15),
    childrenCpu: seconds(16) + seconds(17),
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  if ((await Promise.race([gone, pause(10_000, 'late', { ref: false })])) !== 'late') return
  process.kill(-child.pid, 'SIGKILL')
  await gone
}
