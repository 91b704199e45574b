/** Which keys the schema knows at a place: for "did you mean" and for shell completion of paths. */
import { z } from 'zod'
import { valueAt } from './explain.ts'

type Schema = z.core.$ZodType

/**
 * Keys that may stand at `path`, following objects, records, lists, defaults and unions.
 * In a union on `tool`, the branch of the value that is there counts.
 */
export function keysAt(root: Schema, path: readonly (string | number)[], raw: unknown): string[] {
  let schemas: Schema[] = [root]
  path.forEach((part, depth) => {
    schemas = schemas
      .flatMap((schema) => branches(schema, valueAt(raw, path.slice(0, depth))))
      .flatMap((schema) => {
        if (schema instanceof z.ZodObject) return schema.shape[part] === undefined ? [] : [schema.shape[part] as Schema]
        if (schema instanceof z.ZodRecord) return [schema.valueType as Schema]
        if (schema instanceof z.ZodArray) return [schema.element as Schema]
        return []
      })
  })
  const here = schemas.flatMap((schema) => branches(schema, valueAt(raw, path)))
  return [...new Set(here.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : [])))]
}

/** The schema without its wrappers; for a union, every branch that could have been meant. */
function branches(schema: Schema, value: unknown): Schema[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault) {
    return branches(schema.unwrap() as Schema, value)
  }
  if (schema instanceof z.ZodPipe) return branches(schema.in as Schema, value)
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const tool = valueAt(value, [schema.def.discriminator])
    const fitting = schema.options.filter((option) => {
      const literal = option instanceof z.ZodObject ? option.shape[schema.def.discriminator] : undefined
      return literal instanceof z.ZodLiteral && literal.values.has(tool as string)
    })
    return (fitting.length > 0 ? fitting : schema.options).flatMap((option) => branches(option as Schema, value))
  }
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => branches(option as Schema, value))
  return [schema]
}
