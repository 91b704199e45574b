/** Telling by a process that is about to end. */
import type { App } from '../context.ts'
import { standingOf } from '../standing.ts'
import { deliverAll } from './deliver.ts'
import { beat } from './heartbeat.ts'
import { report } from './reports.ts'
import { tell } from './tell.ts'

/** A daemon that gave a sign of life so lately tells what there is to tell, together with all else. */
const livingMs = 60_000
const mostMs = 30_000

/** What is not taken in time stays in the outbox, for the next run or a daemon. */
export async function tellAfterRun(app: App, signal: AbortSignal): Promise<void> {
  const { notify, heartbeat } = app.config
  if ((Object.keys(notify).length === 0 && heartbeat === undefined) || (await daemonLives(app))) return
  const standing = await standingOf(app, { configLoadedAt: app.now() })
  await tell(app, standing, { now: true })
  await report(app, standing)
  await deliverAll(app, signal, mostMs)
  if (heartbeat !== undefined) await beat(app, await standingOf(app, { configLoadedAt: app.now() }), signal)
}

async function daemonLives(app: App): Promise<boolean> {
  const text = await app.ledger.readMeta('daemon alive')
  return text !== undefined && Math.abs(app.now().getTime() - Date.parse(text)) < livingMs
}
