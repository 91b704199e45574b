/** What an alert is: its name and words, the rules it becomes for a configuration, and what has to make each of them fire. */
import type { RuleFacts, RuleSet } from './facts.ts'
import type { Select } from './selector.ts'

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** A clock that differs by this many seconds is one that differs a little; as the verdicts have it. */
export const aheadToleranceSeconds = 120

export type Labels = Readonly<Record<string, string>>

/** A sample in a test: a number, or a time so many seconds from the moment at which it is scraped. */
export type Value = number | { readonly fromNow: number }

export interface TestSeries {
  readonly name: string
  readonly labels: Labels
  readonly value: Value
}

/** What goes wrong, against a history in which all is well. */
export interface Fault {
  /** `the last run failed`. */
  readonly what: string
  /** Values that are others, and series that are new. */
  readonly change?: readonly TestSeries[]
  /** Series that are gone: those of these names that carry these labels. */
  readonly gone?: readonly { readonly name: string; readonly labels: Labels }[]
  /** The labels in `by` of the alerts it makes; no others may fire. None: it looks alike, and nothing may fire. */
  readonly fires: readonly Labels[]
  /** Without its series nothing is wrong: there is none yet. */
  readonly absentIsNormal?: true
}

export interface Rule {
  readonly expr: string
  /** Instead of that of the alert. */
  readonly forMs?: number
  /** Added to those of the alert. */
  readonly labels?: Labels
  readonly faults: readonly Fault[]
}

export interface Alert {
  readonly name: string
  readonly set: RuleSet
  readonly group: string
  readonly severity: 'critical' | 'warning'
  /** How long its condition has to hold. */
  readonly forMs: number
  /** Labels that tell one alert of this name from another. */
  readonly by: readonly string[]
  /** One line, with labels as Prometheus puts them in: `{{ $labels.repository }}`. */
  readonly summary: string
  /** When it fires: a clause behind "Fires when". */
  readonly when: string
  /** What to do now, as orders that can be carried out. */
  readonly todo: string
  /** None where the configuration has nothing that it could be about. */
  rules(facts: RuleFacts, select: Select): readonly Rule[]
}

/** Items by a figure they share, smallest first; each figure becomes a rule of its own. */
export function byFigure<T>(items: readonly T[], figureOf: (item: T) => number | undefined): [number, T[]][] {
  const groups = Map.groupBy(items, figureOf)
  return [...groups]
    .flatMap(([figure, own]): [number, T[]][] =>
      figure === undefined || !Number.isFinite(figure) ? [] : [[figure, own]],
    )
    .sort(([a], [b]) => a - b)
}

/** Seconds, whole. */
export const secondsOf = (ms: number): number => Math.ceil(ms / 1000)

/** One by one behind one another, each on a line of its own. */
export const anyOf = (parts: readonly string[]): string => parts.join('\nor\n')
