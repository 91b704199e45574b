/** The whole of `/metrics` at once, for whoever asks once; a server keeps blocks of it (`blocks.ts`). */
import type { Standing } from '../../model/standing.ts'
import { diagnosisFamilies } from './diagnosis-families.ts'
import { endOf, type Format, headOf, linesOf, renderFamilies } from './exposition.ts'
import { type Family, gauge, seconds } from './family.ts'
import { inboxFamilies } from './inbox-families.ts'
import { notifierFamilies } from './notifier-families.ts'
import { partsOf } from './parts.ts'
import { pushFamilies } from './push-families.ts'
import { sections } from './sections.ts'

export interface MetricsSettings {
  /** Most series of backup sets per repository. */
  readonly maxSeries: number
  readonly format: Format
}

/** From the ledger alone, so that a restart changes nothing. `extra`: families of the process itself. */
export function renderMetrics(standing: Standing, settings: MetricsSettings, extra: readonly Family[] = []): string {
  const { maxSeries, format } = settings
  const parts = partsOf(standing)
  const body = sections.flatMap(({ kinds, steps }) => {
    const lines = kinds.map(() => '')
    for (const part of parts)
      for (const families of steps(part, maxSeries))
        for (const [at, family] of families.entries()) lines[at] += linesOf(family)
    return kinds.map((kind, at) => (lines[at] === '' ? '' : `${headOf(kind, format)}${lines[at]}`))
  })
  return [renderFamilies(ownFamilies(standing), format), ...body, renderFamilies(extra, format), endOf(format)].join('')
}

/** What Muster tells of itself. */
export const ownFamilies = (standing: Standing): Family[] => [
  gauge('muster_build_info', 'Version of Muster. Always 1.', [
    [{ version: standing.version, node: process.versions.node }, 1],
  ]),
  gauge('muster_ledger_degraded', 'Whether the ledger is damaged, or an earlier one was and lies set aside.', [
    [{}, standing.ledgerProblem === undefined ? 0 : 1],
  ]),
  gauge('muster_config_reload_successful', 'Whether the configuration in force is the file as it is now.', [
    [{}, standing.configProblem === undefined ? 1 : 0],
  ]),
  gauge('muster_config_last_reload_success_timestamp_seconds', 'When the configuration in force was loaded.', [
    [{}, seconds(standing.configLoadedAt)],
  ]),
  ...notifierFamilies(standing),
  ...pushFamilies(standing),
  ...diagnosisFamilies(standing),
  ...inboxFamilies(standing),
]
