/** What a benchmark is, and what it answers. */
import type { Side } from './pairs.ts'

export interface BenchOptions {
  readonly runs: number | undefined
  readonly minutes: number | undefined
  readonly series: readonly number[] | undefined
  /** A folder of its own, removed afterwards. */
  readonly scratch: string
}

export interface Target {
  readonly what: string
  readonly limit: number
  /** The limit is the least, not the most. */
  readonly least?: true
  readonly measured: number
  readonly unit: string
}

export interface Answer {
  /** Tables of sides that were run in turns; each side is compared with the first of its table. */
  readonly tables: readonly { readonly title: string; readonly sides: readonly Side[] }[]
  /** Measures of another shape, by name. */
  readonly facts: Readonly<Record<string, string | number>>
  readonly targets: readonly Target[]
  /** What a reader has to know: peers that were missing, stand-ins, resolution. */
  readonly remarks: readonly string[]
}

export interface Bench {
  readonly name: string
  readonly summary: string
  run(options: BenchOptions): Promise<Answer>
}
