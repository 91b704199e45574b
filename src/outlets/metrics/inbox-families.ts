/** Alerts that come in, and whether the Alertmanager that is asked for them answers. */
import type { Standing } from '../../model/standing.ts'
import { isAsked } from '../../model/trouble.ts'
import { counter, type Family, gauge, seconds } from './family.ts'

export function inboxFamilies({ inbox, now }: Standing): Family[] {
  const { totals = [], backlog, alertmanager } = inbox ?? {}
  return [
    counter(
      'muster_alerts',
      'Alerts that came in, by way and by what became of them: looked into (`firing`), over (`resolved`), not about backups (`ignored`), told before (`repeated`).',
      totals.map(({ way, fate, alerts }) => [{ way, fate }, alerts]),
    ),
    gauge(
      'muster_inbox_backlog_bodies',
      'Bodies with alerts that are kept and not sorted yet. Absent where none are taken.',
      backlog === undefined ? [] : [[{}, backlog.bodies]],
    ),
    gauge(
      'muster_inbox_backlog_bytes',
      'The size of these bodies.',
      backlog === undefined ? [] : [[{}, backlog.bytes]],
    ),
    gauge(
      'muster_alertmanager_up',
      'Whether the Alertmanager that is asked for its alerts answers; 0 when it did not for 15 minutes. Absent where none is asked.',
      alertmanager === undefined ? [] : [[{}, isAsked(alertmanager, now) ? 1 : 0]],
    ),
    gauge(
      'muster_alertmanager_last_poll_timestamp_seconds',
      'When it answered last. Absent before the first.',
      alertmanager?.lastGood === undefined ? [] : [[{}, seconds(alertmanager.lastGood)]],
    ),
  ]
}
