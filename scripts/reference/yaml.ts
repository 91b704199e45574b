import { stringify } from 'yaml'
import { kindOf, type Schema } from '../../src/config/schema-walk.ts'

/** A value in one line of YAML, the way the pages write it: `{ a: b }`, `[a, b]`, schedules in quotes. */
export function oneLineYaml(value: unknown, schema?: Schema): string {
  if (schema !== undefined && kindOf(schema) === 'schedule') return JSON.stringify(value)
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 })
    .trim()
    .replaceAll(/\[ (.*?) \]/g, '[$1]')
}
