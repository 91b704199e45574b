/** How much one key may tell: a program that pings without end must not fill the ledger. Pure but for what it remembers. */

/** So many at once, and after that so many a minute. */
const burst = 20
const everyMs = 6_000

export interface Rate {
  /** @returns Undefined where it may be told now; else after how many seconds it may be tried again. */
  take(name: string, now: Date): number | undefined
}

export function openRate(): Rate {
  /** When all of a burst may be told again, in milliseconds. */
  const fullAt = new Map<string, number>()
  return {
    take(name, now) {
      const at = now.getTime()
      // A clock that was set back must not hold anything up for longer than a burst does.
      const from = Math.min(Math.max(fullAt.get(name) ?? at, at), at + burst * everyMs)
      const waitMs = from + everyMs - burst * everyMs - at
      fullAt.set(name, waitMs > 0 ? from : from + everyMs)
      return waitMs > 0 ? Math.ceil(waitMs / 1_000) : undefined
    },
  }
}
