/** Takes what is to be sent out of the ledger and sends it. */

import { Metrics } from '../../config/schema/metrics.ts'
import type { Schema } from '../../config/schema-walk.ts'
import type { StoredPush } from '../../ledger/ledger.ts'
import { ok, type Result } from '../../model/problem.ts'
import type { PushTarget } from '../../model/push.ts'
import { pushGroup } from '../../outlets/metrics/push/gateway.ts'
import { type OtlpSettings, postOtlp } from '../../outlets/metrics/push/otlp.ts'
import type { Pushed } from '../../outlets/metrics/push/pushed.ts'
import type { ReceiverSettings } from '../../outlets/metrics/push/send.ts'
import { layFile } from '../../outlets/metrics/push/textfile.ts'
import { redactor } from '../../system/redact.ts'
import { pausedUntil } from '../../verdict/telling/retry.ts'
import type { App } from '../context.ts'
import { type LoadedSettings, loadSettings } from '../loaded-settings.ts'

/** Longer than a try takes, whatever its `timeout`: after that another process may take over. */
const leaseMs = 60_000

/** What is busy is asked every few minutes at least. */
const mostBusyPauses = 5

export interface PushIo {
  readonly signal: AbortSignal
  /** All that is told to a receiver of OTLP, as of now. */
  readonly otlp: () => Promise<Uint8Array>
}

/** One round, oldest first; where nobody answers, what else waits there is put off too. @returns How many were tried. */
export async function push(app: App, target: PushTarget, io: PushIo): Promise<number> {
  for (let tried = 0; ; tried += 1) {
    const timeout = target === 'textfile' ? 0 : (app.config.metrics[target]?.timeout ?? 0)
    const one = io.signal.aborted ? undefined : await app.ledger.claimPush(target, app.now(), leaseMs + timeout)
    if (one === undefined) return tried
    const sent = await send(app, one, io)
    await note(app, one, sent, io.signal)
  }
}

/** Settings of a receiver with their secrets; undefined where it is not configured. */
export async function settingsOf(
  app: App,
  target: 'pushgateway' | 'otlp',
): Promise<Result<LoadedSettings> | undefined> {
  const settings = app.config.metrics[target]
  if (settings === undefined) return undefined
  const loaded = await loadSettings(app, Metrics as Schema, { [target]: settings })
  if (!loaded.ok) return loaded
  return ok({ ...loaded.value, settings: loaded.value.settings[target] as LoadedSettings['settings'] })
}

async function send(app: App, one: StoredPush, io: PushIo): Promise<Pushed> {
  const { target } = one
  if (target === 'textfile') return layFile(one.place, one)
  const loaded = await settingsOf(app, target)
  if (loaded === undefined) return { ok: true, answer: 'not configured any more' }
  if (!loaded.ok) return { ok: false, problem: loaded.problem, trouble: 'later' }
  const { settings, secrets } = loaded.value
  const sent =
    target === 'pushgateway'
      ? await pushGroup(settings as unknown as ReceiverSettings, one, io.signal)
      : await postOtlp(settings as unknown as OtlpSettings, await io.otlp(), io.signal)
  // Others may repeat what we sent them.
  const redact = redactor(secrets)
  if (sent.ok) return { ...sent, answer: redact(sent.answer) }
  return {
    ...sent,
    problem: { ...sent.problem, message: redact(sent.problem.message) },
    ...(sent.answer !== undefined && { answer: redact(sent.answer) }),
  }
}

async function note(app: App, one: StoredPush, sent: Pushed, signal: AbortSignal): Promise<void> {
  const at = app.now()
  const what = { target: one.target, ...(one.job !== undefined && { job: one.job }) }
  const name = `${one.target}${one.key === '' ? '' : ` ${one.key}`}`
  if (sent.ok) {
    await app.ledger.notePush(one, {
      state: 'kept',
      at,
      answer: sent.answer,
      ...(sent.at !== undefined && { keptThere: sent.at }),
    })
    app.log.debug(what, `${name}: ${one.method === 'delete' ? 'deleted' : 'told'}`)
    return
  }
  const { problem, answer, trouble, retryAfterMs } = sent
  const told = { at, problem, ...(answer !== undefined && { answer }) }
  // We ended it ourselves: whoever comes next tries it at once.
  if (signal.aborted) return app.ledger.notePush(one, { ...told, state: 'pending', nextAt: at })
  if (trouble === 'never') {
    await app.ledger.notePush(one, { ...told, state: 'refused' })
    app.log.error({ ...what, problem: problem.code }, `${name} was refused: ${problem.message} ${problem.next}`)
    return
  }
  // Only what it answered counts, and never for long: who was away and then is busy for a moment is asked again soon.
  const isBusyAgain = one.problem?.code === problem.code
  const attempts = trouble === 'later' ? (isBusyAgain ? Math.min(one.attempts, mostBusyPauses) : 1) : one.attempts
  const nextAt = pausedUntil({ trouble, attempts, retryAfterMs }, at, Math.random())
  await app.ledger.notePush(one, { ...told, state: 'pending', nextAt })
  app.log.warn({ ...what, problem: problem.code }, `${name} was not told yet: ${problem.message}`)
}
