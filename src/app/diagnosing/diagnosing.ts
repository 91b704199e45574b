/** Looking into alerts, beside the loop of the daemon: what waited long enough is asked about, looked at and answered. */
import type { Diagnosis, Finding } from '../../model/diagnosis.ts'
import type { Standing } from '../../model/standing.ts'
import { diagnose } from '../../verdict/diagnosis/diagnose.ts'
import { type Beside, longestSleepMs, startBeside } from '../beside.ts'
import type { App } from '../context.ts'
import type { Workers } from '../workers.ts'
import { conclude } from './conclude.ts'
import { gather } from './gather.ts'
import { openPlatform, type Platform } from './platform.ts'
import { probeAll } from './probes.ts'

/** Groups that are looked into at the same time. */
const mostAtOnce = 4
/** Beyond what all looks may take: then another process may begin anew. */
const leaseMs = 120_000
const shortestSleepMs = 20

export function startDiagnosing(
  current: () => App,
  standing: () => Promise<Standing>,
  signal: AbortSignal,
  onAnswer: () => void,
): Beside {
  let busy = 0
  const turn = async (workers: Workers, wake: () => void): Promise<number> => {
    const app = current()
    while (busy < mostAtOnce && !signal.aborted) {
      const { budget } = app.config.diagnose.probe
      const diagnosis = await app.ledger.claimDiagnosis(app.now(), budget + leaseMs)
      if (diagnosis === undefined) break
      busy += 1
      workers.start(`diagnosis ${diagnosis.id}`, async () => {
        try {
          await lookInto(current(), diagnosis, await standing(), signal)
          onAnswer()
        } finally {
          busy -= 1
          wake()
        }
      })
    }
    const next = await app.ledger.nextDiagnosisAt()
    const untilMs = next === undefined ? longestSleepMs : next.getTime() - app.now().getTime()
    return Math.max(busy >= mostAtOnce ? longestSleepMs : shortestSleepMs, Math.min(longestSleepMs, untilMs))
  }
  return startBeside(() => current().log, { cannot: 'alerts cannot be looked into now', turn }, signal)
}

/** From asking to the answer in the outbox. What is ended half-way is begun anew by whoever comes next. */
export async function lookInto(app: App, diagnosis: Diagnosis, standing: Standing, signal: AbortSignal): Promise<void> {
  const platform = await openPlatform(app)
  const finding = await findingOf(app, diagnosis, standing, platform, signal)
  if (signal.aborted) return
  await conclude(app, diagnosis, finding)
}

async function findingOf(
  app: App,
  diagnosis: Diagnosis,
  standing: Standing,
  platform: Platform | undefined,
  signal: AbortSignal,
): Promise<Finding> {
  const { facts, repositories } = await gather(app, diagnosis, standing, platform, signal)
  const before = diagnose({ ...facts, probes: [] })
  const isOver = diagnosis.alerts.length > 0 && diagnosis.alerts.every(({ status }) => status === 'resolved')
  if (before.outcome === 'SUCCESS' || isOver) return before
  const bad = before.parts.filter(({ state }) => state !== 'ok')
  const probes = await probeAll(app, { parts: bad, repositories, platform, signal })
  return probes.length === 0 ? before : diagnose({ ...facts, probes })
}
