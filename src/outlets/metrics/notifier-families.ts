/** Whether people hear what they are told. */
import type { Standing } from '../../model/standing.ts'
import { isHeard } from '../../model/trouble.ts'
import { counter, type Family, gauge, seconds } from './family.ts'

export function notifierFamilies({ notifiers = [], heartbeat, now }: Standing): Family[] {
  const of = (name: string) => ({ notifier: name })
  return [
    gauge(
      'muster_notifier_up',
      'Whether what a notifier is given is heard: nothing was given up since the last that was taken, and nothing is on its way for 15 minutes.',
      notifiers.map((notifier) => [of(notifier.name), isHeard(notifier, now) ? 1 : 0]),
    ),
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
    ...(heartbeat === undefined
      ? []
      : [
          gauge(
            'muster_heartbeat_last_success_timestamp_seconds',
            'When a sign of life last arrived where `heartbeat` of the configuration sends it. Absent before the first.',
            heartbeat.lastGood === undefined ? [] : [[{}, seconds(heartbeat.lastGood)]],
          ),
        ]),
  ]
}
