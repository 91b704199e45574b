/** Asks everybody who may know something about a group of alerts. */
import type { Diagnosis, PlatformFacts } from '../../model/diagnosis.ts'
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
  const isOwn = own.parts.length > 0 || own.repositories.length > 0
  const theirs: PlatformFacts | undefined =
    platform === undefined || isOwn ? undefined : await platform.facts(planIds(diagnosis), signal)
  for (const note of theirs?.notes ?? []) app.log.info({ diagnosis: diagnosis.id }, note)
  const nobody = !isOwn && theirs === undefined
  return {
    repositories: own.repositories,
    facts: {
      alerts: diagnosis.alerts,
      plans: theirs?.plans ?? [],
      parts: [...own.parts, ...(theirs?.parts ?? [])],
      problems: [...(theirs?.problem === undefined ? [] : [theirs.problem]), ...(nobody ? [unknownBackup] : [])],
      repositories: standing.repositories
        .filter(({ name }) => own.repositories.includes(name))
        .map(({ name, findings, space }) => ({
          name,
          history: findings.map(({ message }) => message),
          ...(space?.verdict && { room: space.verdict.reason }),
        })),
      notes: theirs?.notes ?? [],
      isPlatform: theirs !== undefined,
      windowMs: theirs === undefined ? usualWindowMs : (platform?.windowMs ?? usualWindowMs),
      now: app.now(),
    },
  }
}

const unknownBackup = {
  code: 'diagnosis.unknown-backup',
  message: 'No job, repository or host of this configuration is named by the labels of the alert.',
  next: 'Name the repository of that backup in muster.yaml, so that Muster can look at it; or take the alert out of `inbox.alerts`.',
  retry: 'never',
} as const
