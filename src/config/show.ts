/** The effective configuration for people: defaults filled in, secrets as `***`, durations and sizes as in the file. */
import { stringify } from 'yaml'
import { z } from 'zod'
import { writeBytes, writeDuration, writeShare } from '../model/units.ts'
import { Config } from './schema.ts'
import { branchesOf, childrenOf, kindOf, type Schema } from './schema-walk.ts'

/** YAML text that `muster config check` reads again, unless a plain secret was masked. */
export function renderConfig(config: Config): string {
  return stringify(masked(config), { lineWidth: 0, aliasDuplicateObjects: false })
}

/** The same as plain data, for `--json`. */
export const masked = (config: Config): unknown => shown(Config, config)

/** Prints a value as its schema says it is written. What the schema does not know is not shown. */
function shown(schema: Schema, value: unknown): unknown {
  const kind = kindOf(schema)
  // { file: … } and its kin name a place, which is no secret.
  if (kind === 'secret') return typeof value === 'object' ? value : '***'
  if (kind === 'url') return maskUrl(String(value))
  if (typeof value === 'number')
    return kind === 'duration' || kind === 'pace'
      ? writeDuration(value)
      : kind === 'bytes'
        ? writeBytes(value)
        : kind === 'share'
          ? writeShare(value)
          : value
  if (typeof value !== 'object' || value === null) return value
  const below = (item: unknown, key: string | number): unknown => {
    const [child] = childrenOf(schema, value, key)
    return child === undefined ? '***' : shown(child, item)
  }
  if (Array.isArray(value)) return value.map((item, at) => below(item, at))
  if (!branchesOf(schema, value).some((branch) => branch instanceof z.ZodObject || branch instanceof z.ZodRecord))
    return '***'
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, below(item, key)]),
  )
}

/**
 * `rest:https://user:pass@host/` as `rest:https://user:***@host/`; also where the password holds `/` or `@`, which a URL does
 * not allow and people write. `pass=` and its like of rclone's connection strings are masked too.
 */
export function maskUrl(url: string): string {
  return url
    .replace(/(:\/\/[^/?#@:\s]*):(?!\d{1,5}(?:[/?#]|$)).*@/s, '$1:***@')
    .replace(/((?:^|[,:])\w*(?:pass|password|secret|token|key)\w*=)(?:"[^"]*"|'[^']*'|[^,:]*)/gi, '$1***')
}
