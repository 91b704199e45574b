import { readFileSync } from 'node:fs'
import { processesOfSession } from '../pids.ts'

/** What a child and its helpers used so far. */
export interface Activity {
  readonly cpuTicks: number
  /** Bytes read and written by system calls, files and sockets alike. */
  readonly ioBytes: number
}

/** Sums up everything that runs in the session of a child; zeros where /proc is missing. */
export function activityOf(session: number): Activity {
  let cpuTicks = 0
  let ioBytes = 0
  for (const stat of processesOfSession(session)) {
    cpuTicks += stat.cpuTicks
    ioBytes += ioBytesOf(stat.pid)
  }
  return { cpuTicks, ioBytes }
}

/** Source: proc(5), /proc/<pid>/io; readable for processes of the same user. */
function ioBytesOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/io`, 'utf8')
    return fieldOf(text, 'rchar') + fieldOf(text, 'wchar')
  } catch {
    return 0
  }
}

function fieldOf(text: string, name: string): number {
  return Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

const tickMs = 10
/** An idle Go or Java program still collects garbage and looks at its timers; less than this share of a core is no work. */
const idleCpuShare = 0.05
/** Wake-ups by event descriptors and keep-alives are no work either. */
const idleIoBytes = 512

/** Did anything happen between two looks `elapsedMs` apart? `printedBytes`: what it wrote to us meanwhile, which is no work. */
export function isWork(before: Activity, after: Activity, elapsedMs: number, printedBytes: number): boolean {
  const cpuMs = (after.cpuTicks - before.cpuTicks) * tickMs
  const ioBytes = after.ioBytes - before.ioBytes - printedBytes
  return cpuMs > Math.max(tickMs, elapsedMs * idleCpuShare) || ioBytes > idleIoBytes
}
