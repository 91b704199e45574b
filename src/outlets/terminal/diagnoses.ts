/** `muster alerts`: what was looked into, and what was found. */
import type { Diagnosis } from '../../model/diagnosis.ts'
import { sayDuration } from '../../model/units.ts'
import { oneLine } from '../../system/text.ts'
import { paint, table } from './style.ts'

const colours = { SUCCESS: 'green', PARTIAL: 'yellow', REPO_FAILURE: 'red', UNKNOWN: 'red' } as const

export function renderDiagnoses(diagnoses: readonly Diagnosis[], now: Date): string {
  if (diagnoses.length === 0) return 'No alert about a backup was told yet. How they get here: muster alertmanager'
  const rows = diagnoses.map(({ id, openedAt, alerts, finding, dueAt, group }) => [
    id.slice(-8),
    finding === undefined ? paint('yellow', 'waiting') : paint(colours[finding.outcome], finding.outcome),
    finding?.cause ?? '',
    `${sayDuration(now.getTime() - openedAt.getTime())} ago`,
    oneLine([...new Set(alerts.map(({ labels }) => labels.alertname ?? ''))].join(', ') || group).slice(0, 60),
    oneLine(
      finding === undefined
        ? `looked into in ${sayDuration(Math.max(0, dueAt.getTime() - now.getTime()))}`
        : (finding.evidence[0]?.text ?? ''),
    ).slice(0, 100),
  ])
  const next = diagnoses.flatMap(({ finding }) =>
    finding === undefined || finding.outcome === 'SUCCESS' ? [] : [finding.next],
  )[0]
  const shown = table(['id', 'outcome', 'cause', 'told', 'alerts', 'what speaks for it'], rows)
  return next === undefined ? shown : `${shown}\n    → ${oneLine(next)}`
}
