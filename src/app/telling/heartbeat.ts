/** Signs of life, given only while Muster works and whoever it tells is reached: silence there is the alarm of last resort. */
import { setTimeout as pause } from 'node:timers/promises'
import { Heartbeat } from '../../config/schema/heartbeat.ts'
import type { Schema } from '../../config/schema-walk.ts'
import type { Problem } from '../../model/problem.ts'
import type { Secret } from '../../model/secret.ts'
import type { HeartbeatStanding, Standing } from '../../model/standing.ts'
import { isHeard } from '../../model/trouble.ts'
import { exchange, isOfUnknownAuthority } from '../../system/exchange.ts'
import { redactor } from '../../system/redact.ts'
import type { App } from '../context.ts'
import { loadSettings } from '../loaded-settings.ts'

const key = 'heartbeat'
/** After one that did not arrive the next is given soon, however seldom they are. */
const againMs = 30_000

interface Beat {
  readonly lastGood?: string
  readonly problem?: Problem
}

/** What became of the signs so far; undefined where none is wanted. */
export async function heartbeatOf(app: App): Promise<HeartbeatStanding | undefined> {
  const settings = app.config.heartbeat
  if (settings === undefined) return undefined
  const { since } = await app.ledger.scheduleMark(key, app.now())
  const text = await app.ledger.readMeta(key)
  const { lastGood, problem } = (text === undefined ? {} : JSON.parse(text)) as Beat
  return {
    everyMs: settings.every,
    since,
    ...(lastGood !== undefined && { lastGood: new Date(lastGood) }),
    ...(problem && { problem }),
  }
}

/** Gives one sign, or withholds it where a notifier is not heard. @returns Whether it arrived. */
export async function beat(
  app: App,
  standing: Pick<Standing, 'notifiers' | 'now'>,
  signal: AbortSignal,
): Promise<boolean> {
  const settings = app.config.heartbeat
  if (settings === undefined) return false
  const unheard = (standing.notifiers ?? []).filter((notifier) => !isHeard(notifier, standing.now))
  if (unheard.length > 0) {
    app.log.warn({}, `no sign of life is given: ${unheard.map(({ name }) => name).join(', ')} cannot be told anything`)
    return false
  }
  const problem = await give(app, settings, signal)
  if (signal.aborted) return false
  const before = await heartbeatOf(app)
  const lastGood = problem === undefined ? app.now() : before?.lastGood
  const beaten: Beat = { ...(lastGood && { lastGood: lastGood.toISOString() }), ...(problem && { problem }) }
  await app.ledger.writeMeta(key, JSON.stringify(beaten))
  if (problem !== undefined) app.log.warn({ problem: problem.code }, problem.message)
  return problem === undefined
}

async function give(app: App, settings: Heartbeat, signal: AbortSignal): Promise<Problem | undefined> {
  const loaded = await loadSettings(app, Heartbeat as Schema, settings)
  if (!loaded.ok) return loaded.problem
  const { url, ca } = loaded.value.settings as unknown as { url: Secret; ca?: string }
  const answer = await exchange({ url, method: 'GET', ca }, { signal, timeLimitMs: settings.timeout })
  const redact = redactor(loaded.value.secrets)
  const failed = (why: string, next: string): Problem => ({
    code: 'heartbeat.failed',
    message: redact(`No sign of life arrived: ${why}.`),
    next,
    retry: 'soon',
  })
  if (answer.kind === 'address') return failed('its address is no URL', 'Correct heartbeat.url in the configuration.')
  if (answer.kind === 'ca') return failed(`${answer.file} cannot be read: ${answer.why}`, 'Correct heartbeat.ca.')
  if (answer.kind === 'unreachable')
    return failed(
      `${answer.host} cannot be reached: ${answer.why}`,
      isOfUnknownAuthority(answer.why)
        ? 'Name the file with the authority of its certificate as `ca` of the heartbeat.'
        : 'Look at the network and at whoever listens there.',
    )
  if (answer.status < 200 || answer.status >= 300 || /\bnot found\b/i.test(answer.text))
    return failed(
      `${answer.host} answered HTTP ${answer.status} ${redact(answer.text).slice(0, 100)}`,
      'Correct heartbeat.url.',
    )
  return undefined
}

/** As long as the loops of a daemon get through. @param isWell Whether they do. */
export async function startHeartbeat(
  current: () => App,
  isWell: () => boolean,
  standing: () => Promise<Standing>,
  signal: AbortSignal,
): Promise<void> {
  let next = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    await pause(1_000, undefined, { signal }).catch(() => undefined)
    const app = current()
    const settings = app.config.heartbeat
    if (signal.aborted || settings === undefined || !isWell()) continue
    if (performance.now() < next) continue
    next = performance.now() + Math.min(settings.every, againMs)
    try {
      if (await beat(app, await standing(), signal)) next = performance.now() + settings.every
    } catch (error) {
      app.log.warn({ error }, `no sign of life can be given: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
