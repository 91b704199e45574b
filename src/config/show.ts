/** The effective configuration for people: defaults filled in, secrets as `***`. */
import { stringify } from 'yaml'
import { sayDuration } from '../model/units.ts'
import type { Config } from './schema.ts'

const secretKeys = new Set(['password', 'environment', 'users', 'tokens'])

/** YAML text. Durations stay milliseconds with a spoken comment; a plain text under a secret key prints as `***`. */
export function renderConfig(config: Config): string {
  return stringify(masked(config), { lineWidth: 0, aliasDuplicateObjects: false })
}

/** The same as plain data, for `--json`. */
export function masked(value: unknown, secret = false, key = ''): unknown {
  if (typeof value === 'string') return secret ? '***' : key === 'url' ? maskUrl(value) : value
  if (
    typeof value === 'number' &&
    /(?:every|Every|Limit|grace|jitter|maxAge|lockWait|keepRuns|keepReadings)$/.test(key)
  )
    return compact(value)
  if (Array.isArray(value)) return value.map((item) => masked(item, secret, key))
  if (typeof value !== 'object' || value === null) return value
  // { file: … } and its kin name a place, which is no secret.
  const names = Object.keys(value)
  const isSource = secret && names.length === 1 && ['file', 'env', 'command', 'credential'].includes(names[0] ?? '')
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => [name, masked(item, isSource ? false : secret || secretKeys.has(name), name)]),
  )
}

/** `rest:https://user:pass@host/` as `rest:https://user:***@host/`. */
export const maskUrl = (url: string): string => url.replace(/(\/\/[^/@:\s]*):[^/@\s]+@/g, '$1:***@')

/** Milliseconds in the units of the file: 5400000 → `90m`. */
function compact(ms: number): string {
  for (const [unit, size] of [
    ['w', 604_800_000],
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`
  }
  return sayDuration(ms)
}
