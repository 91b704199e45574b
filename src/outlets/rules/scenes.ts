/** What the tests of the rules play: a history with a fault, a restart in the middle of it, and the end of the fault. */
import type { Fault, Labels } from './alert.ts'
import type { ConfiguredRule } from './catalog.ts'
import type { RuleFacts } from './facts.ts'
import type { Turning } from './history.ts'
import type { Phase } from './values.ts'

/** Scrapes before the fault, and after its end. */
const wellSteps = 3

/** So many scrapes later an alert with this `for` fires. */
export const stepsToFire = (forMs: number, stepMs: number): number => Math.ceil(forMs / stepMs) + 2

/** Well, ill, a scrape that Muster did not answer, ill again, well. */
export function phasesOf({ name, well, ill }: Turning, illSteps: number): readonly Phase[] {
  const gap = name === 'up' ? 0 : undefined
  return [
    { value: well, steps: wellSteps },
    { value: ill, steps: illSteps },
    { value: gap, steps: 1 },
    { value: ill, steps: illSteps },
    { value: well, steps: wellSteps },
  ]
}

/** Steps at which the phases of `phasesOf` end. */
export const endsOf = (illSteps: number): Readonly<Record<'well' | 'ill' | 'restarted' | 'over', number>> => ({
  well: wellSteps - 1,
  ill: wellSteps + illSteps - 1,
  restarted: wellSteps + 2 * illSteps,
  over: 2 * wellSteps + 2 * illSteps,
})

/** The metrics that an expression asks for. */
export const metricsOf = (expr: string): readonly string[] => [
  ...new Set(
    [...expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').matchAll(/\b(?:muster_\w+|backup_\w+|borg_\w+|up)\b/g)].map(
      ([name]) => name,
    ),
  ),
]

/** The rule's own series are gone, whatever else the fault does. */
export function silenced(fault: Fault, { expr }: ConfiguredRule): Fault {
  const names = metricsOf(expr)
  return { ...fault, gone: [...(fault.gone ?? []), ...names.map((name) => ({ name, labels: {} }))] }
}

/** The part of a configuration that a fault is about, with healthy ones beside it: hundreds of others change nothing. */
export function around(facts: RuleFacts, { change = [], gone = [], fires }: Fault): RuleFacts {
  const all: Labels[] = [...change.map(({ labels }) => labels), ...gone.map(({ labels }) => labels), ...fires]
  const named = (label: string): ReadonlySet<string | undefined> => new Set(all.map((labels) => labels[label]))
  const [jobNames, urls] = [named('job'), named('url')]
  const firstDue = facts.jobs.find(({ everyMs }) => everyMs !== undefined)
  const jobs = facts.jobs.filter((job, at) => at < 2 || job === firstDue || jobNames.has(job.name))
  const names = new Set([...named('repository'), ...jobs.map(({ repository }) => repository)])
  const repositories = facts.repositories.filter(
    ({ name, shownUrl }, at) => at < 2 || names.has(name) || urls.has(shownUrl),
  )
  return { ...facts, repositories, jobs }
}
