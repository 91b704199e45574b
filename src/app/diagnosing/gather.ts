/** Asks everybody who may know something about a group of alerts. */
import type { SortedAlert } from '../../model/alert.ts'
import type { Diagnosis, Part, PlatformFacts } from '../../model/diagnosis.ts'
import { usualNames } from '../../model/matcher.ts'
import type { Standing } from '../../model/standing.ts'
import type { DiagnosisFacts } from '../../verdict/diagnosis/diagnose.ts'
import { ownParts } from '../../verdict/diagnosis/own.ts'
import type { App } from '../context.ts'
import type { Platform } from './platform.ts'

export interface Gathered {
  readonly facts: Omit<DiagnosisFacts, 'probes'>
  /** Of this configuration. */
  readonly repositories: readonly string[]
}

/** A success may be so much older than an alarm and still be of the same run, where no platform says otherwise. */
const usualWindowMs = 3_600_000

/** Plans of the platform, as labels name them: whoever fired the alert may have put anything there. */
export const planIds = ({ alerts, group }: Pick<Diagnosis, 'alerts' | 'group'>): readonly string[] => [
  ...new Set([
    ...alerts.flatMap(({ labels }) => [labels.backup_id, labels.id].filter((id) => id !== undefined)),
    ...(group.startsWith('plan/') ? [group.slice('plan/'.length)] : []),
  ]),
]

export async function gather(
  app: App,
  diagnosis: Diagnosis,
  standing: Standing,
  platform: Platform | undefined,
  signal: AbortSignal,
): Promise<Gathered> {
  const own = ownParts(standing, diagnosis.alerts)
  // Whatever is not ours, the platform may know.
  const asked = own.others.length > 0 || own.parts.length > 0 ? own.others : diagnosis.alerts
  const theirs: PlatformFacts | undefined =
    platform === undefined || (asked.length === 0 && own.parts.length > 0)
      ? undefined
      : await platform.facts(planIds({ ...diagnosis, alerts: asked }), signal)
  for (const note of theirs?.notes ?? []) app.log.info({ diagnosis: diagnosis.id }, note)
  // It knows its own backups, and nothing of what a user's own matchers bring here.
  const strangers = own.others.filter((alert) => theirs === undefined || !isOfPlatform(alert)).map(stranger)
  const nobody = theirs === undefined && own.parts.length === 0
  const isOurs = diagnosis.alerts.every(({ labels }) => labels.alertname?.startsWith('Muster') === true)
  return {
    repositories: own.repositories,
    facts: {
      alerts: diagnosis.alerts,
      plans: theirs?.plans ?? [],
      parts: [...own.parts, ...(theirs?.parts ?? []), ...silentPlans(asked, theirs), ...unique(strangers)],
      problems: [
        ...(theirs?.problem === undefined ? [] : [theirs.problem]),
        ...(strangers.length > 0 || nobody ? [unknownBackup] : []),
      ],
      repositories: standing.repositories
        .filter(({ name }) => own.repositories.includes(name))
        .map(({ name, findings, space }) => ({
          name,
          history: findings.map(({ message }) => message),
          ...(space?.verdict && { room: space.verdict.reason }),
        })),
      notes: theirs?.notes ?? [],
      isPlatform: theirs !== undefined,
      // What Muster's own rules say comes from what it knows: how old that may be, its verdict has weighed.
      windowMs: isOurs ? Number.POSITIVE_INFINITY : (platform?.windowMs ?? usualWindowMs),
      now: app.now(),
    },
  }
}

const isOfPlatform = ({ labels }: SortedAlert): boolean =>
  labels.backup_id !== undefined || labels.id !== undefined || usualNames.some((name) => name === labels.alertname)

/** What may be an id of a plan; of anything else nobody was asked. */
const id = /^\w[\w-]{0,63}$/

/** A plan that an alert names and that nothing is known of is not well because another one is. */
function silentPlans(asked: readonly SortedAlert[], theirs: PlatformFacts | undefined): Part[] {
  if (theirs === undefined || theirs.parts.length === 0) return []
  const told = new Set(theirs.parts.map(({ plan }) => plan))
  return planIds({ alerts: asked, group: '' })
    .filter((plan) => !told.has(plan))
    .map((plan) => {
      const state = id.test(plan) ? 'missing' : 'unknown'
      return { kind: 'alert', name: `plan ${plan.slice(0, 64)}`, plan: plan.slice(0, 64), state, source: 'redis' }
    })
}

/** What nobody here knows stands among the parts: it is neither well nor ill. */
function stranger({ labels }: SortedAlert): Part {
  const of = [labels.instance ?? labels.host ?? labels.node, labels.job, labels.name].filter(
    (text) => text !== undefined,
  )
  const name = `${labels.alertname ?? 'an alert'}${of.length === 0 ? '' : ` of ${of[0]}`}`
  return { kind: 'alert', name: name.slice(0, 200), state: 'unknown', source: 'alert' }
}

const unique = (parts: readonly Part[]): Part[] => [...new Map(parts.map((part) => [part.name, part])).values()]

const unknownBackup = {
  code: 'diagnosis.unknown-backup',
  message: 'An alert names no job, repository or host of this configuration, so nobody here knows whether it is right.',
  next: 'Name the repository of that backup in muster.yaml, so that Muster can look at it; or take the alert out of `inbox.alerts`.',
  retry: 'never',
} as const
