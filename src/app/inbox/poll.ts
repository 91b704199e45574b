/** Asks an Alertmanager for its alerts: the way in where it cannot be told to post them. */
import { Inbox } from '../../config/schema/inbox.ts'
import type { Schema } from '../../config/schema-walk.ts'
import { type Alert, alertKey, type SortedAlert } from '../../model/alert.ts'
import type { Problem } from '../../model/problem.ts'
import { type ActiveAlert, fingerprintOf, type ToldAlert } from '../../sources/inbox/alertmanager/index.ts'
import { type Beside, longestSleepMs, startBeside } from '../beside.ts'
import type { App } from '../context.ts'
import { loadSettings } from '../loaded-settings.ts'
import { type Alertmanager, activeAlerts, startedAt } from './ask.ts'
import { alertmanagerOf, firingBefore, rememberFiring, rememberPoll } from './polled.ts'
import { digest, sorted } from './sort.ts'

/** Within this after its start an Alertmanager was told everything again by whoever sees to the rules. */
const settledMs = 5 * 60_000
/** Of one step: nobody else is answered meanwhile. */
const mostTogether = 400

type KnownAlert = ToldAlert & Alert

/** Asks once. @returns How many are new and count. */
export async function poll(app: App, signal: AbortSignal): Promise<number> {
  const settings = app.config.inbox?.poll
  if (settings === undefined) return 0
  const loaded = await loadSettings(app, Inbox as Schema, { poll: settings })
  if (!loaded.ok) return failed(app, loaded.problem)
  const { poll: reach } = loaded.value.settings as { poll: Alertmanager }
  const io = { signal, timeLimitMs: settings.timeout }
  const active = await activeAlerts(reach, loaded.value.secrets, io)
  if (signal.aborted) return 0
  if (!active.ok) return failed(app, active.problem)
  const before = (await firingBefore(app)).map((alert) => known(alert, app.now()))
  const { firing, present } = await counted(app, active.value)
  const gone = before.filter((alert) => !present.has(alertKey(alert)))
  let over = gone
  if (gone.length > 0) {
    const started = await startedAt(reach, loaded.value.secrets, io)
    if (signal.aborted) return 0
    if (!started.ok) return failed(app, started.problem)
    // Of one that was just started nobody knows what fires.
    const lastGood = (await alertmanagerOf(app))?.lastGood
    const { at, now } = started.value
    if (lastGood !== undefined && at > lastGood && now.getTime() - at.getTime() < settledMs) over = []
  }
  const kept = gone.filter((alert) => !over.includes(alert))
  // First what is to be looked for again: who ends in between asks for it anew.
  const watched = new Map([...before, ...firing].map((alert) => [alertKey(alert), alert]))
  await remember(app, before, [...watched.values()])
  const fresh = await put(app, firing, over)
  await remember(
    app,
    [...watched.values()],
    [...firing, ...before.filter((one) => present.has(alertKey(one))), ...kept],
  )
  await rememberPoll(app, undefined)
  return fresh
}

/** Those about backups that nobody silenced, and the keys of all that fire. */
async function counted(
  app: App,
  active: readonly ActiveAlert[],
): Promise<{ readonly firing: readonly KnownAlert[]; readonly present: ReadonlySet<string> }> {
  const now = app.now()
  const around = { way: 'poll', receivedAt: now, truncated: 0 } as const
  const present = new Set<string>()
  const firing: KnownAlert[] = []
  for (const { alert, isQuiet } of active) {
    const one = known(alert, now)
    present.add(alertKey(one))
    if (isQuiet) continue
    const [{ counts } = { counts: false }] = await sorted(app, [one], around)
    if (counts) firing.push(one)
  }
  return { firing, present }
}

/** New ones are put down, and those that are over. @returns How many are new. */
async function put(app: App, firing: readonly KnownAlert[], over: readonly KnownAlert[]): Promise<number> {
  const now = app.now()
  const told = [...firing, ...over.map((alert) => ({ ...alert, status: 'resolved' as const, endsAt: now }))]
  const seen = await app.ledger.knownAlerts(told.map(alertKey))
  // One that still fires was not told twice.
  const unknown = told.filter((alert) => !seen.has(alertKey(alert)))
  const alerts: SortedAlert[] = await sorted(app, unknown, { way: 'poll', receivedAt: now, truncated: 0 })
  let fresh = 0
  for (let at = 0; at < alerts.length; at += mostTogether)
    fresh += await digest(app, [], alerts.slice(at, at + mostTogether))
  return fresh
}

const known = (alert: ToldAlert, now: Date): KnownAlert => ({
  ...alert,
  fingerprint: alert.fingerprint ?? fingerprintOf(alert.labels),
  startsAt: alert.startsAt ?? now,
})

/** Nothing is written where nothing changed. */
async function remember(app: App, before: readonly KnownAlert[], now: readonly KnownAlert[]): Promise<void> {
  const keys = (alerts: readonly KnownAlert[]) => [...new Set(alerts.map(alertKey))].sort().join('\n')
  if (keys(before) === keys(now)) return
  await rememberFiring(app, [...new Map(now.map((alert) => [alertKey(alert), alert])).values()])
}

async function failed(app: App, problem: Problem): Promise<number> {
  const before = await alertmanagerOf(app)
  if (before?.problem?.message !== problem.message) app.log.warn({ problem: problem.code }, problem.message)
  await rememberPoll(app, problem)
  return 0
}

/** Beside the loop of the daemon. @param onRelevant Something is to be looked into. */
export function startPolling(current: () => App, signal: AbortSignal, onRelevant: () => void): Beside {
  const turn = async (): Promise<number> => {
    const app = current()
    if ((await poll(app, signal)) > 0) onRelevant()
    return app.config.inbox?.poll?.every ?? longestSleepMs
  }
  return startBeside(() => current().log, { cannot: 'the Alertmanager cannot be asked now', turn }, signal)
}
