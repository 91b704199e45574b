/** Durations, sizes and shares as people write them; plain numbers behind the border. */
import { z } from 'zod'

export type Kind = 'duration' | 'pace' | 'bytes' | 'share' | 'secret' | 'url' | 'schedule' | 'zone'

/**
 * What a value of the configuration is beyond its type, so that one walk over the schema can print it as it was written, and
 * mask it. Wrapped and described copies of a schema keep the entry.
 */
export const kinds = z.registry<{ readonly kind: Kind }>()

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
/** How a duration looks; `0s` does too, and is none. */
export const durationPattern = /^(?:\d{1,9}[smhdw])+$/
const unitBytes = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 } as const
const bytesPattern = /^(\d{1,12})([KMGT]?)(?:i?B)?$/

/**
 * Reads `90m`, `36h`, `1h30m`, `7d`.
 * @returns Milliseconds, or undefined when the text is no duration or is zero.
 */
function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)([smhdw])/g))
    total += Number(count) * unitMs[unit as keyof typeof unitMs]
  return total > 0 ? total : undefined
}

/**
 * Reads `500M`, `2G`, `10GiB`: powers of 1024.
 * @returns Bytes, or undefined when the text is no size.
 */
function parseBytes(text: string): number | undefined {
  const match = bytesPattern.exec(text)
  if (match === null) return undefined
  const bytes = Number(match[1]) * unitBytes[match[2] as keyof typeof unitBytes]
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** A schema for text that `parse` turns into a number; the description of the *input* stays in the JSON Schema. */
const measured = (pattern: RegExp, parse: (text: string) => number | undefined, hint: string) =>
  z
    .string({ error: hint })
    .regex(pattern, hint)
    .transform((text, context) => {
      const value = parse(text)
      if (value !== undefined) return value
      context.issues.push({ code: 'custom', message: hint, input: text })
      return z.NEVER
    })

/** `36h` in the file, milliseconds behind it. */
export const Duration = measured(
  durationPattern,
  parseDuration,
  'Write whole numbers with s, m, h, d or w, such as 90m, 36h or 1h30m',
).register(kinds, { kind: 'duration' })

/** `500M` in the file, bytes behind it. */
export const Bytes = measured(
  bytesPattern,
  parseBytes,
  'Write a whole number with K, M, G or T (powers of 1024), such as 500M or 2G',
).register(kinds, { kind: 'bytes' })

/** `50%` in the file, 0.5 behind it. */
export const Share = measured(
  /^(?:100|\d{1,2}(?:\.\d{1,3})?)%$/,
  (text) => Number.parseFloat(text) / 100,
  'Write a percentage from 0% to 100%, such as 50%',
).register(kinds, { kind: 'share' })

/** Milliseconds in the units of the file, as one that `parseDuration` reads: 5400000 → `90m`. */
export const writeDuration = (ms: number): string => written(ms, unitMs, 'wdhms')

/** Bytes in the units of the file: 1536 → `1536`, 524288000 → `500M`. */
export const writeBytes = (bytes: number): string => written(bytes, unitBytes, 'TGMK')

/** A share as it is written: 0.125 → `12.5%`. */
export const writeShare = (share: number): string => `${Number((share * 100).toFixed(3))}%`

function written(value: number, units: Readonly<Record<string, number>>, largestFirst: string): string {
  const unit = [...largestFirst].find((name) => value >= (units[name] ?? 1) && value % (units[name] ?? 1) === 0) ?? ''
  return `${value / (units[unit] ?? 1)}${unit}`
}

const names = ['week', 'day', 'hour', 'minute', 'second'] as const
const sizesMs = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000] as const

/** Says a duration with its largest unit and, below ten of it, the next: `2 days 3 hours`, `14 minutes`. Never negative. */
export function sayDuration(ms: number): string {
  const rest = Math.max(0, ms)
  const at = sizesMs.findIndex((size, index) => index > 0 && rest >= size)
  if (at < 0) return 'under a second'
  const size = sizesMs[at] ?? 1
  const count = Math.floor(rest / size)
  const first = `${count} ${names[at]}${count === 1 ? '' : 's'}`
  const below = sizesMs[at + 1]
  if (below === undefined || count >= 10) return first
  const more = Math.floor((rest % size) / below)
  return more === 0 ? first : `${first} ${more} ${names[at + 1]}${more === 1 ? '' : 's'}`
}

/** Says a size with three digits at most: `1.23 GiB`, `456 MiB`, `0 B`. */
export function sayBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let value = bytes
  let at = 0
  while (Math.abs(value) >= 1000 && at < units.length - 1) {
    value /= 1024
    at++
  }
  return `${at === 0 || value >= 100 ? Math.round(value) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ${units[at]}`
}
