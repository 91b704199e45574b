/** Who runs on this machine, as far as Linux' /proc says; elsewhere the answers are `undefined` or the weaker check. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** The fields of /proc/<pid>/stat that we use. Source: proc(5), numbered from 1. */
export interface ProcessStat {
  readonly pid: number
  /** Field 3: `R`, `S`, `D`, `T` (stopped), `Z` (zombie) … */
  readonly state: string
  /** Field 5. */
  readonly group: number
  /** Field 6. */
  readonly session: number
  /** Fields 14 to 17: user and system time of the process and of its children that it waited for, in clock ticks (10 ms). */
  readonly cpuTicks: number
  /** Field 22: clock ticks after boot. */
  readonly startTime: number
}

/** Reads the line of one process; `undefined` where there is none (any more). The name in field 2 may hold anything. */
export function statOf(pid: number): ProcessStat | undefined {
  const line = readOrUndefined(`/proc/${pid}/stat`)
  if (line === undefined) return undefined
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const number = (field: number): number => Number(fields[field - 3])
  const startTime = number(22)
  if (!Number.isSafeInteger(startTime)) return undefined
  const cpuTicks = number(14) + number(15) + number(16) + number(17)
  return { pid, state: fields[0] ?? '?', group: number(5), session: number(6), cpuTicks, startTime }
}

/** When a process started, in clock ticks after boot: with the boot id it tells a process from a later one of the same pid. */
export function startTimeOf(pid: number): number | undefined {
  return statOf(pid)?.startTime
}

/**
 * Does this very process still run? A zombie does not.
 *
 * @param startTime As `startTimeOf` said when it was known; without it any process of that pid counts.
 */
export function isAlive(pid: number, startTime?: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  const stat = statOf(pid)
  if (stat !== undefined) return stat.state !== 'Z' && (startTime === undefined || stat.startTime === startTime)
  // One of another user may be hidden (`ProtectProc=`, hidepid): it denies signals all the same.
  const answer = signalAnswer(pid)
  return bootId() === undefined ? answer !== 'gone' : answer === 'denied'
}

/** Random id of this boot of the machine; `undefined` where the kernel gives none. */
export function bootId(): string | undefined {
  return readOrUndefined('/proc/sys/kernel/random/boot_id')?.trim()
}

/** Sends a signal to a whole process group. False: nobody is left in it (or it is not ours). */
export function killGroup(group: number, signal: NodeJS.Signals): boolean {
  // 0 and 1 would mean our own group and everybody.
  if (!Number.isSafeInteger(group) || group <= 1) return false
  return send(-group, signal)
}

/** Sends a signal to one process. False: it is gone (or not ours). */
export function killOne(pid: number, signal: NodeJS.Signals): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 1) return false
  return send(pid, signal)
}

/** All processes of a session, without zombies; empty where /proc is missing. */
export function processesOfSession(session: number): readonly ProcessStat[] {
  return pids().flatMap((pid) => {
    const stat = statOf(pid)
    return stat !== undefined && stat.session === session && stat.state !== 'Z' ? [stat] : []
  })
}

/** Processes that hold one of these open files, named as /proc/<pid>/fd/<n> links to them (`socket:[4711]`). */
export function holdersOf(links: ReadonlySet<string>): readonly number[] {
  if (links.size === 0) return []
  return pids().filter((pid) => pid !== process.pid && linksOf(pid).some((link) => links.has(link)))
}

/** What a descriptor of a process is connected to; `undefined` where that cannot be known. */
export function linkOf(pid: number, descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${descriptor}`)
  } catch {
    return undefined
  }
}

function linksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => linkOf(pid, Number(descriptor)) ?? [])
  } catch {
    return []
  }
}

function pids(): number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
  } catch {
    return []
  }
}

function signalAnswer(pid: number): 'taken' | 'denied' | 'gone' {
  try {
    process.kill(pid, 0)
    return 'taken'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'denied' : 'gone'
  }
}

function send(target: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(target, signal)
  } catch {
    return false
  }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
