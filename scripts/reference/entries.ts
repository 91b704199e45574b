/** The keys of the configuration as a list, for the pages and the sample that are made from the schema. */
import { z } from 'zod'
import { Job } from '../../src/config/schema/job.ts'
import { Config } from '../../src/config/schema.ts'
import {
  branchesOf,
  defaultOf,
  innermost,
  isRequired,
  kindOf,
  metaOf,
  type Schema,
} from '../../src/config/schema-walk.ts'
import { toolSettings } from '../../src/sources/tools/settings.generated.ts'

export interface Entry {
  readonly key: string
  readonly schema: Schema
  /** In words: `duration`, `list of text`, `block`. */
  readonly type: string
  readonly required: boolean
  readonly description: string
  /** Undefined when nothing is taken, or when the default is an empty block. */
  readonly fallback: unknown
  /** One that may stand in a file: an example, else the default, else the only value there is. */
  readonly value: unknown
  /** Keys below: of a block, or of each entry of a block of names. */
  readonly below: readonly Entry[]
  readonly names: boolean
  /** Keys of each block of a list. */
  readonly each: readonly Entry[]
  /** The only tools that know it; absent where all do. */
  readonly tools?: readonly string[]
}

/** All keys at the top; for each the ones below. What only some tools know comes last, and says so. */
export function entries(schema: Schema = Config): Entry[] {
  if (innermost(schema) === Job) return jobEntries()
  const branches = branchesOf(schema, undefined).flatMap((branch) =>
    branch instanceof z.ZodObject ? [Object.entries(branch.shape as Record<string, Schema>)] : [],
  )
  const all = branches.flat()
  const isCommon = (key: string): boolean => branches.every((branch) => branch.some(([name]) => name === key))
  const [first = []] = branches
  return [
    ...first.filter(([key]) => isCommon(key)).map(([key, item]) => entryOf(key, item)),
    ...ownEntries(
      all.filter(([key]) => !isCommon(key)),
      'repositoryShape',
    ),
  ]
}

function jobEntries(): Entry[] {
  const all = Object.entries(Job.shape as Record<string, Schema>)
  const isOwn = (key: string): boolean => Object.values(toolSettings).some(({ jobShape }) => key in jobShape)
  return [
    ...all.filter(([key]) => !isOwn(key)).map(([key, item]) => entryOf(key, item)),
    ...ownEntries(
      Object.values(toolSettings).flatMap(({ jobShape }) => Object.entries(jobShape as Record<string, Schema>)),
      'jobShape',
    ),
  ]
}

/** One entry for each form that a key has, with the tools that know it in this form. */
function ownEntries(all: readonly (readonly [string, Schema])[], shape: 'repositoryShape' | 'jobShape'): Entry[] {
  const forms = new Map(all.map(([key, schema]) => [schema, key]))
  return [...forms].map(([schema, key]) => {
    const tools = Object.entries(toolSettings).flatMap(([tool, settings]) =>
      (settings[shape] as Record<string, Schema>)[key] === schema ? [tool] : [],
    )
    const entry = entryOf(key, schema)
    return { ...entry, description: `${entry.description} Only with ${tools.join(' and ')}.`, tools }
  })
}

function entryOf(key: string, schema: Schema): Entry {
  const inner = innermost(schema)
  const { description = '', examples } = metaOf(schema)
  const isBlock = inner instanceof z.ZodObject
  const names = inner instanceof z.ZodRecord && kindOf(inner.valueType as Schema) === undefined
  const isBlockList = inner instanceof z.ZodArray && innermost(inner.element as Schema) instanceof z.ZodObject
  const given = defaultOf(schema)
  const fallback = isBlock || isEmpty(given) ? undefined : given
  return {
    key,
    schema,
    type: key === 'tool' ? toolType : typeOf(schema),
    required: isRequired(schema),
    description,
    fallback,
    value: examples?.[0] ?? fallback ?? (inner instanceof z.ZodLiteral ? [...inner.values][0] : given),
    below: isBlock ? entries(schema) : names ? entries(inner.valueType as Schema) : [],
    names,
    each: isBlockList ? entries((inner as z.ZodArray).element as Schema) : [],
  }
}

/** Each branch of the union has one of them. */
const toolType = Object.keys(toolSettings)
  .map((tool) => `\`${tool}\``)
  .join(', ')

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

const spoken: Readonly<Record<string, string>> = {
  bytes: 'size',
  share: 'percentage',
  pace: 'duration or schedule',
  url: 'address',
  zone: 'time zone',
}

function typeOf(schema: Schema): string {
  const kind = kindOf(schema)
  if (kind !== undefined) return spoken[kind] ?? kind
  const inner = innermost(schema)
  if (inner instanceof z.ZodLiteral) return [...inner.values].map((value) => `\`${value}\``).join(' or ')
  if (inner instanceof z.ZodEnum) return inner.options.map((value) => `\`${value}\``).join(', ')
  if (inner instanceof z.ZodArray) return `list of ${typeOf(inner.element as Schema)}`
  if (inner instanceof z.ZodRecord) return `names, each with ${article(typeOf(inner.valueType as Schema))}`
  if (inner instanceof z.ZodUnion && !(inner instanceof z.ZodDiscriminatedUnion))
    return inner.options.map((option) => typeOf(option as Schema)).join(' or ')
  if (inner instanceof z.ZodNumber) return numberType(inner)
  if (inner instanceof z.ZodBoolean) return '`true` or `false`'
  return inner instanceof z.ZodString ? 'text' : 'block'
}

function numberType({ minValue, maxValue }: z.ZodNumber): string {
  const from = minValue === null || minValue <= Number.MIN_SAFE_INTEGER ? '' : ` from ${minValue}`
  const to = maxValue === null || maxValue >= Number.MAX_SAFE_INTEGER ? '' : ` to ${maxValue}`
  return `number${from}${to}`
}

const article = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
