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

/** The whole body, family by family, so that a caller can do other things in between. Families without a sample are left out. */
export function* renderFamilies(families: readonly Family[], format: Format): Generator<string> {
  for (const family of families) if (family.samples.length > 0) yield renderFamily(family, format)
  if (format === 'openmetrics') yield '# EOF\n'
}

function renderFamily(family: Family, format: Format): string {
  const sampleName = family.type === 'counter' ? `${family.name}_total` : family.name
  // The classic format names a counter by its samples, OpenMetrics by the family.
  const familyName = format === 'prometheus' ? sampleName : family.name
  let text = `# HELP ${familyName} ${escapeHelp(family.help, format)}\n# TYPE ${familyName} ${family.type}\n`
  for (const [labels, value] of family.samples.some(isChanged) ? withoutTwins(family.samples) : eachOf(family.samples))
    text += `${sampleName}${labels} ${renderValue(value)}\n`
  return text
}

function* eachOf(samples: readonly Sample[]): Generator<readonly [labels: string, value: number]> {
  for (const sample of samples) yield [renderLabels(sample), sample.value]
}

/** Two values that were different can be the same once they are replaced or cut; the first stays. */
function withoutTwins(samples: readonly Sample[]): ReadonlyMap<string, number> {
  const all = new Map<string, number>()
  for (const [labels, value] of eachOf(samples)) if (!all.has(labels)) all.set(labels, value)
  return all
}

function renderLabels({ labels }: Sample): string {
  let pairs = ''
  for (const name of Object.keys(labels))
    pairs += `${pairs === '' ? '' : ','}${name}="${escapeLabel(labels[name] ?? '')}"`
  return pairs === '' ? '' : `{${pairs}}`
}

const isChanged = ({ labels }: Sample): boolean => Object.values(labels).some((value) => !isPlain(value))

/** Nearly all values are as they have to be; a look is cheaper than four replacements that change nothing. */
const needsWork = /[\\\n"\ud800-\udfff]/

const isPlain = (value: string): boolean => value.length <= longestLabel && !needsWork.test(value)

function escapeLabel(value: string): string {
  if (isPlain(value)) return value
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
