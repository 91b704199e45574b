/** Handing metrics on in a daemon: beside its loop, so that whoever does not answer holds nothing up. */
import type { Config } from '../../config/schema.ts'
import { type PushTarget, pushTargets } from '../../model/push.ts'
import type { Standing } from '../../model/standing.ts'
import { type Beside, longestSleepMs, shortestSleepMs, startBeside } from '../beside.ts'
import type { App } from '../context.ts'
import type { Workers } from '../workers.ts'
import { isPushing } from './configured.ts'
import { findLost } from './lost.ts'
import { otlpOf } from './otlp.ts'
import { push } from './push.ts'
import { want } from './want.ts'

/** Files are looked at so often. */
const lookAtFilesMs = 60_000

export function startPushing(current: () => App, standing: () => Promise<Standing>, signal: AbortSignal): Beside {
  const lookedAt = new Map<PushTarget, number>()
  let ran = true
  /** What is put down already: while these are the same objects, so is what is wanted. */
  let told: (Pick<Standing, 'jobs' | 'totals' | 'repositories'> & { readonly config: Config }) | undefined
  let complained = ''
  const io = { signal, otlp: async () => otlpOf(current(), await standing()) }

  const look = async (target: PushTarget): Promise<void> => {
    const lost = await findLost(current(), target, signal)
    lookedAt.set(target, performance.now())
    const said = lost.ok ? '' : lost.problem.message
    // Once, not every few minutes.
    if (said !== '' && said !== complained && target === 'pushgateway' && !signal.aborted)
      current().log.warn({ target }, `${said} ${lost.ok ? '' : lost.problem.next}`)
    if (target === 'pushgateway') complained = said
  }

  const turn = async (workers: Workers, wake: () => void): Promise<number> => {
    const app = current()
    if (!(await isPushing(app))) return longestSleepMs
    // Whoever refused something may have been mended when the next run ends.
    const again = ran || told?.config !== app.config
    ran = false
    const { jobs, totals, repositories, ...rest } = await standing()
    const facts = { config: app.config, jobs, totals, repositories }
    if (again || told?.jobs !== jobs || told.totals !== totals || told.repositories !== repositories) {
      const isPut = await want(app, { ...rest, jobs, totals, repositories }, { again })
      told = isPut ? facts : undefined
    }
    const now = app.now()
    const { otlp } = app.config.metrics
    if (otlp !== undefined) {
      const due = (await app.ledger.pushes('otlp')).some(
        ({ keptAt }) => keptAt !== undefined && now.getTime() - keptAt.getTime() >= otlp.interval,
      )
      if (due || again) await app.ledger.resendPushes('otlp', otlp.url, undefined, now)
    }
    const pushes = await app.ledger.pushes()
    for (const target of pushTargets) {
      const own = pushes.filter((one) => one.target === target)
      const due = own.some(({ state, nextAt }) => state === 'pending' && nextAt <= now)
      const everyMs = target === 'pushgateway' ? (app.config.metrics.pushgateway?.resend ?? 0) : lookAtFilesMs
      const looks =
        target !== 'otlp' &&
        own.some(({ state }) => state === 'kept') &&
        performance.now() - (lookedAt.get(target) ?? Number.NEGATIVE_INFINITY) >= everyMs
      if (due || looks)
        workers.start(target, async () => {
          if (looks) await look(target)
          // What another process has in hand, or had when it died, is not asked for again and again.
          if ((await push(current(), target, io)) > 0) wake()
        })
    }
    const ahead = pushes.filter(({ state, nextAt }) => state === 'pending' && nextAt > now)
    const untilOtlp = otlp === undefined ? longestSleepMs : otlp.interval
    const untilLook = app.config.metrics.pushgateway?.resend ?? longestSleepMs
    const waits = ahead.map(({ nextAt }) => nextAt.getTime() - now.getTime())
    return Math.max(shortestSleepMs, Math.min(longestSleepMs, untilOtlp, untilLook, ...waits))
  }

  const beside = startBeside(() => current().log, { cannot: 'metrics cannot be handed on now', turn }, signal)
  return {
    /** A run ended, or the configuration is another one. */
    wake() {
      ran = true
      beside.wake()
    },
    done: beside.done,
  }
}
