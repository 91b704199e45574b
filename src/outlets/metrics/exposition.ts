/** Writes families in the text format of Prometheus 0.0.4 or OpenMetrics 1.0. */
import { createHash } from 'node:crypto'
import type { Family, Kind, Sample } from './family.ts'

export type Format = 'prometheus' | 'openmetrics'

export const contentTypes: Record<Format, string> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** A longer label value is cut, with a hash of the whole behind it, so that two long values stay two. */
const longestLabel = 1024

/** Families as they follow one another. Those without a sample are left out. */
export const renderFamilies = (families: readonly Family[], format: Format): string =>
  families.map((family) => (family.samples.length === 0 ? '' : headOf(family, format) + linesOf(family))).join('')

/** What ends a body. */
export const endOf = (format: Format): string => (format === 'openmetrics' ? '# EOF\n' : '')

const sampleName = ({ name, type }: Kind): string => (type === 'counter' ? `${name}_total` : name)

/** The two lines before the samples. The classic format names a counter by its samples, OpenMetrics by the family. */
export function headOf(family: Kind, format: Format): string {
  if (family.type === 'untyped') return ''
  const name = format === 'prometheus' ? sampleName(family) : family.name
  return `# HELP ${name} ${escapeHelp(family.help, format)}\n# TYPE ${name} ${family.type}\n`
}

/** A line a sample; the same in both formats. */
export function linesOf(family: Family): string {
  const name = sampleName(family)
  let text = ''
  for (const [labels, value] of family.samples.some(isChanged) ? withoutTwins(family.samples) : eachOf(family.samples))
    text += `${name}${labels} ${renderValue(value)}\n`
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

/** Whether a label value is written as it is. */
export const isPlain = (value: string): boolean => value.length <= longestLabel && !needsWork.test(value)

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
