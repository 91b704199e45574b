/** `muster report`: what a report says now, on the terminal or to whoever gets it. */
import { type App, zoneOf } from '../app/context.ts'
import { standingOf } from '../app/standing.ts'
import { deliver } from '../app/telling/deliver.ts'
import { reportOf } from '../app/telling/reports.ts'
import type { Delivery, Message } from '../model/delivery.ts'
import { Duration } from '../model/units.ts'
import { htmlOf } from '../outlets/notify/html.ts'
import { textOf } from '../outlets/notify/words.ts'
import { renderDeliveries } from '../outlets/terminal/deliveries.ts'
import { newId } from '../system/id.ts'
import { exitCodes } from './exit.ts'
import { interruptible, mustKnow, openApp } from './open.ts'
import type { ReportOptions } from './report.ts'

const day = 86_400_000

function usage(text: string): number {
  process.stderr.write(`${text}\n`)
  return exitCodes.usage
}

export async function printReport(name: string | undefined, options: ReportOptions): Promise<number> {
  await using app = await openApp(options)
  const { reports } = app.config
  if (name !== undefined) mustKnow('report', [name], Object.keys(reports))
  const settings = name === undefined ? undefined : reports[name]
  const spanMs = options.since === undefined ? (settings?.covers ?? day) : Duration.safeParse(options.since).data
  if (spanMs === undefined)
    return usage(`--since ${options.since}: this is no duration. Write whole numbers with s, m, h, d or w, such as 7d.`)
  if (options.send === true && settings === undefined)
    return usage('--send needs the name of a report: the configuration says who gets it.')
  const to = app.now()
  const message = await reportOf(app, name ?? 'now', {
    standing: await standingOf(app, { configLoadedAt: to }),
    zone: settings?.timezone ?? zoneOf(app.config),
    from: new Date(to.getTime() - spanMs),
    to,
  })
  if (options.send === true) return await send(app, settings?.notify ?? [], message, options)
  if (options.json === true) process.stdout.write(`${JSON.stringify(message, undefined, 2)}\n`)
  else process.stdout.write(options.html === true ? `${htmlOf(message)}\n` : `${message.title}\n\n${textOf(message)}\n`)
  return exitCodes.fine
}

/** Through the outbox, as every message goes. */
async function send(app: App, notifiers: readonly string[], message: Message, options: ReportOptions): Promise<number> {
  const { signal } = interruptible()
  const made = notifiers.map(
    (notifier): Delivery => ({
      id: newId(message.at),
      notifier,
      message,
      madeAt: message.at,
      state: 'pending',
      attempts: 0,
      nextAt: message.at,
    }),
  )
  for (const delivery of made) await app.ledger.enqueue(delivery, [])
  await deliver(app, signal, notifiers)
  const all = await app.ledger.deliveries({ most: 1000 })
  const sent = all.filter(({ id }) => made.some((one) => one.id === id))
  process.stdout.write(
    options.json === true ? `${JSON.stringify(sent, undefined, 2)}\n` : `${renderDeliveries(sent, app.now())}\n`,
  )
  if (signal.aborted) return exitCodes.interrupted
  return sent.every(({ state }) => state === 'delivered') ? exitCodes.fine : exitCodes.failed
}
