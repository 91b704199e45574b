import type { Delivery } from '../../model/delivery.ts'
import { newId } from '../../system/id.ts'
import { testMessage } from '../../verdict/telling/message.ts'
import type { App } from '../context.ts'
import { deliver } from './deliver.ts'

/** Sends a message that says it is a test, through the outbox as every other. @returns What became of it. */
export async function tryNotifier(app: App, name: string, signal: AbortSignal): Promise<Delivery> {
  const now = app.now()
  const link = app.config.page
  const message = testMessage({ host: app.self.host, ...(link !== undefined && { link }) }, now)
  const delivery = {
    id: newId(now),
    notifier: name,
    message,
    madeAt: now,
    state: 'pending',
    attempts: 0,
    nextAt: now,
  } as const
  await app.ledger.enqueue(delivery, [])
  await deliver(app, signal, [name])
  return (await app.ledger.deliveries({ notifier: name, most: 1000 })).find(({ id }) => id === delivery.id) ?? delivery
}
