/**
 * What the other side had and has no more is sent again. A gateway is asked, and not simply pushed to again and again: each push
 * renews its `push_time_seconds`, by which many see how old a backup is, and an old one would look new for ever.
 */
import { groupKeyOf, labelsAt } from '../../model/grouping.ts'
import { fail, type Result } from '../../model/problem.ts'
import type { PushTarget } from '../../model/push.ts'
import { groupsAt } from '../../outlets/metrics/push/gateway.ts'
import type { ReceiverSettings } from '../../outlets/metrics/push/send.ts'
import { isLaid } from '../../outlets/metrics/push/textfile.ts'
import type { App } from '../context.ts'
import { settingsOf } from './push.ts'

/** A proxy that answers for the gateway may have another clock. */
const toleranceMs = 30_000
const isBefore = (one: Date, other: Date): boolean => one.getTime() < other.getTime() - toleranceMs

/** Marks what was lost, to be sent. @returns How much; a problem where the gateway cannot be asked. */
export async function findLost(app: App, target: PushTarget, signal: AbortSignal): Promise<Result<number>> {
  const kept = (await app.ledger.pushes(target)).filter(({ state }) => state === 'kept')
  const lost: string[] = []
  if (kept.length === 0 || target === 'otlp') return { ok: true, value: 0 }
  const place = kept[0]?.place ?? ''
  if (target === 'textfile') {
    for (const file of kept) if (!(await isLaid(file.place, file))) lost.push(file.key)
  } else {
    const loaded = await settingsOf(app, target)
    if (loaded === undefined) return { ok: true, value: 0 }
    if (!loaded.ok) return fail(loaded.problem)
    const groups = await groupsAt(loaded.value.settings as unknown as ReceiverSettings, signal)
    if (!groups.ok) return groups
    for (const { key, keptThere } of kept) {
      const pushedAt = groups.value.get(groupKeyOf(labelsAt(key)))
      // One that came back from its disk may hold an older state.
      const isOlder = keptThere !== undefined && pushedAt !== undefined && isBefore(pushedAt, keptThere)
      if (pushedAt === undefined || isOlder) lost.push(key)
    }
  }
  if (lost.length === 0) return { ok: true, value: 0 }
  const count = await app.ledger.resendPushes(target, place, lost, app.now())
  if (count > 0) app.log.warn({ target, lost: count }, `${target} lost ${count} of what it had: sent again`)
  return { ok: true, value: count }
}
