/** What a file may do but had better not. */
import { z } from 'zod'
import type { Kind } from '../model/units.ts'
import { sentInClear } from './crosscheck-metrics.ts'
import { unheardOf } from './crosscheck-notify.ts'
import type { ConfigFinding } from './finding.ts'
import { Config } from './schema.ts'
import { childrenOf, innermost, isSecret, kindOf, type Schema } from './schema-walk.ts'
import { maskUrl } from './show.ts'
import { settingsFor } from './tool-of.ts'
import { keysOf, valueAt } from './values.ts'

/** Secrets written into the file as plain text, wherever the schema has one; secrets sent in clear; patterns that fit nothing. */
export function warningsOf(raw: unknown): ConfigFinding[] {
  const found: ConfigFinding[] = []
  visit(raw, (kind, value, path) => {
    if (kind === 'secret' && typeof value === 'string' && !isPublic(path)) found.push({ path, ...plain })
    if (kind === 'url' && typeof value === 'string' && maskUrl(value) !== value)
      found.push({ path, ...inUrl(raw, path) })
  })
  return [...found, ...sentInClear(raw), ...unheardOf(raw)]
}

/** Files that secrets are to be read from, by the place that names them. */
export function secretFilesIn(raw: unknown): { readonly path: ConfigFinding['path']; readonly file: string }[] {
  const found: { path: ConfigFinding['path']; file: string }[] = []
  visit(raw, (kind, value, path) => {
    const file = kind === 'secret' && typeof value === 'object' && value !== null && 'file' in value && value.file
    if (typeof file === 'string') found.push({ path, file })
  })
  return found
}

/** Files with certificates of authorities, by the place that names them. */
export function authorityFilesIn(raw: unknown): { readonly path: ConfigFinding['path']; readonly file: string }[] {
  const notifiers = keysOf(valueAt(raw, ['notify'])).map((name) => ['notify', name])
  return [
    ...notifiers.flatMap((at) => [
      [...at, 'ca'],
      [...at, 'smtp', 'ca'],
    ]),
    ['heartbeat', 'ca'],
    ['inbox', 'poll', 'ca'],
    ...['pushgateway', 'otlp'].map((target) => ['metrics', target, 'caCert']),
  ].flatMap((path) => {
    const file = valueAt(raw, path)
    return typeof file === 'string' && file !== '' ? [{ path, file }] : []
  })
}

/** Calls `take` for every value that is more than its type, as the schema says. */
function visit(raw: unknown, take: (kind: Kind, value: unknown, path: readonly (string | number)[]) => void): void {
  const walk = (schemas: readonly Schema[], value: unknown, path: readonly (string | number)[]): void => {
    const kind = schemas.map((schema) => kindOf(schema)).find((one) => one !== undefined)
    if (kind !== undefined) take(kind, value, path)
    if (typeof value !== 'object' || value === null || kind !== undefined) return
    for (const [key, item] of Object.entries(value)) {
      const part = Array.isArray(value) ? Number(key) : key
      const below = schemas.flatMap((schema) =>
        childrenOf(schema, value, part).filter((child) => isName(schema, key) || !isSecret(child)),
      )
      if (below.length > 0) walk(below, item, [...path, part])
    }
  }
  walk([Config], raw, [])
}

/** A name that cannot be one is an error, and may be the secret itself: it is not told here. */
const isName = (schema: Schema, key: string): boolean => {
  const record = innermost(schema)
  return !(record instanceof z.ZodRecord) || z.safeParse(record.keyType, key).success
}

/** Variables that say who or where, and are of no use to anybody without the secret beside them. */
const isPublic = (path: readonly (string | number)[]): boolean =>
  path.at(-2) === 'environment' &&
  /(?:^|_)(?:PROFILE|REGION|USER|USERNAME|ACCOUNT_ID|ACCOUNT_NAME|ENDPOINT|CACERT|PROJECT_ID|CONFIG)$/.test(
    String(path.at(-1)),
  )

const plain = {
  message: 'a secret in plain text: anybody who reads this file has it',
  next: 'Put it into a file of mode 0600 and write { file: PATH } here.',
}
const inUrl = (raw: unknown, path: readonly (string | number)[]) => ({
  message: 'holds a password in plain text',
  next: settingsFor(raw, String(path.at(-2)))?.secretInUrl ?? 'Take it out of the URL.',
})
