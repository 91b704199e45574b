import { type Activity, activityOf, isWork } from './activity.ts'

export interface StallWatch {
  readonly pid: number
  readonly limitMs: number
  /** Bytes the child printed so far, to both outputs. */
  readonly printedBytes: () => number
  /** Further sign of life: a value that grows. Where it is given, printing alone is no sign of life. */
  readonly progress?: (() => number) | undefined
  readonly onStall: () => void
}

/**
 * Calls `onStall` once when a child showed no sign of life for `limitMs`: no growth of `progress` (or of its output, without
 * `progress`), and neither processor time nor input and output worth the name in its whole session. A child that waits for a
 * frozen peer, or that was stopped, shows none; one that prints the same status line every second shows none either.
 *
 * @returns Ends the watch.
 */
export function watchForStall(watch: StallWatch): () => void {
  const everyMs = Math.min(Math.max(watch.limitMs / 8, 25), 10_000)
  let lifeAt = performance.now()
  // A child that has just been started has done nothing; to look would mean to go through all of /proc.
  let seen: Look = { at: lifeAt, progress: 0, printedBytes: 0, activity: { cpuTicks: 0, ioBytes: 0 } }
  const timer = setInterval(() => {
    const now = look(watch)
    if (isAlive(watch, seen, now)) lifeAt = now.at
    seen = now
    if (now.at - lifeAt < watch.limitMs) return
    clearInterval(timer)
    watch.onStall()
  }, everyMs)
  return () => clearInterval(timer)
}

interface Look {
  readonly at: number
  readonly progress: number
  readonly printedBytes: number
  readonly activity: Activity
}

function look(watch: StallWatch): Look {
  const printedBytes = watch.printedBytes()
  const progress = watch.progress?.() ?? printedBytes
  return { at: performance.now(), progress, printedBytes, activity: activityOf(watch.pid) }
}

function isAlive(watch: StallWatch, before: Look, now: Look): boolean {
  if (now.progress > before.progress) return true
  const printed = watch.progress === undefined ? 0 : now.printedBytes - before.printedBytes
  return isWork(before.activity, now.activity, now.at - before.at, printed)
}
