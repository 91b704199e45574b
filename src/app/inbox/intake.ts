/** Takes bodies with alerts: checked, kept on the disk, and only then said to be. */
import type { Problem } from '../../model/problem.ts'
import { decodeWebhook } from '../../sources/inbox/alertmanager/index.ts'
import type { App } from '../context.ts'
import { openBreathing } from './breathing.ts'

export type Taken =
  | { readonly state: 'kept'; readonly alerts: number }
  | { readonly state: 'bad'; readonly problem: Problem }
  /** Not now; the same may be posted again. */
  | { readonly state: 'later'; readonly problem: Problem; readonly afterSeconds: number }

/** Bodies that are kept and not sorted yet: more than this is too much to catch up with soon. */
const mostBacklogBytes = 512 * 1024 * 1024
const mostBacklogBodies = 200_000
/** Who posts many pauses for less. */
const busyMs = 100
/** Bodies in memory, on their way to the disk. */
const mostWaiting = 1_024

export interface Intake {
  take(body: Uint8Array): Promise<Taken>
  /** Kept, and not sorted yet. */
  backlog(): { readonly bodies: number; readonly bytes: number }
  /** Something came in a moment ago. */
  isBusy(): boolean
  /** So much was sorted. */
  sorted(bodies: number, bytes: number): void
  /** Found on the disk at the start. */
  found(bodies: number, bytes: number): void
}

/** @param wake Called when there is something to sort. */
export function openIntake(current: () => App, isEnding: () => boolean, wake: () => void): Intake {
  const backlog = { bodies: 0, bytes: 0 }
  const breath = openBreathing()
  let waiting = 0
  let takenAt = Number.NEGATIVE_INFINITY
  let [minute, thisMinute] = [0, 0]

  const tooMany = (alerts: number): boolean => {
    const now = Math.floor(performance.now() / 60_000)
    if (now !== minute) [minute, thisMinute] = [now, 0]
    if (thisMinute + alerts > (current().config.inbox?.mostPerMinute ?? 0) && thisMinute > 0) return true
    thisMinute += alerts
    return false
  }

  return {
    async take(body) {
      if (isEnding()) return later(ending, 5)
      if (waiting >= mostWaiting || backlog.bytes > mostBacklogBytes || backlog.bodies > mostBacklogBodies)
        return later(overloaded, 2)
      const webhook = decodeWebhook(body)
      if (!webhook.ok) return { state: 'bad', problem: webhook.problem }
      const alerts = webhook.value.alerts.length
      if (tooMany(alerts)) return later(overloaded, 10)
      waiting += 1
      try {
        await current().ledger.recordIntake({ way: 'webhook', receivedAt: current().now(), body })
      } catch (error) {
        current().log.error(
          { error },
          `alerts cannot be kept: ${error instanceof Error ? error.message : String(error)}`,
        )
        return later(cannotKeep, 10)
      } finally {
        waiting -= 1
      }
      takenAt = performance.now()
      breath()
      backlog.bodies += 1
      backlog.bytes += body.byteLength
      wake()
      return { state: 'kept', alerts }
    },
    backlog: () => ({ ...backlog }),
    isBusy: () => performance.now() - takenAt < busyMs,
    sorted(bodies, bytes) {
      backlog.bodies = Math.max(0, backlog.bodies - bodies)
      backlog.bytes = Math.max(0, backlog.bytes - bytes)
    },
    found(bodies, bytes) {
      backlog.bodies += bodies
      backlog.bytes += bytes
    },
  }
}

const later = (problem: Problem, afterSeconds: number): Taken => ({ state: 'later', problem, afterSeconds })

const ending: Problem = {
  code: 'inbox.ending',
  message: 'Muster is ending.',
  next: 'Post it again in a moment; an Alertmanager does so by itself.',
  retry: 'soon',
}
const overloaded: Problem = {
  code: 'inbox.overloaded',
  message: 'More alerts come in than can be taken.',
  next: 'Post it again in a moment; an Alertmanager does so by itself. If that is usual here, raise `inbox.mostPerMinute`.',
  retry: 'soon',
}
const cannotKeep: Problem = {
  code: 'inbox.cannot-keep',
  message: 'The alerts cannot be kept: the ledger cannot be written to.',
  next: 'Look at the disk of the state folder, and at the log of Muster. An Alertmanager posts them again by itself.',
  retry: 'soon',
}
