/** Who this process is, and whether another one is still there. */
import { hostname } from 'node:os'
import type { ProcessMark } from '../model/process-mark.ts'
import { bootId, isAlive, startTimeOf } from './pids.ts'

/** The mark of a process of this machine. */
export const markOf = (pid: number): ProcessMark => ({
  host: hostname(),
  pid,
  started: String(startTimeOf(pid) ?? ''),
  boot: bootId() ?? '',
})

/** True only when it is certain: this machine, and an earlier boot or no such process any more. */
export function isGone(mark: ProcessMark): boolean {
  if (mark.host !== hostname()) return false
  const boot = bootId() ?? ''
  if (boot !== mark.boot) return true
  return !isAlive(mark.pid, mark.started === '' ? undefined : Number(mark.started))
}
