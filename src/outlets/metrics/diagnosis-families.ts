/** What came of alerts that were looked into. */
import type { Standing } from '../../model/standing.ts'
import { counter, type Family, gauge, seconds } from './family.ts'

export function diagnosisFamilies({ diagnoses }: Standing): Family[] {
  return [
    counter(
      'muster_diagnoses',
      'Groups of alerts that were looked into, by outcome and cause.',
      (diagnoses?.totals ?? []).map(({ outcome, cause, diagnoses: count }) => [{ outcome, cause }, count]),
    ),
    gauge(
      'muster_diagnoses_waiting',
      'Groups of alerts that are to be looked into. Absent where no alert was ever told.',
      diagnoses === undefined ? [] : [[{}, diagnoses.waiting]],
    ),
    gauge(
      'muster_alert_open_since_timestamp_seconds',
      'Since when something is wrong that an alert told of and that is not over, by what was found.',
      (diagnoses?.open ?? []).map(({ name, severity, openedAt, since }) => [
        { name, severity },
        seconds(since ?? openedAt),
      ]),
    ),
  ]
}
