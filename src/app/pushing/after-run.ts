/** Handing metrics on by a process that is about to end. */
import type { App } from '../context.ts'
import { isPushing } from './configured.ts'

/** What earlier runs could not hand on goes along, and what was lost since. @param ran Whether anything was run at all. */
export async function pushAfterRun(app: App, ran: boolean, limitMs?: number): Promise<void> {
  if (!(await isPushing(app))) return
  const { pushNow } = await import('./push-now.ts')
  await pushNow(app, ran, limitMs)
}
