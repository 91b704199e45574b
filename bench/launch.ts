/** Starts one command, waits for it, and says what it cost: the whole tree of processes. */
import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Command {
  readonly title: string
  readonly argv: readonly [string, ...string[]]
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

export interface Cost {
  /** Seconds on the clock, resolution 1 ms. */
  readonly wall: number
  /** User and system seconds of the command and every child it waited for, resolution 2 ms. */
  readonly cpu: number
}

const limitMs = 180_000

/**
 * bash's `time` reads getrusage(RUSAGE_CHILDREN), which the kernel keeps to the microsecond; `times` of a plain sh and
 * /proc/<pid>/stat know only ticks of 10 ms. Output of the command goes to a file, as that of a cron job does.
 */
const timed = 'TIMEFORMAT="%R %U %S"; { time "$@" >"$OUT" 2>&1 3>&-; } 2>&3'

/** Runs a command once. @throws when it fails; its output is in the message. */
export async function measure(command: Command, scratch: string): Promise<Cost> {
  const said = await runOnce(command, scratch, ['bash', '-c', timed, 'bash', ...command.argv])
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = said.trim().split(/\s+/).map(Number)
  return { wall, cpu: user + system }
}

/** Where GNU time is; it tells the largest peak memory of one process in the tree. */
const gnuTime = ['/usr/bin/time', '/bin/time'].find((path) => existsSync(path))

/** Peak memory in bytes of the largest process of the tree; undefined without GNU time. */
export async function peakMemory(command: Command, scratch: string): Promise<number | undefined> {
  if (gnuTime === undefined) return undefined
  const peak = join(scratch, 'peak')
  await runOnce(command, scratch, [
    'bash',
    '-c',
    '"$@" >"$OUT" 2>&1',
    'bash',
    gnuTime,
    '-f',
    '%M',
    '-o',
    peak,
    ...command.argv,
  ])
  return Number(readFileSync(peak, 'utf8').trim().split('\n').at(-1)) * 1024
}

async function runOnce({ title, env, cwd }: Command, scratch: string, argv: readonly string[]): Promise<string> {
  const out = join(scratch, 'out')
  const cost = join(scratch, 'cost')
  const handle = openSync(cost, 'w')
  const [file = '', ...args] = argv
  // A group of its own, so that a command that hangs goes with all it started.
  const child = spawn(file, args, {
    detached: true,
    cwd: cwd ?? scratch,
    env: { ...(env ?? process.env), OUT: out, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'ignore', handle],
  })
  closeSync(handle)
  const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), limitMs)
  try {
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve))
    if (code !== 0) throw new Error(`${title} ended with ${code}:\n${readFileSync(out, 'utf8').slice(-2000)}`)
    return readFileSync(cost, 'utf8')
  } finally {
    clearTimeout(timer)
  }
}
