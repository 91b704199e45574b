/** Telling that nothing could be started: of a configuration that is wrong, or a ledger that cannot be opened. */
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import type { Pushgateway } from '../../config/schema/metrics.ts'
import { Notify } from '../../config/schema/notify.ts'
import type { Schema } from '../../config/schema-walk.ts'
import type { Message } from '../../model/delivery.ts'
import type { Problem } from '../../model/problem.ts'
import type { Pushed } from '../../outlets/metrics/push/pushed.ts'
import type { Notifier, Sent } from '../../outlets/notify/notifier.ts'
import { notifiers } from '../../outlets/notify/notifiers/registry.generated.ts'
import { redactor } from '../../system/redact.ts'
import { loadSettings } from '../loaded-settings.ts'
import { pausesMs, pushRefused } from './refused-push.ts'

const timeLimitMs = 10_000

/** Who hears that nothing was started. */
export interface RefusedHearers {
  readonly notify: Readonly<Record<string, Notify>>
  /** With its group filled in. */
  readonly gateway?: Pushgateway | undefined
}

/** How this process ends. */
export interface RefusedEnd {
  readonly code: number
  readonly startedAt: Date
  readonly env: NodeJS.ProcessEnv
}

/**
 * Tells every notifier and the gateway at once, without ledger and outbox: there may be none. Whoever starts again and again with the same
 * mistake takes the place of his own last message, where the receiver can do that.
 *
 * @param lines All that is wrong, as it was told here.
 * @returns What could not be told.
 */
export async function tellRefused(
  { notify, gateway }: RefusedHearers,
  problem: Pick<Problem, 'message' | 'next'>,
  lines: readonly string[],
  end: RefusedEnd,
): Promise<readonly Problem[]> {
  const message = messageOf(problem, lines, new Date())
  const { createHash } = await import('node:crypto')
  const id = `refused-${createHash('sha256')
    .update(`${hostname()}\n${lines.join('\n')}`)
    .digest('hex')
    .slice(0, 32)}`
  const sent = await Promise.all([
    ...Object.entries(notify).map(async ([name, one]) => [name, await tellOne(one, id, message, end.env)] as const),
    ...(gateway === undefined ? [] : [pushRefused(gateway, end).then((pushed) => ['pushgateway', pushed] as const)]),
  ])
  return sent.flatMap(([name, one]) => (one.ok ? [] : [untold(name, one)]))
}

/** No outbox keeps it. */
const untold = (name: string, { problem, trouble }: Extract<Sent | Pushed, { ok: false }>): Problem => ({
  ...problem,
  message: `${name} was not told of this: ${problem.message}`,
  next:
    trouble === 'never'
      ? problem.next
      : `It is not tried again by itself: mend what is wrong above. That ${name} is told the next time, look at its server and the network.`,
})

async function tellOne(notify: Notify, id: string, message: Message, env: NodeJS.ProcessEnv): Promise<Sent> {
  const loaded = await loadSettings({ env }, Notify as Schema, notify)
  if (!loaded.ok) return { ok: false, problem: loaded.problem, trouble: 'never' }
  const notifier: Notifier = await notifiers[notify.kind as keyof typeof notifiers]()
  const { signal } = new AbortController()
  const redact = redactor(loaded.value.secrets)
  for (let at = 0; ; at += 1) {
    const sent = await notifier.send(
      loaded.value.settings as never,
      { id, message },
      { signal, timeLimitMs, env, redact },
    )
    const pauseMs = pausesMs[at]
    if (sent.ok || sent.trouble === 'never' || pauseMs === undefined)
      return sent.ok ? sent : { ...sent, problem: { ...sent.problem, message: redact(sent.problem.message) } }
    await pause(pauseMs)
  }
}

function messageOf({ message, next }: Pick<Problem, 'message' | 'next'>, lines: readonly string[], at: Date): Message {
  const host = hostname()
  return {
    kind: 'incidents',
    title: `Muster was not started on ${host}`.slice(0, 120),
    severity: 'critical',
    entries: [
      {
        event: 'opened',
        kind: 'configuration',
        name: 'environment',
        state: 'failing',
        severity: 'critical',
        reason: message,
        next,
        openedAt: at,
      },
    ],
    log: lines.join('\n'),
    host,
    at,
  }
}
