/** Whether people hear what they are told. */
import type { Standing } from '../../model/standing.ts'
import { counter, type Family, gauge, seconds } from './family.ts'

export function notifierFamilies({ notifiers = [] }: Standing): Family[] {
  const of = (name: string) => ({ notifier: name })
  return [
    counter(
      'muster_notifier_deliveries',
      'Messages that were taken, and messages that were given up.',
      notifiers.flatMap(({ name, totals }) => [
        [{ ...of(name), state: 'delivered' }, totals.delivered] as const,
        [{ ...of(name), state: 'dead' }, totals.dead] as const,
      ]),
    ),
    gauge(
      'muster_notifier_pending',
      'Messages on their way.',
      notifiers.map(({ name, pending }) => [of(name), pending]),
    ),
    gauge(
      'muster_notifier_oldest_pending_timestamp_seconds',
      'Since when the oldest message is on its way. Absent where none is.',
      notifiers.flatMap(({ name, oldestPending }) =>
        oldestPending === undefined ? [] : [[of(name), seconds(oldestPending)] as const],
      ),
    ),
    gauge(
      'muster_notifier_last_delivery_timestamp_seconds',
      'When a message was taken last. Absent before the first.',
      notifiers.flatMap(({ name, lastDelivered }) =>
        lastDelivered === undefined ? [] : [[of(name), seconds(lastDelivered)] as const],
      ),
    ),
  ]
}
