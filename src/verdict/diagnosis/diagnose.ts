/** From the facts about a group of alerts to outcome, cause, evidence and what to do. Pure. */
import type { SortedAlert } from '../../model/alert.ts'
import {
  type Cause,
  causes,
  type Evidence,
  type FactSource,
  type Finding,
  type Part,
  type Plan,
  type Probe,
} from '../../model/diagnosis.ts'
import type { Problem } from '../../model/problem.ts'
import { sayDuration } from '../../model/units.ts'
import { causeOfProblem, causeOfSoundness } from './cause-of-code.ts'
import { causeOfText } from './cause-of-text.ts'
import { nextFor } from './next.ts'
import { asOfAlarm, asProbed, outcomeOf } from './outcome.ts'

export interface DiagnosisFacts {
  readonly alerts: readonly SortedAlert[]
  readonly plans: readonly Plan[]
  readonly parts: readonly Part[]
  readonly probes: readonly Probe[]
  /** Who could not be asked, and why. */
  readonly problems: readonly Problem[]
  /** What is open about the history of repositories it is about, and room that runs out there. */
  readonly repositories: readonly {
    readonly name: string
    readonly history: readonly string[]
    readonly room?: string
  }[]
  /** What else was noticed while asking. */
  readonly notes: readonly string[]
  /** Whether a platform runs these backups, and not Muster. */
  readonly isPlatform: boolean
  /** How long before the alarm a success may be and still be of the run that it is about. */
  readonly windowMs: number
  readonly now: Date
}

interface Hint extends Evidence {
  readonly cause: Cause
  /** What was said when it failed counts most, then what is seen now, then what the pattern of it all suggests. */
  readonly weight: 1 | 2 | 3 | 4 | 5
}

/** Alerts that say by their name what is wrong. Names: ns8-backup-monitor, and `muster rules`. */
const byAlertName: Readonly<Record<string, Cause>> = {
  NsBackupMissing: 'schedule did not fire',
  MusterSetLate: 'schedule did not fire',
  MusterSetsMissing: 'schedule did not fire',
  MusterJobLate: 'schedule did not fire',
  MusterJobMissing: 'schedule did not fire',
  MusterJobNeverRan: 'schedule did not fire',
  MusterLockOld: 'lock',
  MusterSpaceLow: 'space',
  MusterSpaceSoonFull: 'space',
  MusterHistoryFindings: 'history changed',
  MusterSetAhead: 'history changed',
  MusterGuardStopped: 'source',
  MusterJobWarnings: 'partial',
  MusterJobInterrupted: 'host offline',
}

export function diagnose(facts: DiagnosisFacts): Finding {
  const { alerts, plans, probes, problems, windowMs, now, isPlatform } = facts
  const firing = alerts.filter(({ status }) => status === 'firing')
  const alarmAt = firing.length === 0 ? now : new Date(Math.max(...firing.map(({ startsAt }) => startsAt.getTime())))
  const parts = facts.parts.map((part) => asProbed(asOfAlarm(part, alarmAt, windowMs), probes))
  const outcome = outcomeOf(parts, problems.length === 0)
  const could = problems.map(({ message }): Evidence => ({ text: message, source: isPlatform ? 'redis' : 'ledger' }))
  const noted = facts.notes.map((text): Evidence => ({ text, source: isPlatform ? 'redis' : 'ledger' }))
  const base = { outcome, plans, parts, probes }
  if (outcome === 'SUCCESS') {
    const evidence: Evidence[] = parts.slice(0, 20).map((part) => ({ text: sayOk(part, now), source: part.source }))
    return { ...base, cause: 'false alarm', evidence: [...evidence, ...noted], next: nextFor('false alarm', facts) }
  }
  const hints = hintsOf({ ...facts, parts })
  const best = strongest(hints)
  const cause = best ?? 'unknown'
  const order = hints.toSorted((a, b) => Number(b.cause === cause) - Number(a.cause === cause) || b.weight - a.weight)
  const evidence = order.map(({ text, source }) => ({ text, source }))
  return {
    ...base,
    cause,
    // What speaks for the cause stands first.
    evidence: unique([
      ...(best === undefined ? [...could, ...evidence] : [...evidence, ...could]),
      ...silent(parts),
      ...noted,
    ]).slice(0, 40),
    next:
      (best === undefined ? problems.find(({ next }) => next !== '')?.next : undefined) ??
      nextFor(cause, { parts, probes, isPlatform }),
  }
}

const sayOk = ({ kind, name, at }: Part, now: Date): string =>
  `${kind} ${name} ended well${at === undefined ? '' : ` ${sayDuration(Math.max(1_000, now.getTime() - at.getTime()))} ago`}`

/** What did not go well, and nobody says why. */
const silent = (parts: readonly Part[]): Evidence[] =>
  parts.flatMap(({ kind, name, state, errors, message, problem, source }) =>
    state === 'ok' || kind === 'alert' || message !== undefined || problem !== undefined
      ? []
      : [
          {
            text: `${kind} ${name}: ${state}${errors === undefined || errors === 0 ? '' : `, ${errors} error${errors === 1 ? '' : 's'}`}`,
            source,
          },
        ],
  )

const unique = (evidence: readonly Evidence[]): Evidence[] => [
  ...new Map(evidence.map((one) => [`${one.source} ${one.text}`, one])).values(),
]

/** The cause with the strongest hint; of several the one that more of them speak for. */
function strongest(hints: readonly Hint[]): Cause | undefined {
  const most = Math.max(0, ...hints.map(({ weight }) => weight))
  if (most === 0) return undefined
  const counts = new Map<Cause, number>()
  for (const { cause, weight } of hints) if (weight === most) counts.set(cause, (counts.get(cause) ?? 0) + 1)
  return [...counts].toSorted(([a, x], [b, y]) => y - x || causes.indexOf(a) - causes.indexOf(b))[0]?.[0]
}

function hintsOf(facts: DiagnosisFacts): Hint[] {
  const bad = facts.parts.filter(({ state }) => state !== 'ok')
  return [
    ...bad.flatMap(partHints),
    ...facts.probes.flatMap((probe) => probeHints(probe, bad)),
    ...facts.repositories.flatMap(repositoryHints),
    ...facts.alerts.filter(({ status }) => status === 'firing').flatMap(alertHints),
    ...planHints(facts.plans, bad),
    ...nodeHints(facts.parts),
    ...shapeHints(bad, facts.probes),
  ]
}

/** What was written down when it failed. */
function partHints({ kind, name, problem, message, source, state }: Part): Hint[] {
  const what = `${kind} ${name}`
  const hints: Hint[] = []
  if (problem !== undefined)
    hints.push({ cause: causeOfProblem(problem, message), weight: 5, source, text: `${what}: ${problem.message}` })
  const said = message === undefined ? undefined : causeOfText(message)
  if (message !== undefined && problem === undefined && state !== 'missing')
    hints.push(
      said === undefined
        ? { cause: 'tool error', weight: 1, source, text: `${what} said: ${message}` }
        : { cause: said, weight: 4, source, text: `${what} said: ${message}` },
    )
  if (state === 'warning' && problem === undefined)
    hints.push({ cause: 'partial', weight: 3, source, text: `${what} made a snapshot, and left something out` })
  return hints
}

/** What is seen now; of a part that is well it explains nothing. */
function probeHints({ part, repository, soundness, problem, words }: Probe, bad: readonly Part[]): Hint[] {
  if (part !== undefined && !bad.some(({ name }) => name === part)) return []
  const seen = problem?.code === 'probe.timed-out' ? 'network' : causeOfSoundness[soundness]
  const text = `${repository}: ${problem?.message ?? soundness}`
  if (seen === undefined) return []
  // A server that refuses is told from a network that does not carry by what was said.
  const cause =
    soundness === 'unreachable' && causeOfText(`${problem?.message ?? ''}\n${words ?? ''}`) === 'network'
      ? 'network'
      : seen
  return [{ cause, weight: soundness === 'tool error' || soundness === 'unknown' ? 2 : 3, source: 'probe', text }]
}

function repositoryHints({ name, history, room }: DiagnosisFacts['repositories'][number]): Hint[] {
  return [
    ...history.map(
      (text): Hint => ({ cause: 'history changed', weight: 3, source: 'ledger', text: `${name}: ${text}` }),
    ),
    ...(room === undefined ? [] : [{ cause: 'space', weight: 2, source: 'ledger', text: `${name}: ${room}` } as const]),
  ]
}

function alertHints({ labels, annotations }: SortedAlert): Hint[] {
  const name = labels.alertname ?? 'an alert'
  const source: FactSource = 'alert'
  const named =
    byAlertName[name] ??
    (/(?:missing|absent|late|overdue|notrun|stale)/i.test(name) ? 'schedule did not fire' : undefined)
  const said = [
    annotations.description_en,
    annotations.summary_en,
    annotations.description,
    annotations.summary,
    annotations.message,
    labels.reason,
    labels.error,
  ]
    .filter((text) => text !== undefined)
    .join(' ')
  const text = said === '' ? `alert ${name}` : `alert ${name}: ${said}`
  if (named !== undefined) return [{ cause: named, weight: 2, source, text }]
  // A rule describes all its cases with the same words: only what is precise says anything.
  const heard = causeOfText(said)
  const isPrecise = heard !== undefined && !['tool error', 'source', 'schedule did not fire', 'partial'].includes(heard)
  return isPrecise ? [{ cause: heard, weight: 2, source, text }] : []
}

function planHints(plans: readonly Plan[], bad: readonly Part[]): Hint[] {
  if (bad.some(({ state }) => state === 'failed')) return []
  return plans.flatMap(({ id, name, enabled }): Hint[] =>
    enabled === false
      ? [{ cause: 'schedule did not fire', weight: 3, source: 'redis', text: `plan ${name ?? id} is switched off` }]
      : [],
  )
}

/** All that a machine should have written is missing, and others wrote theirs. */
function nodeHints(parts: readonly Part[]): Hint[] {
  const byNode = Map.groupBy(
    parts.filter(({ node }) => node !== undefined),
    ({ node }) => node ?? '',
  )
  if (byNode.size < 2) return []
  const silent = [...byNode].filter(([, own]) => own.every(({ state }) => state === 'missing'))
  if (silent.length === byNode.size) return []
  return silent.map(
    ([node, own]): Hint => ({
      cause: 'host offline',
      weight: 3,
      source: own[0]?.source ?? 'redis',
      text: `nothing came from ${node}, while others wrote theirs`,
    }),
  )
}

/** What the pattern of it all suggests, where nobody said anything. */
function shapeHints(bad: readonly Part[], probes: readonly Probe[]): Hint[] {
  return bad.flatMap(({ kind, name, state, at, errors, problem, message, source, repository }): Hint[] => {
    const what = `${kind} ${name}`
    if (state === 'missing')
      return [{ cause: 'schedule did not fire', weight: 1, source, text: `${what} wrote no status of this run` }]
    if (state !== 'failed' || problem !== undefined || message !== undefined) return []
    const probe = probes.find((one) => one.part === name) ?? probes.find((one) => one.repository === repository)
    if (probe?.soundness !== 'sound' && probe?.soundness !== 'empty') return []
    const count = errors === undefined ? '' : ` with ${errors} error${errors === 1 ? '' : 's'}`
    const newest = probe.newestAt
    // It wrote what it could: the run itself left a snapshot behind.
    if (newest !== undefined && at !== undefined && Math.abs(at.getTime() - newest.getTime()) < 2 * 3_600_000)
      return [
        {
          cause: 'partial',
          weight: 1,
          source: 'probe',
          text: `${what} ended${count}, and left a snapshot of that run`,
        },
      ]
    return [
      {
        cause: 'source',
        weight: 1,
        source: 'probe',
        text: `${what} failed${count}, and its repository is sound: what it backs up is to blame`,
      },
    ]
  })
}
