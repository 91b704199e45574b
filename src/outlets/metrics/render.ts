/** The whole of `/metrics`: families from the standing, capped per repository, rendered. */
import type { Standing } from '../../model/standing.ts'
import { type Format, renderFamilies } from './exposition.ts'
import { counter, type Family, gauge, seconds } from './family.ts'
import { jobFamilies } from './job-families.ts'
import { repositoryFamilies } from './repository-families.ts'

export interface MetricsSettings {
  /** Most series of backup sets per repository. */
  readonly maxSeries: number
  readonly format: Format
}

/** From the ledger alone, so that a restart changes nothing (test L13). `extra`: families of the process itself. */
export const renderMetrics = (standing: Standing, settings: MetricsSettings, extra: readonly Family[] = []): string =>
  [...metricParts(standing, settings, extra)].join('')

/** The same in parts: a server answers others between them, also with 100,000 series (test L8). */
export function metricParts(
  standing: Standing,
  settings: MetricsSettings,
  extra: readonly Family[] = [],
): Generator<string> {
  const { families, dropped } = capped([...repositoryFamilies(standing), ...jobFamilies(standing)], settings.maxSeries)
  const own = [
    gauge('muster_build_info', 'Version of Muster. Always 1.', [
      [{ version: standing.version, node: process.versions.node }, 1],
    ]),
    gauge('muster_ledger_degraded', 'Whether an earlier ledger was damaged and set aside.', [
      [{}, standing.ledgerProblem === undefined ? 0 : 1],
    ]),
    gauge('muster_config_reload_successful', 'Whether the configuration in force is the file as it is now.', [
      [{}, standing.configProblem === undefined ? 1 : 0],
    ]),
    gauge('muster_config_last_reload_success_timestamp_seconds', 'When the configuration in force was loaded.', [
      [{}, seconds(standing.configLoadedAt)],
    ]),
    counter(
      'muster_repository_series_dropped',
      'Series of backup sets left out, because the repository has more than metrics.maxSeries.',
      standing.repositories.map(({ name }) => [{ repository: name }, dropped.get(name) ?? 0]),
    ),
  ]
  return renderFamilies([...own, ...families, ...extra], settings.format)
}

/**
 * Leaves out whole backup sets beyond the cap, the same ones in every family, so that none is told by halves. Which ones
 * stay does not depend on time: the first ones by name (tests L10).
 */
function capped(
  families: readonly Family[],
  maxSeries: number,
): { families: readonly Family[]; dropped: ReadonlyMap<string, number> } {
  const perSet = new Map<string, Map<string, number>>()
  for (const { samples } of families) {
    for (const { cap, labels } of samples) {
      if (cap === undefined) continue
      const sets = perSet.get(cap) ?? new Map<string, number>()
      const key = setKey(labels)
      sets.set(key, (sets.get(key) ?? 0) + 1)
      perSet.set(cap, sets)
    }
  }
  const out = new Map<string, Set<string>>()
  const dropped = new Map<string, number>()
  for (const [repository, sets] of perSet) {
    let used = 0
    for (const [key, series] of [...sets].sort(([a], [b]) => (a < b ? -1 : 1))) {
      used += series
      if (used <= maxSeries) continue
      out.set(repository, (out.get(repository) ?? new Set()).add(key))
      dropped.set(repository, (dropped.get(repository) ?? 0) + series)
    }
  }
  if (out.size === 0) return { families, dropped }
  const stays = (cap: string | undefined, labels: Readonly<Record<string, string>>): boolean =>
    cap === undefined || out.get(cap)?.has(setKey(labels)) !== true
  return {
    families: families.map((family) => ({
      ...family,
      samples: family.samples.filter(({ cap, labels }) => stays(cap, labels)),
    })),
    dropped,
  }
}

const setKey = (labels: Readonly<Record<string, string>>): string => JSON.stringify([labels.host, labels.user])
