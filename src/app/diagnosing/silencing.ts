/** Alerts that were answered become silent where that is wanted; whoever cannot be reached holds no answer up. */
import { setTimeout as pause } from 'node:timers/promises'
import { Diagnose } from '../../config/schema/diagnose.ts'
import type { Schema } from '../../config/schema-walk.ts'
import type { Diagnosis, Finding } from '../../model/diagnosis.ts'
import type { Problem } from '../../model/problem.ts'
import { type Silencer, silence } from '../../outlets/alertmanager/silence.ts'
import { redactor } from '../../system/redact.ts'
import { incidentOf, nameOf } from '../../verdict/diagnosis/answer.ts'
import type { App } from '../context.ts'
import { loadSettings } from '../loaded-settings.ts'

const timeLimitMs = 10_000
/** Between tries; after the last nobody is silenced, and the answer is there all the same. */
const usualPauses = [1_000, 5_000, 30_000]

/** @returns Why nobody was silenced; undefined where that is done, or not wanted. */
export async function silenceAnswered(
  app: App,
  diagnosis: Diagnosis,
  finding: Finding,
  signal: AbortSignal,
  pausesMs: readonly number[] = usualPauses,
): Promise<Problem | undefined> {
  const settings = app.config.diagnose.alertmanager
  if (settings === undefined || finding.outcome === 'SUCCESS') return undefined
  if (!diagnosis.alerts.some(({ status }) => status === 'firing')) return undefined
  const from = app.now()
  const until = new Date(from.getTime() + settings.silence)
  const { name, reason } = incidentOf(diagnosis, finding, app.now()) ?? {
    name: nameOf(diagnosis.alerts, finding),
    reason: '',
  }
  const answer = redactor([])(`${name}: ${finding.outcome}, ${finding.cause}. ${reason}`)
  let problem: Problem | undefined
  for (const pauseMs of [0, ...pausesMs]) {
    await pause(pauseMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return problem
    const loaded = await loadSettings(app, Diagnose as Schema, { alertmanager: settings })
    if (!loaded.ok) return told(app, loaded.problem)
    const { alertmanager } = loaded.value.settings as { alertmanager: Silencer }
    const wish = { id: diagnosis.id, alerts: diagnosis.alerts, answer, from, until }
    const done = await silence(alertmanager, wish, { signal, timeLimitMs })
    if (done.ok) {
      if (done.value.silenced > 0)
        app.log.info({ silences: done.value.silenced }, 'alerts that were answered are silent')
      return undefined
    }
    problem = done.problem
    if (problem.retry === 'never') break
  }
  return problem && told(app, problem)
}

function told(app: App, problem: Problem): Problem {
  app.log.warn({ problem: problem.code }, `${problem.message} ${problem.next}`)
  return problem
}
