/** One answer for all who ask at the same time, and for a moment after: the load of many scrapes is that of one. */

export interface Memo<T> {
  get(): Promise<T>
  /** The next `get` loads again. */
  forget(): void
}

/** @param keepMs From the start of loading; a load that takes longer is still shared. A failed one is not kept. */
export function memo<T>(
  load: () => Promise<T>,
  keepMs: number,
  nowMs: () => number = () => performance.now(),
): Memo<T> {
  let kept: { value: Promise<T>; atMs: number; pending: boolean } | undefined
  return {
    get() {
      if (kept !== undefined && (kept.pending || nowMs() - kept.atMs < keepMs)) return kept.value
      const value = load()
      const mine = { value, atMs: nowMs(), pending: true }
      kept = mine
      value.then(
        () => {
          mine.pending = false
        },
        () => {
          if (kept === mine) kept = undefined
        },
      )
      return value
    },
    forget() {
      kept = undefined
    },
  }
}
