/** Looking into alerts, beside the loop of the daemon: what waited long enough is asked about, looked at and answered. */
import type { Diagnosis, Finding } from '../../model/diagnosis.ts'
import type { Standing } from '../../model/standing.ts'
import { diagnose } from '../../verdict/diagnosis/diagnose.ts'
import { type Beside, longestSleepMs, startBeside } from '../beside.ts'
import type { App } from '../context.ts'
import type { Workers } from '../workers.ts'
import { conclude } from './conclude.ts'
import { openFollowing } from './following.ts'
import { gather } from './gather.ts'
import { openPlatform, type Platform } from './platform.ts'
import { probeAll } from './probes.ts'
import { silenceAnswered } from './silencing.ts'

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
  const following = openFollowing(current, standing, signal, onAnswer)
  const turn = async (workers: Workers, wake: () => void): Promise<number> => {
    const app = current()
    if (!signal.aborted) following.turn(workers, wake)
    while (busy < mostAtOnce && !signal.aborted) {
      const { budget } = app.config.diagnose.probe
      const diagnosis = await app.ledger.claimDiagnosis(app.now(), budget + leaseMs)
      if (diagnosis === undefined) break
      busy += 1
      workers.start(`diagnosis ${diagnosis.id}`, async () => {
        try {
          const finding = await lookInto(current(), diagnosis, standing, signal)
          onAnswer()
          if (finding !== undefined)
            workers.start(`silences of diagnosis ${diagnosis.id}`, async () => {
              await silenceAnswered(current(), diagnosis, finding, signal)
            })
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

/** From asking to the answer in the outbox. @returns What was found; undefined where another process was faster. What is ended half-way is begun anew by whoever comes next. */
export async function lookInto(
  app: App,
  diagnosis: Diagnosis,
  standing: () => Promise<Standing>,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const platform = await openPlatform(app)
  const finding = await findingOf(app, diagnosis, standing, platform, signal)
  if (signal.aborted) return undefined
  return (await conclude(app, diagnosis, finding)) ? finding : undefined
}

async function findingOf(
  app: App,
  diagnosis: Diagnosis,
  standing: () => Promise<Standing>,
  platform: Platform | undefined,
  signal: AbortSignal,
): Promise<Finding> {
  const asked = async () => gather(app, diagnosis, await standing(), platform, signal)
  const { facts, repositories } = await asked()
  const before = diagnose({ ...facts, probes: [] })
  const isOver = diagnosis.alerts.length > 0 && diagnosis.alerts.every(({ status }) => status === 'resolved')
  // What is known of a repository may be from before the alarm: it is looked at before anything is called fine.
  if ((before.outcome === 'SUCCESS' && repositories.length === 0) || isOver) return before
  const bad = before.parts.filter(({ state }) => state !== 'ok')
  const probes = await probeAll(app, { parts: bad, repositories, platform, signal })
  if (probes.length === 0) return before
  // A look at a repository of our own is a reading: what it found is known now.
  const now = repositories.length > 0 ? (await asked()).facts : facts
  return diagnose({ ...now, probes })
}
