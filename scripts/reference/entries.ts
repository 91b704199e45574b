/** The keys of the configuration as a list, for the pages and the sample that are made from the schema. */
import { z } from 'zod'
import { Job } from '../../src/config/schema/job.ts'
import { Notify } from '../../src/config/schema/notify.ts'
import { Repository } from '../../src/config/schema/repository.ts'
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
import { notifierSettings } from '../../src/outlets/notify/notifiers/settings.generated.ts'
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
  /** The only tools or notifiers that know it; absent where all do. */
  readonly tools?: readonly string[]
}

/** What comes in several kinds, each with keys of its own: the key that says which, and the keys of each. */
interface Kinds {
  readonly key: 'tool' | 'kind'
  readonly shapes: Readonly<Record<string, Readonly<Record<string, Schema>>>>
}

const shapesOf = (settings: object, shape: string): Kinds['shapes'] =>
  Object.fromEntries(
    Object.entries(settings as Record<string, Record<string, unknown>>).map(([name, one]) => [
      name,
      one[shape] as Record<string, Schema>,
    ]),
  )
const ofRepositories: Kinds = { key: 'tool', shapes: shapesOf(toolSettings, 'repositoryShape') }
const ofJobs: Kinds = { key: 'tool', shapes: shapesOf(toolSettings, 'jobShape') }
const ofNotifiers: Kinds = { key: 'kind', shapes: shapesOf(notifierSettings, 'shape') }

/** All keys at the top; for each the ones below. What only some kinds know comes last, and says so. */
export function entries(schema: Schema = Config): Entry[] {
  const inner = innermost(schema)
  if (inner === Job) {
    const all = Object.entries(Job.shape as Record<string, Schema>)
    return [...commonEntries(all, ofJobs), ...ownEntries(ofJobs)]
  }
  const branches = branchesOf(schema, undefined).flatMap((branch) =>
    branch instanceof z.ZodObject ? [Object.entries(branch.shape as Record<string, Schema>)] : [],
  )
  const [first = []] = branches
  if (inner === innermost(Repository)) return [...commonEntries(first, ofRepositories), ...ownEntries(ofRepositories)]
  if (inner === innermost(Notify)) return [...commonEntries(first, ofNotifiers), ...ownEntries(ofNotifiers)]
  return branches.flat().map(([key, item]) => entryOf(key, item))
}

const commonEntries = (all: readonly (readonly [string, Schema])[], { key: which, shapes }: Kinds): Entry[] =>
  all
    .filter(([key]) => !Object.values(shapes).some((shape) => key in shape))
    .map(([key, item]) => (key === which ? { ...entryOf(key, item), type: listOf(shapes) } : entryOf(key, item)))

const listOf = (shapes: Kinds['shapes']): string =>
  Object.keys(shapes)
    .map((name) => `\`${name}\``)
    .join(', ')

/** One entry for each form that a key has, with the kinds that know it in this form. */
function ownEntries({ shapes }: Kinds): Entry[] {
  const forms = new Map(
    Object.values(shapes).flatMap((shape) => Object.entries(shape).map(([key, schema]) => [schema, key] as const)),
  )
  return [...forms].map(([schema, key]) => {
    const tools = Object.entries(shapes).flatMap(([name, shape]) => (shape[key] === schema ? [name] : []))
    const entry = entryOf(key, schema)
    return {
      ...entry,
      description: `${entry.description} Only with ${new Intl.ListFormat('en').format(tools)}.`,
      tools,
    }
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
    type: typeOf(schema),
    required: isRequired(schema),
    description,
    fallback,
    value: examples?.[0] ?? fallback ?? (inner instanceof z.ZodLiteral ? [...inner.values][0] : given),
    below: isBlock ? entries(schema) : names ? entries(inner.valueType as Schema) : [],
    names,
    each: isBlockList ? entries((inner as z.ZodArray).element as Schema) : [],
  }
}

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
