/** Walks the schema beside a value: which keys may stand at a place, what is known of it, and where secrets are. */
import { z } from 'zod'
import { type Kind, kinds } from '../model/units.ts'
import { valueAt } from './values.ts'

export type Schema = z.core.$ZodType
type Path = readonly (string | number)[]

/** The schema without its wrappers (optional, default, transform), outermost first. */
function layersOf(schema: Schema): Schema[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault)
    return [schema, ...layersOf(schema.unwrap() as Schema)]
  if (schema instanceof z.ZodPipe) return [schema, ...layersOf(schema.in as Schema)]
  return [schema]
}

/** The schema inside all wrappers. */
export const innermost = (schema: Schema): Schema => layersOf(schema).at(-1) ?? schema

/** What a value is beyond its type. */
export function kindOf(schema: Schema): Kind | undefined {
  return layersOf(schema)
    .map((layer) => kinds.get(layer as Parameters<typeof kinds.get>[0]))
    .find((entry) => entry !== undefined)?.kind
}

/** The schema that a value follows; in a union on `tool`, the branch of that tool. Other unions give every branch. */
export function branchesOf(schema: Schema, value: unknown): Schema[] {
  const inner = innermost(schema)
  if (inner instanceof z.ZodDiscriminatedUnion) {
    const named = valueAt(value, [inner.def.discriminator])
    const fitting = inner.options.filter((option) => {
      const literal = option instanceof z.ZodObject ? option.shape[inner.def.discriminator] : undefined
      return literal instanceof z.ZodLiteral && literal.values.has(named as string)
    })
    return (fitting.length > 0 ? fitting : inner.options).flatMap((option) => branchesOf(option as Schema, value))
  }
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => branchesOf(option as Schema, value))
  return [inner]
}

/** One step down: the schemas of what stands under `part`. */
export function childrenOf(schema: Schema, value: unknown, part: string | number): Schema[] {
  return branchesOf(schema, value).flatMap((branch) => {
    if (branch instanceof z.ZodObject)
      return Object.hasOwn(branch.shape, part) ? [(branch.shape as Record<string, Schema>)[String(part)] as Schema] : []
    if (branch instanceof z.ZodRecord) return [branch.valueType as Schema]
    if (branch instanceof z.ZodArray) return [branch.element as Schema]
    return []
  })
}

/** Every schema that may be meant at `path`, wrappers and all. */
export function schemasAt(root: Schema, path: Path, raw: unknown): Schema[] {
  let schemas: Schema[] = [root]
  path.forEach((part, depth) => {
    const value = valueAt(raw, path.slice(0, depth))
    schemas = schemas.flatMap((schema) => childrenOf(schema, value, part))
  })
  return schemas
}

/** Keys that may stand at `path`. */
export function keysAt(root: Schema, path: Path, raw: unknown): string[] {
  const here = schemasAt(root, path, raw).flatMap((schema) => branchesOf(schema, valueAt(raw, path)))
  return [...new Set(here.flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : [])))]
}

/**
 * Whether what stands at `path` may be, or hold, a secret; or lies inside one. So a text where a block with secrets in it
 * belongs is one too: somebody wrote `auth: admin:…`, or gave the password file for the configuration.
 */
export function isSecretAt(root: Schema, path: Path, raw: unknown): boolean {
  const here = schemasAt(root, path, raw)
  return (
    here.some((schema) => branchesOf(schema, valueAt(raw, path)).some(holdsSecret)) ||
    path.some((_, at) => schemasAt(root, path.slice(0, at + 1), raw).some(isSecret))
  )
}

/** What no message may repeat. */
export const isSecret = (schema: Schema): boolean => ['secret', 'url'].includes(kindOf(schema) ?? '')

const known = new WeakMap<Schema, boolean>()

function holdsSecret(schema: Schema): boolean {
  const before = known.get(schema)
  if (before !== undefined) return before
  const below = branchesOf(schema, undefined).flatMap((branch): Schema[] => {
    if (branch instanceof z.ZodObject) return Object.values(branch.shape as Record<string, Schema>)
    if (branch instanceof z.ZodRecord) return [branch.valueType as Schema]
    return branch instanceof z.ZodArray ? [branch.element as Schema] : []
  })
  const answer = isSecret(schema) || below.some(holdsSecret)
  known.set(schema, answer)
  return answer
}

export interface Meta {
  readonly description?: string
  readonly examples?: readonly unknown[]
}

/** Description and examples, from the outermost layer that has them. */
export function metaOf(schema: Schema): Meta {
  const metas = layersOf(schema).map((layer) => (z.globalRegistry.get(layer) ?? {}) as Meta)
  const description = metas.find((meta) => meta.description !== undefined)?.description
  const examples = metas.find((meta) => meta.examples !== undefined)?.examples
  return { ...(description !== undefined && { description }), ...(examples && { examples }) }
}

/** The value that is taken where the file says nothing; as it would be written. */
export function defaultOf(schema: Schema): unknown {
  for (const layer of layersOf(schema))
    if (layer instanceof z.ZodPrefault || layer instanceof z.ZodDefault) return layer.def.defaultValue
  return undefined
}

export const isRequired = (schema: Schema): boolean =>
  !layersOf(schema).some(
    (layer) => layer instanceof z.ZodOptional || layer instanceof z.ZodPrefault || layer instanceof z.ZodDefault,
  )
