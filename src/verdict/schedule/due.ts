import { instantsBetween, nextAfter, previousAtOrBefore } from './next.ts'
import type { Schedule } from './parse.ts'

export interface DueQuestion {
  readonly schedule: Schedule
  /** IANA zone of the schedule. */
  readonly zone: string
  /** The last instant that was acted upon, as `DueNow.instant` gave it; undefined before the first. */
  readonly handled?: Date | undefined
  /** When the job was first seen. What lies before was nobody's duty. */
  readonly since: Date
  readonly now: Date
  /** Whether an instant that passed unnoticed (machine off, clock set forward) is made up for. */
  readonly catchUp: boolean
  /** Up to this late an instant is still on time. Default: one minute. */
  readonly onTimeMs?: number | undefined
}

export interface DueNow {
  /** The latest instant that has passed: of several missed ones only this one runs. */
  readonly instant: Date
  readonly trigger: 'schedule' | 'catch-up'
  /** How many earlier instants this run also stands for; counted up to 1,000. */
  readonly missed: number
}

export interface DueAnswer {
  readonly due?: DueNow
  /** First instant after `now`; absent when the schedule never fires again. */
  readonly next?: Date
}

const mostCounted = 1000

/**
 * How far ahead of `now` a handled instant may lie and still be believed. Less is a clock set back, and what already
 * ran does not run again. More means that the history was written by a wrong clock, and waiting for it would silence
 * the job for as long.
 */
const believedAheadMs = 48 * 3_600_000

/**
 * Says which instant of a schedule is due now: none or one, however many have passed.
 *
 * An instant is due when it lies after the last handled one (or after `since`) and not after `now`. When it is later
 * than `onTimeMs`, it is a catch-up, or is left out when the job does not want one. The caller records `instant` as
 * handled before it acts, and so asks never twice for the same.
 */
export function dueNow(question: DueQuestion): DueAnswer {
  const { schedule, zone, now } = question
  const next = nextAfter(schedule, zone, now)
  const due = latestDue(question)
  return { ...(due && { due }), ...(next && { next }) }
}

function latestDue({
  schedule,
  zone,
  handled,
  since,
  now,
  catchUp,
  onTimeMs = 60_000,
}: DueQuestion): DueNow | undefined {
  const instant = previousAtOrBefore(schedule, zone, now)
  if (instant === undefined) return undefined
  const onTime = now.getTime() - instant.getTime() <= onTimeMs
  const begin = handled ?? since
  if (begin.getTime() - now.getTime() > believedAheadMs) {
    return onTime ? { instant, trigger: 'schedule', missed: 0 } : undefined
  }
  if (instant <= begin || !(onTime || catchUp)) return undefined
  const missed = instantsBetween(schedule, zone, begin, new Date(instant.getTime() - 1), mostCounted).length
  return { instant, trigger: onTime ? 'schedule' : 'catch-up', missed }
}
