/** Incidents: what came, what changed, what is over. Pure. */
import type { Incident, IncidentChanges, IncidentFacts, Severity } from '../../model/incident.ts'
import type { Standing } from '../../model/standing.ts'
import { type Trouble, troublesOf } from '../../model/trouble.ts'

/** @param open All that are open as the ledger has them. */
export function incidentChanges(standing: Standing, open: readonly Incident[]): IncidentChanges {
  const facts = new Map(tellable(standing).map((trouble) => [trouble.key, factsOf(trouble)]))
  const known = new Map(open.map((incident) => [incident.key, incident]))
  return {
    opened: [...facts.values()].filter(({ key }) => !known.has(key)),
    changed: open.flatMap((incident) => {
      const now = facts.get(incident.key)
      return now === undefined || same(incident, now) ? [] : [{ number: incident.number, facts: now }]
    }),
    closed: open.filter(({ key }) => !facts.has(key) && !isUndecided(standing, key)).map(({ number }) => number),
  }
}

/** All that people are told of. */
export const tellable = (standing: Standing): readonly Trouble[] => [
  // Those of alerts were told with their answer.
  ...troublesOf(standing).filter((trouble) => trouble.kind !== 'alert' && isDue(trouble, standing.now)),
  ...ownTroubles(standing),
]

/** A job that never ran is told when its first backup is due, and not before. */
const isDue = ({ kind, state, since }: Trouble, now: Date): boolean =>
  kind !== 'job' || state !== 'absent' || (since !== undefined && since <= now)

/** A job that failed and runs again is not fine yet, nor is it worse: how it ends decides. */
const isUndecided = ({ jobs }: Standing, key: string): boolean =>
  jobs.some(({ name, verdict }) => verdict.state === 'running' && key === `job/${name}`)

/** What is wrong with Muster itself. */
function ownTroubles({ ledgerProblem, configProblem, now }: Standing): Trouble[] {
  return [
    ...(ledgerProblem === undefined
      ? []
      : [{ key: 'ledger', kind: 'ledger', name: 'ledger', problem: ledgerProblem } as const]),
    ...(configProblem === undefined
      ? []
      : [{ key: 'configuration', kind: 'configuration', name: 'configuration', problem: configProblem } as const]),
  ].map(({ problem, ...rest }) => ({
    ...rest,
    state: 'failing',
    why: problem.message,
    next: problem.next,
    since: now,
  }))
}

function factsOf({ key, kind, name, within, state, why, next, since, lastGood, isOverdue }: Trouble): IncidentFacts {
  return {
    key,
    kind,
    name,
    ...(within !== undefined && { within }),
    state,
    severity: severityOf({ kind, ...(isOverdue && { isOverdue }) }),
    reason: why,
    next,
    ...(since && { since }),
    ...(lastGood && { lastGood }),
  }
}

/** Where data may be lost a person is woken; where work is only put off, or nobody can tell, a person is told. */
export function severityOf({ kind, isOverdue }: Pick<Trouble, 'kind' | 'isOverdue'>): Severity {
  const waits = ['repository', 'forget', 'prune', 'unlock', 'init', 'copy', 'configuration']
  return waits.includes(kind) && isOverdue !== true ? 'warning' : 'critical'
}

/** The reason grows with time (`3 hours late`): that alone is no news. */
const same = (incident: Incident, facts: IncidentFacts): boolean =>
  incident.state === facts.state &&
  incident.severity === facts.severity &&
  withoutNumbers(incident.reason) === withoutNumbers(facts.reason)

const withoutNumbers = (text: string): string => text.replaceAll(/\d+(?:\.\d+)?/g, '#')
