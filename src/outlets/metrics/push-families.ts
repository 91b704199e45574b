/** Whether metrics that are handed on without being asked for arrive. */
import type { Standing } from '../../model/standing.ts'
import { isTaken } from '../../model/trouble.ts'
import { counter, type Family, gauge, seconds } from './family.ts'

export function pushFamilies({ pushes = [], now }: Standing): Family[] {
  const of = (target: string) => ({ target })
  return [
    gauge(
      'muster_push_up',
      'Whether metrics that are handed on are taken: none was refused, and none is on its way for 15 minutes.',
      pushes.map((push) => [of(push.target), isTaken(push, now) ? 1 : 0]),
    ),
    counter(
      'muster_push_deliveries',
      'Groups, files or bodies that were taken (`kept`), and such that were refused.',
      pushes.flatMap(({ target, totals }) => [
        [{ ...of(target), state: 'kept' }, totals.kept] as const,
        [{ ...of(target), state: 'refused' }, totals.refused] as const,
      ]),
    ),
    gauge(
      'muster_push_pending',
      'Groups, files or bodies on their way.',
      pushes.map(({ target, pending }) => [of(target), pending]),
    ),
    gauge(
      'muster_push_refused',
      'Groups, files or bodies whose newest state was refused.',
      pushes.map(({ target, refused }) => [of(target), refused]),
    ),
    gauge(
      'muster_push_oldest_pending_timestamp_seconds',
      'Since when the oldest is on its way. Absent where none is.',
      pushes.map(({ target, oldestPending }) => [of(target), seconds(oldestPending)]),
    ),
    gauge(
      'muster_push_last_delivery_timestamp_seconds',
      'When one was taken last. Absent before the first.',
      pushes.map(({ target, lastKept }) => [of(target), seconds(lastKept)]),
    ),
  ]
}
