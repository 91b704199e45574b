/** Takes messages out of the outbox and hands them on, until they are taken or given up. */
import { setTimeout as pause } from 'node:timers/promises'
import { Notify } from '../../config/schema/notify.ts'
import type { Schema } from '../../config/schema-walk.ts'
import type { Delivery } from '../../model/delivery.ts'
import type { Notifier, Sent } from '../../outlets/notify/notifier.ts'
import { notifiers } from '../../outlets/notify/notifiers/registry.generated.ts'
import { newId } from '../../system/id.ts'
import { redactor } from '../../system/redact.ts'
import { nextTry } from '../../verdict/telling/retry.ts'
import type { App } from '../context.ts'
import { loadSettings } from '../loaded-settings.ts'

/** Longer than a try takes, whatever its `timeout`: after that another process may take over. */
const leaseMs = 100_000

export interface Round {
  /** How many were tried. */
  readonly tried: number
  /** Notifiers where nobody answered. */
  readonly away: readonly string[]
}

/** One round for every notifier, side by side. */
export async function deliver(app: App, signal: AbortSignal, only?: readonly string[]): Promise<Round> {
  const names = only ?? Object.keys(app.config.notify)
  const rounds = await Promise.all(names.map((name) => deliverTo(app, name, signal)))
  return {
    tried: rounds.reduce((sum, { tried }) => sum + tried, 0),
    away: names.filter((_, at) => rounds[at]?.away.length !== 0),
  }
}

/** Oldest first; where nobody answers, the rest waits for the next round. */
async function deliverTo(app: App, name: string, signal: AbortSignal): Promise<Round> {
  const timeout = app.config.notify[name]?.timeout ?? 0
  for (let tried = 0; ; tried += 1) {
    const delivery = signal.aborted ? undefined : await app.ledger.claimDelivery(name, app.now(), leaseMs + timeout)
    if (delivery === undefined) return { tried, away: [] }
    const sent = await send(app, delivery, signal)
    // We ended it ourselves: whoever comes next tries it at once, with the same id.
    if (signal.aborted && !sent.ok) {
      const { problem } = delivery
      const now = app.now()
      const kept = { ...(problem && { problem }), ...(sent.parts && { parts: sent.parts }) }
      await app.ledger.noteAttempt(delivery.id, { ...kept, state: 'pending', at: now, nextAt: now })
      return { tried: tried + 1, away: [] }
    }
    await note(app, delivery, sent)
    if (!sent.ok && sent.trouble === 'unreachable') return { tried: tried + 1, away: [name] }
  }
}

async function send(app: App, { id, notifier: name, message, parts }: Delivery, signal: AbortSignal): Promise<Sent> {
  const notify = app.config.notify[name]
  if (notify === undefined) return gone(name)
  const loaded = await loadSettings(app, Notify as Schema, notify)
  if (!loaded.ok) return { ok: false, problem: loaded.problem, trouble: 'unreachable' }
  const redact = redactor(loaded.value.secrets)
  const notifier: Notifier = await notifiers[notify.kind as keyof typeof notifiers]()
  const sent = await notifier.send(
    loaded.value.settings as never,
    { id, message, ...(parts && { parts }) },
    { signal, timeLimitMs: notify.timeout, env: app.env, redact },
  )
  // Others may repeat what we sent them.
  if (sent.ok) return { ok: true, answer: redact(sent.answer) }
  const { problem, answer } = sent
  return {
    ...sent,
    problem: { ...problem, message: redact(problem.message) },
    ...(answer !== undefined && { answer: redact(answer) }),
  }
}

async function note(app: App, delivery: Delivery, sent: Sent): Promise<void> {
  const at = app.now()
  const { id, notifier, attempts, madeAt } = delivery
  if (sent.ok) {
    await app.ledger.noteAttempt(id, { state: 'delivered', at, answer: sent.answer })
    app.log.info({ notifier, delivery: id }, `told ${notifier}: ${delivery.message.title}`)
    return
  }
  const { problem, answer, trouble, retryAfterMs, parts } = sent
  const refusals = (delivery.refusals ?? 0) + (trouble === 'later' ? 1 : 0)
  const nextAt = nextTry({ trouble, attempts, refusals, madeAt, retryAfterMs }, at, Math.random())
  const told = { at, problem, refusals, ...(answer !== undefined && { answer }), ...(parts && { parts }) }
  if (nextAt !== undefined) {
    await app.ledger.noteAttempt(id, { ...told, state: 'pending', nextAt })
    app.log.warn({ notifier, delivery: id, problem: problem.code }, `${notifier} was not told yet: ${problem.message}`)
    return
  }
  const fallback = app.config.notify[notifier]?.fallback
  // What was handed on once is not handed on again, or two that are both away would do so for ever.
  const instead: Delivery | undefined =
    fallback === undefined || delivery.insteadOf !== undefined
      ? undefined
      : {
          id: newId(at),
          notifier: fallback,
          message: delivery.message,
          madeAt: at,
          state: 'pending',
          attempts: 0,
          nextAt: at,
          insteadOf: notifier,
        }
  await app.ledger.noteAttempt(id, { ...told, state: 'dead', ...(instead && { instead }) })
  app.log.error(
    { notifier, delivery: id, problem: problem.code },
    `${notifier} was never told${instead === undefined ? '' : `, ${fallback} is`}: ${problem.message}`,
  )
}

const gone = (name: string): Sent => ({
  ok: false,
  trouble: 'never',
  problem: {
    code: 'notify.gone',
    message: `There is no notifier ${name} in the configuration any more.`,
    next: 'Nothing, if it was taken out on purpose.',
    retry: 'never',
  },
})

/**
 * Delivers what is due until nothing is, or until so long has passed: for a process that is about to end. Whoever does not answer
 * is not asked again.
 */
export async function deliverAll(app: App, signal: AbortSignal, mostMs: number): Promise<void> {
  const end = AbortSignal.any([signal, AbortSignal.timeout(mostMs)])
  let names = Object.keys(app.config.notify)
  while (!end.aborted && names.length > 0) {
    const { tried, away } = await deliver(app, end, names)
    if (tried === 0) return
    names = names.filter((name) => !away.includes(name))
    await pause(0)
  }
}
