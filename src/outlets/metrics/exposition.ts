/** Writes families in the text format of Prometheus 0.0.4 or OpenMetrics 1.0. */
import { createHash } from 'node:crypto'
import type { Family, Sample } from './family.ts'

export type Format = 'prometheus' | 'openmetrics'

export const contentTypes: Record<Format, string> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** A longer label value is cut, with a hash of the whole behind it, so that two long values stay two (test I6). */
const longestLabel = 1024

/** The whole body. Families without a sample are left out; two samples with the same labels cannot both be told: the first stays. */
export function renderFamilies(families: readonly Family[], format: Format): string {
  const parts: string[] = []
  for (const family of families) {
    if (family.samples.length === 0) continue
    const sampleName = family.type === 'counter' ? `${family.name}_total` : family.name
    // The classic format names a counter by its samples, OpenMetrics by the family.
    const familyName = format === 'prometheus' ? sampleName : family.name
    parts.push(`# HELP ${familyName} ${escapeHelp(family.help, format)}\n# TYPE ${familyName} ${family.type}\n`)
    const seen = new Set<string>()
    for (const sample of family.samples) {
      const series = sampleName + renderLabels(sample)
      if (seen.has(series)) continue
      seen.add(series)
      parts.push(`${series} ${renderValue(sample.value)}\n`)
    }
  }
  if (format === 'openmetrics') parts.push('# EOF\n')
  return parts.join('')
}

function renderLabels({ labels }: Sample): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeLabel(value: string): string {
  const valid = value.toWellFormed()
  const cut =
    valid.length <= longestLabel
      ? valid
      : `${valid.slice(0, longestLabel - 17).toWellFormed()}~${createHash('sha256').update(valid).digest('hex').slice(0, 16)}`
  return cut.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}

const escapeHelp = (text: string, format: Format): string => {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped
}

/** JavaScript's shortest form reads back as the same number in Go; only the infinities have other names. */
function renderValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
