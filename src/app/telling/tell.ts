/** From how everything stands to messages in the outbox. Everything is a fact in the ledger before anything is sent. */
import type { Notify } from '../../config/schema/notify.ts'
import type { Incident } from '../../model/incident.ts'
import type { Run } from '../../model/run.ts'
import type { Standing } from '../../model/standing.ts'
import { newId } from '../../system/id.ts'
import { decide, flapping, type TellPolicy } from '../../verdict/telling/decide.ts'
import { failuresOf } from '../../verdict/telling/failures.ts'
import { incidentChanges } from '../../verdict/telling/incidents.ts'
import { incidentMessage } from '../../verdict/telling/message.ts'
import { type App, zoneOf } from '../context.ts'
import { tellRuns, tellsRuns } from './run-news.ts'

const week = 7 * 86_400_000

/** Opens and closes incidents by how everything stands. @returns Those that are open, and those that closed lately. */
async function noteIncidents(app: App, standing: Standing): Promise<readonly Incident[]> {
  // Those of alerts open and close with their answers.
  const open = (await app.ledger.incidents({})).filter(({ kind }) => kind !== 'alert')
  const changes = incidentChanges(standing, open)
  if (changes.opened.length + changes.changed.length + changes.closed.length > 0)
    await app.ledger.changeIncidents(changes, app.now())
  return app.ledger.incidents({ closedSince: new Date(app.now().getTime() - Math.max(week, flapping.withinMs)) })
}

export interface TellWish {
  /** Nothing waits for others: this process is about to end. */
  readonly now?: boolean
  /** Called where something is to be told to somebody who was told much lately: it is left for then. */
  readonly held?: (until: Date) => void
}

/** So many messages of processes that end are told within one `groupWait`; what comes then waits for the end of it. */
const mostAtOnce = 3

/** Until when somebody is told nothing more by processes that end, each of which knows its own news alone. */
async function heldUntil(app: App, notifier: string, groupWaitMs: number): Promise<Date | undefined> {
  const last = await app.ledger.deliveries({ notifier, most: mostAtOnce })
  const first = last[mostAtOnce - 1]?.madeAt
  const until = first && new Date(first.getTime() + groupWaitMs)
  return until !== undefined && until > app.now() ? until : undefined
}

/** Puts down what is to be told. @returns When there is more to tell, if nothing else happens. */
export async function tell(app: App, standing: Standing, wish: TellWish = {}): Promise<Date | undefined> {
  const incidents = await noteIncidents(app, standing)
  const failures = failuresOf(standing)
  let next: Date | undefined
  for (const [name, notify] of Object.entries(app.config.notify)) {
    if (tellsRuns(notify)) {
      await tellRuns(app, name, notify)
      continue
    }
    const later = await tellOne(app, name, notify, { incidents, failures }, wish)
    if (later !== undefined && (next === undefined || later < next)) next = later
  }
  return next
}

interface Facts {
  readonly incidents: readonly Incident[]
  readonly failures: ReadonlyMap<string, Run>
}

async function tellOne(
  app: App,
  name: string,
  notify: Notify,
  { incidents, failures }: Facts,
  { now: atOnce = false, held }: TellWish,
): Promise<Date | undefined> {
  const { since } = await app.ledger.scheduleMark(`notifier/${name}`, app.now())
  const policy = policyOf(app, name, notify, since, atOnce, failures)
  const logs = new Map([...failures].flatMap(([key, { log }]) => (log === undefined ? [] : [[key, log] as const])))
  // Another process may tell the same at this moment: then what is left is looked at again.
  for (let tries = 0; tries < 3; tries += 1) {
    const now = app.now()
    const told = await app.ledger.told(
      name,
      incidents.map(({ number }) => number),
    )
    const { items, told: tells, nextAt } = decide(policy, incidents, told, now)
    if (items.length === 0) return nextAt
    const until = held && (await heldUntil(app, name, notify.groupWait))
    if (until !== undefined) {
      held?.(until)
      return until
    }
    const link = app.config.page
    const message = incidentMessage(items, { host: app.self.host, ...(link !== undefined && { link }) }, now, logs)
    const delivery = {
      id: newId(now),
      notifier: name,
      message,
      madeAt: now,
      state: 'pending',
      attempts: 0,
      nextAt: now,
    } as const
    if (await app.ledger.enqueue(delivery, tells)) return nextAt ?? now
  }
  return app.now()
}

function policyOf(
  app: App,
  name: string,
  notify: Notify,
  since: Date,
  atOnce: boolean,
  failures: Facts['failures'],
): TellPolicy {
  const { severity, of, groupWait, remindEvery, resolved, quietHours } = notify
  return {
    name,
    severity,
    of,
    groupWaitMs: atOnce ? 0 : groupWait,
    resolved,
    since,
    ...(typeof remindEvery === 'number' && { remindEveryMs: remindEvery }),
    ...(remindEvery === 'failure' && {
      failures: new Map([...failures].map(([key, run]) => [key, run.endedAt ?? run.startedAt])),
    }),
    ...(quietHours && {
      quiet: {
        from: quietHours.from,
        to: quietHours.to,
        zone: quietHours.timezone ?? zoneOf(app.config),
        critical: quietHours.critical,
      },
    }),
  }
}
