/** From bodies that were kept to alerts in the ledger, each once; those about backups are to be looked into. */
import { setImmediate } from 'node:timers/promises'
import { alertKey, type IntakeWay, type SortedAlert } from '../../model/alert.ts'
import { countsBy } from '../../model/matcher.ts'
import { alerts as ruleAlerts } from '../../outlets/rules/catalog.ts'
import { decodeWebhook, fingerprintOf, groupOf, type ToldAlert } from '../../sources/inbox/alertmanager/index.ts'
import type { App } from '../context.ts'
import { hushOf } from './hush.ts'

/** Of one step: nobody else is answered meanwhile. */
const mostAlerts = 200
const mostBodies = 256
const mostBytes = 2 * 1024 * 1024

export interface SortedBodies {
  readonly bodies: number
  readonly bytes: number
  /** Alerts that are new and count. */
  readonly relevant: number
}

/**
 * One turn.
 * @param rest Called after each step with the milliseconds it took.
 * @returns What was sorted; nothing where nothing waits.
 */
export async function sortBodies(
  app: App,
  rest: (spentMs: number) => Promise<unknown> = () => setImmediate(),
): Promise<SortedBodies> {
  let began = performance.now()
  let damaged = { bodies: 0, bytes: 0 }
  const intakes = await app.ledger.intakes({ bodies: mostBodies, bytes: mostBytes }, ({ problem, ...rest }) => {
    damaged = rest
    app.log.error({ problem: problem.code, ...rest }, `${problem.message} ${problem.next}`)
  })
  let relevant = 0
  let pending: { readonly numbers: number[]; alerts: SortedAlert[] } = { numbers: [], alerts: [] }
  const flush = async (): Promise<void> => {
    const { numbers, alerts } = pending
    pending = { numbers: [], alerts: [] }
    relevant += await digest(app, numbers, alerts)
    await rest(performance.now() - began)
    began = performance.now()
  }
  for (const { number, way, receivedAt, body } of intakes) {
    const webhook = decodeWebhook(body)
    // It was checked before it was kept.
    const alerts = webhook.ok ? await sorted(app, webhook.value.alerts, { ...webhook.value, way, receivedAt }) : []
    // A part of a large one may be put down before a crash: it is known then, and comes once.
    for (let at = 0; at < alerts.length; at += mostAlerts) {
      if (pending.alerts.length >= mostAlerts) await flush()
      pending.alerts.push(...alerts.slice(at, at + mostAlerts))
    }
    pending.numbers.push(number)
    if (pending.alerts.length >= mostAlerts) await flush()
  }
  if (pending.numbers.length > 0) await flush()
  const bytes = intakes.reduce((sum, { body }) => sum + body.byteLength, 0)
  return { bodies: intakes.length + damaged.bodies, bytes: bytes + damaged.bytes, relevant }
}

/** @returns How many of them are new and count. */
export async function digest(app: App, intakes: readonly number[], alerts: readonly SortedAlert[]): Promise<number> {
  const known = await app.ledger.knownAlerts(alerts.filter(({ counts }) => counts).map(alertKey))
  const fresh = alerts.filter((alert) => alert.counts && !known.has(alertKey(alert)))
  const { wait } = app.config.diagnose
  await app.ledger.digest({ intakes, alerts, now: app.now(), waitMs: wait, opensWhenResolved: true })
  if (fresh.length > 0) app.log.info({ alerts: fresh.length }, `Received ${fresh.length} relevant alert(s)`)
  return fresh.length
}

interface Around {
  readonly way: IntakeWay
  readonly receivedAt: Date
  readonly groupKey?: string
  readonly truncated: number
  readonly externalURL?: string
}

const ruleNames = ruleAlerts.map(({ name }) => name)

/** What the sender left out is filled in. */
export async function sorted(app: App, told: readonly ToldAlert[], around: Around): Promise<SortedAlert[]> {
  const { way, receivedAt, groupKey, truncated, externalURL } = around
  const counts = countsOf(app)
  const alerts: SortedAlert[] = []
  const hush = await hushOf(app)
  const hushed = (texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, hush(value)]))
  for (const alert of told) {
    const isAbout = counts(alert.labels)
    const group = isAbout ? groupOf(alert.labels, groupKey) : ''
    const fingerprint = alert.fingerprint ?? fingerprintOf(alert.labels)
    const startsAt = alert.startsAt ?? (await startOf(app, { group, fingerprint, receivedAt }))
    alerts.push({
      ...alert,
      // Of the others nothing is ever shown.
      ...(isAbout && { labels: hushed(alert.labels), annotations: hushed(alert.annotations) }),
      ...(alert.generatorURL !== undefined && { generatorURL: hush(alert.generatorURL) }),
      fingerprint,
      startsAt,
      counts: isAbout,
      group,
      way,
      receivedAt,
      truncated,
      ...(externalURL !== undefined && { externalURL: hush(externalURL) }),
    })
  }
  return alerts
}

/** The expressions of a configuration are made once. */
const made = new WeakMap<object, ReturnType<typeof countsBy>>()
function countsOf({ config }: App): ReturnType<typeof countsBy> {
  const known = made.get(config) ?? countsBy(ruleNames, config.inbox?.alerts ?? [])
  made.set(config, known)
  return known
}

/** Without a start it began when it came; the same again, while the first is still to be looked into, is that one. */
async function startOf(
  app: App,
  { group, fingerprint, receivedAt }: Pick<SortedAlert, 'group' | 'fingerprint' | 'receivedAt'>,
): Promise<Date> {
  if (group === '') return receivedAt
  const [waiting] = await app.ledger.diagnoses({ group, states: ['waiting'], most: 1 })
  return waiting?.alerts.find((one) => one.fingerprint === fingerprint)?.startsAt ?? receivedAt
}
