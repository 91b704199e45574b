/** Values of series in the notation of promtool: what a scrape found, step by step. Source: Prometheus, "Unit Testing for Rules". */
import type { Value } from './alert.ts'

/** So many scrapes with the same value; a scrape that finds nothing leaves the mark of a series that ended. */
export interface Phase {
  readonly value: Value | undefined
  readonly steps: number
}

export function writeValues(phases: readonly Phase[], stepSeconds: number): string {
  let at = 0
  return phases
    .map(({ value, steps }) => {
      const from = at
      at += steps
      if (value === undefined) return steps > 1 ? `stale _x${steps - 1}` : 'stale'
      if (typeof value === 'number') return `${value}+0x${steps - 1}`
      return `${value.fromNow + from * stepSeconds}+${stepSeconds}x${steps - 1}`
    })
    .join(' ')
}
