/** Alerts on notifiers: who watches whether people are told. */
import { type Alert, minuteMs } from './alert.ts'

const up = 'muster_notifier_up'

export const notifierAlerts: readonly Alert[] = [
  {
    name: 'MusterNotifierFailing',
    set: 'muster',
    group: 'muster',
    severity: 'warning',
    forMs: 5 * minuteMs,
    by: ['notifier'],
    summary: 'Nobody hears what Muster tells {{ $labels.notifier }}',
    when: 'a message to a notifier was given up, or is on its way for 15 minutes',
    todo: '`muster deliveries` says what the other side answered; then try it with `muster notify test`.',
    rules: ({ notifiers }, select) =>
      notifiers.slice(0, 1).map((notifier) => ({
        expr: `${select(up)} == 0`,
        faults: [
          {
            what: 'a message that was given up',
            change: [{ name: up, labels: { notifier }, value: 0 }],
            fires: [{ notifier }],
          },
        ],
      })),
  },
]
