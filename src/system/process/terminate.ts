import { holdersOf, killGroup, killOne, processesOfSession } from '../pids.ts'

/** Asks a child and its helpers to finish; a stopped one is woken, or it would never hear. */
export function stopAll(pid: number, signal: 'SIGINT' | 'SIGTERM'): void {
  killGroup(pid, signal)
  killGroup(pid, 'SIGCONT')
}

/**
 * Ends everything that belongs to a child: its process group, other groups of its session (restic gives ssh and rclone one of
 * their own), and whoever left the session but holds its output open.
 *
 * @param held The open files, as /proc names them; without it only the group is ended, which needs no look at /proc.
 */
export function killAll(pid: number, held?: ReadonlySet<string>): void {
  killGroup(pid, 'SIGKILL')
  if (held === undefined) return
  for (const stat of processesOfSession(pid)) killOne(stat.pid, 'SIGKILL')
  for (const holder of holdersOf(held)) killOne(holder, 'SIGKILL')
}
