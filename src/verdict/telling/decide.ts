/** Who is told what, and when: for one notifier, from the incidents and what it was told of them. Pure. */
import type { Incident, IncidentEvent, Severity, Told } from '../../model/incident.ts'
import { fits } from '../pattern.ts'
import { type QuietHours, quietUntil } from './quiet.ts'

const hour = 3_600_000
/**
 * What comes and goes so often within so long is told when it stands still for a while, in one line; but nothing is held for longer
 * than that, or what never stands still would never be told.
 */
export const flapping = {
  times: 4,
  withinMs: 6 * hour,
  settleMs: hour,
  longestMs: { critical: hour, warning: 6 * hour },
} as const

export interface TellPolicy {
  /** Nothing less than this. */
  readonly severity: Severity
  /** Its own name: it is not told of itself. */
  readonly name: string
  /** Names of jobs, repositories and sets, as patterns; empty: all. */
  readonly of: readonly string[]
  /** How long the first waits for others, so that one message names them all. */
  readonly groupWaitMs: number
  /** Absent: it is told once. */
  readonly remindEveryMs?: number
  /** Keys of incidents in which a run failed, and when the last did: it is told again with each. */
  readonly failures?: ReadonlyMap<string, Date>
  /** Whether it is told when something is fine again. */
  readonly resolved: boolean
  readonly quiet?: QuietHours
  /** Since when there is this notifier: what was over before is history. */
  readonly since: Date
}

/** What goes into one message. */
export interface Item {
  readonly incident: Incident
  readonly event: IncidentEvent
  /** How often it came lately, where that was too often to tell each time. */
  readonly changes?: number
}

export interface Decision {
  readonly items: readonly Item[]
  /** What is told by it, to be put down with the delivery. */
  readonly told: readonly Pick<Told, 'incident' | 'event'>[]
  /** When there is something to tell next, if nothing else happens. */
  readonly nextAt?: Date
}

interface Candidate extends Item {
  /** When it happened. */
  readonly at: number
  readonly dueAt: number
  readonly told: Decision['told']
}

/**
 * @param incidents All open ones, and those that closed lately or of which not everything was told; in order of their numbers.
 * @param told Of this notifier.
 */
export function decide(policy: TellPolicy, incidents: readonly Incident[], told: readonly Told[], now: Date): Decision {
  const mine = incidents.filter((incident) => concerns(policy, incident))
  const toldOf = Map.groupBy(told, ({ incident }) => incident)
  const candidates = [...Map.groupBy(mine, ({ key }) => key).values()].flatMap((sameKey) =>
    candidatesOf(policy, sameKey, toldOf, now),
  )
  const due = candidates.filter(({ dueAt }) => dueAt <= now.getTime())
  // Whatever else happened goes along, unless it is held back for a reason of its own.
  const along =
    due.length === 0
      ? []
      : candidates.filter(({ at, dueAt }) => at <= now.getTime() && dueAt - at <= policy.groupWaitMs)
  const items = candidates.filter((one) => due.includes(one) || along.includes(one))
  const later = candidates.filter((one) => !items.includes(one)).map(({ dueAt }) => dueAt)
  return {
    items: items.map(({ incident, event, changes }) => ({
      incident,
      event,
      ...(changes !== undefined && { changes }),
    })),
    told: items.flatMap((one) => one.told),
    ...(later.length > 0 && { nextAt: new Date(Math.min(...later)) }),
  }
}

const concerns = ({ severity, of, since, name }: TellPolicy, incident: Incident): boolean =>
  !(incident.kind === 'notifier' && incident.name === name) &&
  (incident.closedAt === undefined || incident.closedAt >= since) &&
  (severity === 'warning' || incident.severity === 'critical') &&
  (of.length === 0 ||
    of.some((pattern) => [incident.name, incident.within].some((name) => name !== undefined && fits(pattern, name))))

function candidatesOf(
  policy: TellPolicy,
  sameKey: readonly Incident[],
  toldOf: ReadonlyMap<number, readonly Told[]>,
  now: Date,
): Candidate[] {
  const recent = sameKey.filter(({ openedAt }) => now.getTime() - openedAt.getTime() < flapping.withinMs)
  const wanted = sameKey.flatMap((incident): Candidate[] => {
    const candidate = candidateOf(policy, incident, toldOf.get(incident.number) ?? [])
    return candidate === undefined ? [] : [{ ...candidate, dueAt: afterQuiet(policy, candidate, now) }]
  })
  const last = sameKey.at(-1)
  const isCalm = recent.length < flapping.times || policy.failures !== undefined
  if (isCalm || last === undefined || wanted.length === 0) return wanted
  const at = (last.closedAt ?? last.openedAt).getTime()
  const heldSince = Math.min(...wanted.map((one) => (one.event === 'reminder' ? one.dueAt : one.at)))
  const one: Candidate = {
    incident: last,
    event: last.closedAt === undefined ? 'opened' : 'closed',
    changes: recent.length,
    at,
    dueAt: Math.min(at + flapping.settleMs, heldSince + flapping.longestMs[last.severity]),
    told: wanted.flatMap((each) => each.told),
  }
  return [{ ...one, dueAt: afterQuiet(policy, one, now) }]
}

/** What is to be told of one incident by itself; undefined where all was, or nothing is wanted. */
function candidateOf(policy: TellPolicy, incident: Incident, told: readonly Told[]): Candidate | undefined {
  const { number, openedAt, closedAt } = incident
  // An answer told it, with all that was found; what is left to tell is that it is still so.
  const isAnswered = incident.kind === 'alert'
  if (isAnswered && (closedAt !== undefined || told.length === 0)) return undefined
  const opened = isAnswered || told.some(({ event }) => event === 'opened')
  const base = (
    event: IncidentEvent,
    at: Date,
    waitMs: number,
    marks: readonly IncidentEvent[] = [event],
  ): Candidate => ({
    incident,
    event,
    at: at.getTime(),
    dueAt: at.getTime() + waitMs,
    told: marks.map((mark) => ({ incident: number, event: mark })),
  })
  if (!opened)
    return closedAt === undefined
      ? base('opened', openedAt, policy.groupWaitMs)
      : // It was over before anybody was told: one line says both.
        base('closed', openedAt, policy.groupWaitMs, ['opened', 'closed'])
  if (closedAt !== undefined) {
    if (!policy.resolved || told.some(({ event }) => event === 'closed')) return undefined
    return base('closed', closedAt, policy.groupWaitMs)
  }
  const last = new Date(Math.max(...told.map(({ at }) => at.getTime())))
  const failedAt = policy.failures?.get(incident.key)
  if (failedAt !== undefined) return failedAt > last ? base('reminder', failedAt, policy.groupWaitMs) : undefined
  if (policy.remindEveryMs === undefined) return undefined
  return base('reminder', last, policy.remindEveryMs)
}

/** What was held until now, and could have been told earlier by itself, disturbs nobody now either. */
function afterQuiet({ quiet }: TellPolicy, { dueAt, incident }: Candidate, now: Date): number {
  if (quiet === undefined || (incident.severity === 'critical' && !quiet.critical)) return dueAt
  return quietUntil(quiet, new Date(Math.max(dueAt, now.getTime())))?.getTime() ?? dueAt
}
