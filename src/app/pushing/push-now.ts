/** One round of handing on, within a bound. */
import { type PushTarget, pushTargets } from '../../model/push.ts'
import type { Standing } from '../../model/standing.ts'
import type { App } from '../context.ts'
import { openStandings } from '../standing/keeper.ts'
import { findLost } from './lost.ts'
import { otlpOf } from './otlp.ts'
import { type PushIo, push } from './push.ts'
import { want } from './want.ts'

/** Nobody waits longer for a receiver that hangs; what is left waits in the ledger for the next run or a daemon. */
const mostMs = 15_000

/** @param ran What was refused is tried again after a run, and not each time that cron finds nothing to do. */
export async function pushNow(app: App, ran: boolean, limitMs = mostMs): Promise<void> {
  const end = AbortSignal.timeout(limitMs)
  const standings = openStandings()
  const figures = (): Promise<Standing> => standings.figures(app, { configLoadedAt: app.now() })
  await want(app, await figures(), { again: ran })
  const { otlp } = app.config.metrics
  if (otlp !== undefined) await app.ledger.resendPushes('otlp', otlp.url, undefined, app.now())
  const io = { signal: end, otlp: async () => otlpOf(app, await figures()) }
  await Promise.all(pushTargets.map((target) => pushTo(app, target, io)))
}

async function pushTo(app: App, target: PushTarget, io: PushIo): Promise<void> {
  await push(app, target, io)
  const waits = (await app.ledger.pushes(target)).some(({ state }) => state === 'pending')
  // Whoever does not answer is not asked either.
  if (waits || io.signal.aborted || !(await isDue(app, target))) return
  const lost = await findLost(app, target, io.signal)
  if (!lost.ok) app.log.debug({ target }, lost.problem.message)
  else if (lost.value > 0) await push(app, target, io)
}

/** Whether a gateway was not asked for long: with cron every process is a new one. Files cost nothing. */
async function isDue(app: App, target: PushTarget): Promise<boolean> {
  const everyMs = target === 'pushgateway' ? app.config.metrics.pushgateway?.resend : undefined
  if (everyMs === undefined) return true
  const key = 'gateway asked'
  const last = Date.parse((await app.ledger.readMeta(key)) ?? '')
  if (Math.abs(app.now().getTime() - last) < everyMs) return false
  await app.ledger.writeMeta(key, app.now().toISOString())
  return true
}
