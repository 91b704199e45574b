/** Alerts on metrics that are handed on: whoever looks at what came last would take it for the newest. */
import { type Alert, minuteMs } from './alert.ts'

const up = 'muster_push_up'

export const pushAlerts: readonly Alert[] = [
  {
    name: 'MusterPushFailing',
    set: 'muster',
    group: 'muster',
    severity: 'warning',
    forMs: 5 * minuteMs,
    by: ['target'],
    summary: 'Metrics of backups do not arrive at {{ $labels.target }}',
    when: 'metrics that are handed on (Pushgateway, files, OTLP) were refused, or are on their way for 15 minutes',
    todo: '`muster pushes` says what the other side answered, and what to do.',
    rules: ({ pushes }, select) =>
      pushes.slice(0, 1).map((target) => ({
        expr: `${select(up)} == 0`,
        faults: [
          {
            what: 'metrics that were refused',
            change: [{ name: up, labels: { target }, value: 0 }],
            fires: [{ target }],
          },
        ],
      })),
  },
]
