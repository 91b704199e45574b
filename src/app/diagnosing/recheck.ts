/** Alarms that nobody calls off: over when everything they were about ended well since. */
import type { Diagnosis } from '../../model/diagnosis.ts'
import type { Standing } from '../../model/standing.ts'
import { incidentKey } from '../../verdict/diagnosis/answer.ts'
import { diagnose } from '../../verdict/diagnosis/diagnose.ts'
import type { App } from '../context.ts'
import { overDeliveries } from './conclude.ts'
import { firingOf } from './firing.ts'
import { gather, planIds } from './gather.ts'
import type { Platform } from './platform.ts'

/** Asks again about what is open. */
export async function recheck(
  app: App,
  standing: () => Promise<Standing>,
  platform: Platform | undefined,
  signal: AbortSignal,
): Promise<void> {
  const open = (await app.ledger.incidents({})).filter(({ kind }) => kind === 'alert')
  for (const { key, number } of open) {
    if (signal.aborted) return
    const group = key.slice(incidentKey('').length)
    const [last] = await app.ledger.diagnoses({ group, states: ['done'], most: 1 })
    if (last?.doneAt === undefined) continue
    const since = last.doneAt
    // All that it told of, not only the last.
    const alerts = await firingOf(app, group)
    const about = alerts.length === 0 ? last : { ...last, alerts }
    const { facts } = await gather(app, about, await standing(), platform, signal)
    // Judged as of now: what the alarm was about then is known.
    const finding = diagnose({ ...facts, alerts: [], probes: [] })
    const isOver = finding.outcome === 'SUCCESS' && finding.parts.every(({ at }) => at !== undefined && at > since)
    if (!isOver) continue
    // Told first: whoever ends in between tells it once more, and nobody is left without.
    for (const delivery of overDeliveries(app, last, finding)) await app.ledger.enqueue(delivery, [])
    await app.ledger.changeIncidents({ opened: [], changed: [], closed: [number] }, app.now())
    app.log.info({ diagnosis: last.id }, `what ${last.group} told of is over: everything ended well since`)
  }
}

/** Longer than an alert about the same takes to get here: by the rule, the scrape, and the Alertmanager's own wait. */
const alertFirstMs = 180_000

/** A plan of the platform wrote how it ended: where it failed, and no alert tells of it, it is looked into all the same. */
export async function planEnded(app: App, plan: string, platform: Platform, signal: AbortSignal): Promise<void> {
  const { parts } = await platform.facts([plan], signal)
  const failed = parts.filter(({ state }) => state === 'failed')
  const newest = Math.max(0, ...failed.map(({ at }) => at?.getTime() ?? 0))
  if (failed.length === 0 || (await isTold(app, plan, newest))) return
  await app.ledger.openDiagnosis(`plan/${plan}`, app.now(), app.config.diagnose.wait + alertFirstMs)
}

/** Whether a failure of this plan is looked into, or was since then. */
async function isTold(app: App, plan: string, failedAt: number): Promise<boolean> {
  const recent = await app.ledger.diagnoses({ openedSince: new Date(failedAt - 60_000), most: 200 })
  return recent.some((one) => isAbout(one, plan) && (one.doneAt === undefined || one.doneAt.getTime() >= failedAt))
}

const isAbout = (diagnosis: Diagnosis, plan: string): boolean =>
  planIds(diagnosis).includes(plan) || diagnosis.finding?.plans.some(({ id }) => id === plan) === true
