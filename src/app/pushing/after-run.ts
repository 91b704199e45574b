/** Handing metrics on by a process that is about to end. */
import { pushTargets } from '../../model/push.ts'
import type { Standing } from '../../model/standing.ts'
import type { App } from '../context.ts'
import { openStandings } from '../standing/keeper.ts'
import { findLost } from './lost.ts'
import { otlpOf } from './otlp.ts'
import { push } from './push.ts'
import { isPushing, want } from './want.ts'

/** Nobody waits longer for a receiver that hangs; what is left waits in the ledger for the next run or a daemon. */
const mostMs = 15_000

/** What earlier runs could not hand on goes along, and what a gateway lost since. */
export async function pushAfterRun(app: App): Promise<void> {
  if (!(await isPushing(app))) return
  const end = AbortSignal.timeout(mostMs)
  const standings = openStandings()
  const figures = (): Promise<Standing> => standings.figures(app, { configLoadedAt: app.now() })
  await want(app, await figures(), { again: true })
  const { otlp } = app.config.metrics
  if (otlp !== undefined) await app.ledger.resendPushes('otlp', otlp.url, undefined, app.now())
  const io = { signal: end, otlp: async () => otlpOf(app, await figures()) }
  await Promise.all(
    pushTargets.map(async (target) => {
      await push(app, target, io)
      const waits = (await app.ledger.pushes(target)).some(({ state }) => state === 'pending')
      // Whoever does not answer is not asked either.
      if (waits || end.aborted) return
      const lost = await findLost(app, target, end)
      if (!lost.ok) app.log.debug({ target }, lost.problem.message)
      else if (lost.value > 0) await push(app, target, io)
    }),
  )
}
