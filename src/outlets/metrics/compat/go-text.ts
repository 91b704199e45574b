/** The text format as Go's client writes it, byte for byte. What reads that of Python's client reads this as well. */
import { createHash } from 'node:crypto'

/** Names in a repository are somebody else's: a longer value is cut, with a hash of the whole behind it. */
const longestLabel = 1024

export interface GoSample {
  /** In the order in which they are written. */
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface GoGauge {
  readonly name: string
  readonly help: string
  readonly samples: readonly GoSample[]
}

/** Families as given, those without a sample left out. Of two samples with the same labels the first stays. */
export const renderGauges = (gauges: readonly GoGauge[]): string =>
  gauges
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) => {
      const lines = new Map<string, string>()
      for (const { labels, value } of samples) {
        const series = `${name}${goLabels(labels)}`
        if (!lines.has(series)) lines.set(series, `${series} ${goNumber(value)}\n`)
      }
      return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${[...lines.values()].join('')}`
    })
    .join('')

function goLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (value: string): string =>
  bounded(value.toWellFormed()).replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')

function bounded(value: string): string {
  if (value.length <= longestLabel) return value
  const hash = createHash('sha256').update(value).digest('hex').slice(0, 16)
  return `${value.slice(0, longestLabel - 17).toWellFormed()}~${hash}`
}

/**
 * A number as `strconv.FormatFloat(value, 'g', -1, 64)` writes it: `1.7325504e+09`, `123456`, `0.5`.
 * Source: Go `strconv/ftoa.go`: with the shortest digits, `%e` is used for exponents below -4 and from 6 on.
 */
export function goNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  const power = Number(exponent)
  // Above 1e-6 and below 1e21 JavaScript writes no exponent of its own.
  if (power >= -4 && power < 6) return String(value)
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}
