/** What became of a backup as a whole. Pure. */
import type { DiagnosisOutcome, Part, Probe, Soundness } from '../../model/diagnosis.ts'

/**
 * As ns8-backup-monitor has it: all well, some, none; no status at all is a failure where somebody was asked and knows of none.
 * What nobody could be asked about is neither.
 * @param isAsked Whether everybody who knows could be asked.
 */
export function outcomeOf(parts: readonly Pick<Part, 'state'>[], isAsked: boolean): DiagnosisOutcome {
  if (parts.length === 0) return isAsked ? 'REPO_FAILURE' : 'UNKNOWN'
  const is = (...states: readonly Part['state'][]): number => parts.filter(({ state }) => states.includes(state)).length
  const [good, bad, unknown] = [is('ok'), is('failed', 'missing'), is('unknown')]
  if (bad === parts.length) return 'REPO_FAILURE'
  if (good === parts.length) return isAsked ? 'SUCCESS' : 'UNKNOWN'
  // Nothing is known to be bad, and not everything to be good.
  if (good + unknown === parts.length) return 'UNKNOWN'
  // Of all that is known everything failed.
  if (bad + unknown === parts.length) return isAsked ? 'REPO_FAILURE' : 'PARTIAL'
  return 'PARTIAL'
}

/**
 * A success from before what the alarm is about proves nothing: on a platform a run that never began writes no status at all, and one
 * that waited in vain for a lock does not either. Of a job of Muster's own nobody knows then who is right.
 */
export function asOfAlarm(part: Part, alarmAt: Date, windowMs: number): Part {
  if (part.state !== 'ok' || part.at === undefined || alarmAt.getTime() - part.at.getTime() <= windowMs) return part
  const state = part.source === 'ledger' ? 'unknown' : 'missing'
  return { ...part, state, lastGood: part.lastGood ?? part.at }
}

/** Who cannot open a repository has no backup in it, whatever was known before. */
const unusable: readonly Soundness[] = ['damaged', 'credentials', 'host key', 'gone', 'unreachable']

/** What Muster's own ledger knows is as it looks now. */
export function asProbed(part: Part, probes: readonly Probe[]): Part {
  if (part.source !== 'ledger' || part.state === 'failed') return part
  const probe = probes.find(({ repository }) => repository === part.repository)
  if (probe === undefined || probe.soundness === 'sound' || probe.soundness === 'empty') return part
  const isItself = part.kind === 'repository' && part.name === part.repository
  if (probe.soundness === 'unknown') return isItself || part.state === 'ok' ? { ...part, state: 'unknown' } : part
  if (!isItself && !unusable.includes(probe.soundness)) return part
  return { ...part, state: 'failed', ...(probe.problem && { problem: probe.problem }) }
}
