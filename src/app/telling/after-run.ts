/** Telling by a process that is about to end. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Standing } from '../../model/standing.ts'
import type { App } from '../context.ts'
import { standingOf } from '../standing.ts'
import { deliverAll } from './deliver.ts'
import { beat } from './heartbeat.ts'
import { report } from './reports.ts'
import { tell } from './tell.ts'

/** A daemon that gave a sign of life so lately tells what there is to tell, together with all else. */
const livingMs = 60_000
const mostMs = 30_000
/** No run waits longer for others. */
const mostHeldMs = 60_000

/** What is not taken in time stays in the outbox, for the next run or a daemon. */
export async function tellAfterRun(app: App, signal: AbortSignal): Promise<void> {
  const { notify, heartbeat } = app.config
  if ((Object.keys(notify).length === 0 && heartbeat === undefined) || (await daemonLives(app))) return
  await report(app, await tellTogether(app, signal))
  await deliverAll(app, signal, mostMs)
  if (heartbeat !== undefined) await beat(app, await standingOf(app, { configLoadedAt: app.now() }), signal)
}

/**
 * Where many runs end within a moment, each a process of its own, the first few tell at once; the others wait a little, and one of
 * them tells what is left in one message.
 */
async function tellTogether(app: App, signal: AbortSignal): Promise<Standing> {
  const longestWait = app.now().getTime() + mostHeldMs
  for (;;) {
    const standing = await standingOf(app, { configLoadedAt: app.now() })
    let heldUntil: number | undefined
    const mayWait = !signal.aborted && app.now().getTime() < longestWait
    const held = (until: Date): void => {
      heldUntil = Math.max(heldUntil ?? 0, Math.min(until.getTime(), longestWait))
    }
    await tell(app, standing, { now: true, ...(mayWait && { held }) })
    if (heldUntil === undefined) return standing
    app.log.info({}, 'much was told within a moment: waits for others, to tell what is left in one message')
    await pause(Math.max(0, heldUntil - app.now().getTime()), undefined, { signal }).catch(() => undefined)
  }
}

async function daemonLives(app: App): Promise<boolean> {
  const text = await app.ledger.readMeta('daemon alive')
  return text !== undefined && Math.abs(app.now().getTime() - Date.parse(text)) < livingMs
}
