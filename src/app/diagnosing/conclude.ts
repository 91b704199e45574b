/** From a finding to an incident and messages in the outbox, all in one step. */
import type { Notify } from '../../config/schema/notify.ts'
import type { Conclusion } from '../../ledger/ledger.ts'
import { alertKey } from '../../model/alert.ts'
import type { Delivery, Message } from '../../model/delivery.ts'
import type { Diagnosis, Finding } from '../../model/diagnosis.ts'
import { newId } from '../../system/id.ts'
import { redactor } from '../../system/redact.ts'
import { answerMessage, incidentKey, incidentOf, nameOf, resolvedMessage } from '../../verdict/diagnosis/answer.ts'
import { fits } from '../../verdict/pattern.ts'
import { quietUntil } from '../../verdict/telling/quiet.ts'
import { type App, zoneOf } from '../context.ts'
import { tellsRuns } from '../telling/run-news.ts'
import { firingOf } from './firing.ts'

/** Passwords in addresses, wherever somebody wrote one. */
const redact = redactor([])

/** @returns Whether it was this process that concluded it. */
export async function conclude(app: App, diagnosis: Diagnosis, found: Finding): Promise<boolean> {
  const finding = redacted(found)
  const at = app.now()
  const over = await isOver(app, diagnosis)
  const incident = over ? undefined : incidentOf(diagnosis, finding, at)
  const conclusion: Conclusion = {
    at,
    seen: diagnosis.alerts.map(alertKey),
    finding,
    closes: incident === undefined ? [incidentKey(diagnosis.group)] : [],
    deliveries: deliveriesOf(app, diagnosis, finding, over, at),
    ...(incident && { incident }),
  }
  // In the words of ns8-backup-monitor, which people search for.
  if (conclusion.deliveries.length > 0) app.log.info({ diagnosis: diagnosis.id }, 'Sending notification...')
  const concluded = await app.ledger.concludeDiagnosis(diagnosis.id, conclusion)
  if (concluded)
    app.log.info(
      { diagnosis: diagnosis.id, outcome: finding.outcome, cause: finding.cause },
      `looked into ${nameOf(diagnosis.alerts, finding)}: ${finding.outcome}, ${finding.cause}`,
    )
  return concluded
}

/** Nothing of its group fires any more, now or since its incident opened. */
async function isOver(app: App, { group, alerts }: Diagnosis): Promise<boolean> {
  return alerts.some(({ status }) => status === 'resolved') && (await firingOf(app, group)).length === 0
}

function deliveriesOf(app: App, diagnosis: Diagnosis, finding: Finding, over: boolean, at: Date): Delivery[] {
  const { success, resolved } = app.config.diagnose
  const onlyOver = diagnosis.alerts.every(({ status }) => status === 'resolved') && diagnosis.alerts.length > 0
  if (onlyOver) return over && resolved ? overDeliveries(app, diagnosis, finding) : []
  if (finding.outcome === 'SUCCESS' && !success) return []
  return messagesOf(app, finding, answerMessage(diagnosis, finding, answererOf(app), at))
}

/** That an alarm is over, for whoever wants to know. */
export const overDeliveries = (app: App, diagnosis: Diagnosis, finding: Finding): Delivery[] =>
  app.config.diagnose.resolved
    ? messagesOf(app, finding, resolvedMessage(diagnosis, finding, answererOf(app), app.now()))
    : []

const answererOf = ({ config, self }: App) => ({
  host: self.host,
  subjectPrefix: config.diagnose.subjectPrefix,
  ...(config.page !== undefined && { link: config.page }),
})

const messagesOf = (app: App, finding: Finding, message: Message): Delivery[] =>
  answered(app, finding, message).map((name) => ({
    id: newId(message.at),
    notifier: name,
    message,
    madeAt: message.at,
    state: 'pending',
    attempts: 0,
    nextAt: quietEnd(app, app.config.notify[name], message, message.at),
  }))

/** Notifiers that get it: those named for answers, else all that tell of incidents like it. */
function answered(app: App, { parts, plans }: Finding, { severity }: Message): string[] {
  const names = [
    ...parts.flatMap(({ name, title, repository }) => [name, title, repository]),
    ...plans.flatMap(({ id, name }) => [id, name]),
  ].filter((name) => name !== undefined)
  return Object.entries(app.config.notify).flatMap(([name, notify]) => {
    const wanted = app.config.diagnose.notify
    if (wanted.length > 0) return wanted.includes(name) ? [name] : []
    if (tellsRuns(notify) || (notify.severity === 'critical' && severity !== 'critical')) return []
    return notify.of.length === 0 || notify.of.some((pattern) => names.some((one) => fits(pattern, one))) ? [name] : []
  })
}

function quietEnd(app: App, notify: Notify | undefined, { severity }: Message, at: Date): Date {
  const quiet = notify?.quietHours
  if (quiet === undefined || (severity === 'critical' && !quiet.critical)) return at
  return quietUntil({ ...quiet, zone: quiet.timezone ?? zoneOf(app.config) }, at) ?? at
}

const redacted = (finding: Finding): Finding => eachText(finding) as Finding

function eachText(value: unknown): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map(eachText)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, eachText(item)]))
}
