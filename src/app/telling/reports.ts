/** Reports: made when their time comes, put into the outbox once for each who gets them. */
import { createHash } from 'node:crypto'
import type { Report } from '../../config/schema/report.ts'
import type { Message } from '../../model/delivery.ts'
import type { Standing } from '../../model/standing.ts'
import { dueNow } from '../../verdict/schedule/due.ts'
import { previousAtOrBefore } from '../../verdict/schedule/next.ts'
import { parseSchedule } from '../../verdict/schedule/parse.ts'
import { reportMessage } from '../../verdict/telling/report.ts'
import { type App, zoneOf } from '../context.ts'

const day = 86_400_000
/** A run is looked for by when it began, and counts by when it ended. */
const longestRunMs = 7 * day
const mostRuns = 100_000

/** Puts down the reports whose time has come. @returns When the next one is due. */
export async function report(app: App, standing: Standing): Promise<Date | undefined> {
  let next: Date | undefined
  for (const [name, settings] of Object.entries(app.config.reports)) {
    const later = await reportOne(app, name, settings, standing)
    if (later !== undefined && (next === undefined || later < next)) next = later
  }
  return next
}

const handledKey = (name: string): string => `report/${name}`

async function reportOne(app: App, name: string, settings: Report, standing: Standing): Promise<Date | undefined> {
  const schedule = parseSchedule(settings.schedule)
  if (!schedule.ok) return undefined
  const zone = settings.timezone ?? zoneOf(app.config)
  const now = app.now()
  const [{ since }, handled] = [
    await app.ledger.scheduleMark(handledKey(name), now),
    await app.ledger.readMeta(handledKey(name)),
  ]
  const { due, next } = dueNow({
    schedule: schedule.value,
    zone,
    since,
    now,
    catchUp: true,
    ...(handled !== undefined && { handled: new Date(handled) }),
  })
  if (due === undefined) return next
  const before = previousAtOrBefore(schedule.value, zone, new Date(due.instant.getTime() - 1))
  const spanMs = settings.covers ?? (before === undefined ? day : due.instant.getTime() - before.getTime())
  const message = await reportOf(app, name, { standing, zone, from: new Date(now.getTime() - spanMs), to: now })
  for (const notifier of settings.notify)
    await app.ledger.enqueue(
      {
        // By what it is: two processes that find it due put it down once.
        id: createHash('sha256')
          .update(JSON.stringify([name, notifier, due.instant]))
          .digest('hex')
          .slice(0, 32),
        notifier,
        message,
        madeAt: now,
        state: 'pending',
        attempts: 0,
        nextAt: now,
      },
      [],
    )
  await app.ledger.writeMeta(handledKey(name), due.instant.toISOString())
  return next
}

interface Span {
  readonly standing: Standing
  readonly zone: string
  readonly from: Date
  readonly to: Date
}

/** What a report says of some time that ends now. */
export async function reportOf(app: App, name: string, { standing, zone, from, to }: Span): Promise<Message> {
  const began = await app.ledger.runs({
    closedOnly: true,
    since: new Date(from.getTime() - longestRunMs),
    most: mostRuns,
  })
  const runs = began.filter(({ endedAt }) => endedAt !== undefined && endedAt >= from && endedAt <= to)
  const sizesBefore = new Map<string, number>()
  for (const repository of Object.keys(app.config.repositories)) {
    const size = await app.ledger.lastSize(repository, from)
    if (size !== undefined) sizesBefore.set(repository, size.sizeBytes)
  }
  const link = app.config.page
  return reportMessage({
    standing,
    runs,
    sizesBefore,
    from,
    to,
    name,
    zone,
    host: app.self.host,
    ...(link && { link }),
  })
}
