/** Telling by a process that is about to end. */
import type { App } from '../context.ts'
import { standingOf } from '../standing.ts'
import { deliverAll } from './deliver.ts'
import { tell } from './tell.ts'

/** A daemon that gave a sign of life so lately tells what there is to tell, together with all else. */
const livingMs = 60_000
const mostMs = 30_000

/** What is not taken in time stays in the outbox, for the next run or a daemon. */
export async function tellAfterRun(app: App, signal: AbortSignal): Promise<void> {
  if (Object.keys(app.config.notify).length === 0 || (await daemonLives(app))) return
  await tell(app, await standingOf(app, { configLoadedAt: app.now() }), { now: true })
  await deliverAll(app, signal, mostMs)
}

async function daemonLives(app: App): Promise<boolean> {
  const text = await app.ledger.readMeta('daemon alive')
  return text !== undefined && Math.abs(app.now().getTime() - Date.parse(text)) < livingMs
}
