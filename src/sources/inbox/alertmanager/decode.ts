/** Alerts as an Alertmanager posts and tells them. Source: Alertmanager, "Webhook receiver" (version 4), and its API v2, `GET /alerts`. */
import type { Alert } from '../../../model/alert.ts'
import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import { isShallow } from './depth.ts'

/** An alert as it came: what the sender left out is not filled in. */
export type ToldAlert = Omit<Alert, 'fingerprint' | 'startsAt'> & Partial<Pick<Alert, 'fingerprint' | 'startsAt'>>

export interface Webhook {
  readonly alerts: readonly ToldAlert[]
  readonly groupKey?: string
  /** How many of the group the sender left out. */
  readonly truncated: number
  readonly externalURL?: string
}

/** Deeper than any alert: labels stand in an alert, that in a list, that in the body. */
const mostDepth = 16
const mostLabels = 1_000
/** Of one name or value; longer is cut: nobody reads it, and no key is made of it. */
const mostText = 16_384

/** Lenient: only `alerts` with their labels have to be there. Nothing of the body is repeated in what is said about it. */
export function decodeWebhook(body: Uint8Array): Result<Webhook> {
  const json = parse(body)
  if (!json.ok) return json
  const root = json.value
  if (!isRecord(root)) return fail(bad('the body', 'is no object'))
  if (!Array.isArray(root.alerts)) return fail(bad('alerts', root.alerts === undefined ? 'is missing' : 'is no list'))
  const usual = root.status === 'resolved' ? 'resolved' : 'firing'
  const alerts = decodeAll(root.alerts, 'alerts', (alert) => alert.status ?? usual)
  if (!alerts.ok) return alerts
  const { groupKey, truncatedAlerts, externalURL } = root
  return ok({
    alerts: alerts.value,
    truncated: Number.isSafeInteger(truncatedAlerts) ? Math.max(0, truncatedAlerts as number) : 0,
    ...(typeof groupKey === 'string' && groupKey !== '' && { groupKey: cut(groupKey) }),
    ...(typeof externalURL === 'string' && externalURL !== '' && { externalURL: cut(externalURL) }),
  })
}

export interface ActiveAlert {
  readonly alert: ToldAlert
  /** Somebody silenced it, or another alert does: it fires, and nobody is to be told. */
  readonly isQuiet: boolean
}

/** The answer of `GET /api/v2/alerts`. */
export function decodeActive(body: Uint8Array): Result<readonly ActiveAlert[]> {
  const json = parse(body)
  if (!json.ok) return json
  const list: unknown = json.value
  if (!Array.isArray(list)) return fail(bad('the answer', 'is no list'))
  const alerts = decodeAll(list, 'alert', () => 'firing')
  if (!alerts.ok) return alerts
  return ok(alerts.value.map((alert, at) => ({ alert, isQuiet: list[at].status?.state === 'suppressed' })))
}

function parse(body: Uint8Array): Result<unknown> {
  if (!isShallow(body, mostDepth)) return fail(bad('the body', `is nested deeper than ${mostDepth} levels`))
  try {
    return ok(JSON.parse(new TextDecoder('utf-8', { fatal: false }).decode(body)))
  } catch {
    return fail(bad('the body', body.length === 0 ? 'is empty' : 'is no JSON'))
  }
}

function decodeAll(
  list: readonly unknown[],
  name: string,
  statusOf: (alert: Record<string, unknown>) => unknown,
): Result<readonly ToldAlert[]> {
  const alerts: ToldAlert[] = []
  for (const [at, item] of list.entries()) {
    const place = `${name}[${at}]`
    if (!isRecord(item)) return fail(bad(place, 'is no object'))
    const labels = texts(item.labels)
    if (labels === undefined) return fail(bad(`${place}.labels`, 'is no object of texts'))
    const annotations = texts(item.annotations ?? {})
    if (annotations === undefined) return fail(bad(`${place}.annotations`, 'is no object of texts'))
    const status = statusOf(item)
    if (status !== 'firing' && status !== 'resolved')
      return fail(bad(`${place}.status`, 'is neither firing nor resolved'))
    const startsAt = dateOf(item.startsAt)
    if (startsAt === 'bad') return fail(bad(`${place}.startsAt`, 'is no time'))
    const endsAt = dateOf(item.endsAt)
    if (endsAt === 'bad') return fail(bad(`${place}.endsAt`, 'is no time'))
    const { fingerprint, generatorURL } = item
    alerts.push({
      status,
      labels,
      annotations,
      ...(startsAt && { startsAt }),
      // Of one that fires it is when it would be forgotten.
      ...(endsAt && status === 'resolved' && { endsAt }),
      ...(typeof fingerprint === 'string' && /^[0-9a-f]{1,64}$/i.test(fingerprint) && { fingerprint }),
      ...(typeof generatorURL === 'string' && generatorURL !== '' && { generatorURL: cut(generatorURL) }),
    })
  }
  return ok(alerts)
}

/** Values that are numbers or truths are told as text by people who write a body by hand. */
function texts(value: unknown): Record<string, string> | undefined {
  if (!isRecord(value)) return undefined
  const keys = Object.keys(value)
  if (keys.length > mostLabels) return undefined
  // Nearly always it is what it has to be, and is not copied.
  if (keys.every((key) => isWhole(key) && isWhole(value[key]))) return value as Record<string, string>
  const all: Record<string, string> = Object.create(null)
  for (const key of keys) {
    const item = value[key]
    if (item === null || typeof item === 'object') return undefined
    all[cut(key)] = cut(String(item))
  }
  return { ...all }
}

/** A time of year 1 is none: so Go writes one that is not set. */
function dateOf(value: unknown): Date | 'bad' | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return 'bad'
  const date = new Date(value)
  if (Number.isNaN(date.getTime())) return 'bad'
  return date.getUTCFullYear() < 1970 ? undefined : date
}

const isWhole = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= mostText && value.isWellFormed()

/** Half a pair of surrogates is no text in any encoding. */
const cut = (text: string): string => (text.length <= mostText ? text : text.slice(0, mostText)).toWellFormed()

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const bad = (path: string, what: string): Problem => ({
  code: 'inbox.bad-body',
  message: `${path} ${what}.`,
  next: 'Post what an Alertmanager posts: {"alerts":[{"status":"firing","labels":{"alertname":"…"}}]}.',
  retry: 'never',
})
