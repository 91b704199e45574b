/** Turns what zod says into findings a person can act on: what came, what is expected, the fix, "did you mean". */
import { stringify } from 'yaml'
import type { z } from 'zod'
import { toolSettings } from '../sources/tools/settings.generated.ts'
import type { ConfigFinding } from './finding.ts'
import { nearest } from './nearest.ts'
import { Job } from './schema/job.ts'
import { CommonRepository, Repository } from './schema/repository.ts'
import { Config } from './schema.ts'
import { defaultOf, isRequired, isSecret, isSecretAt, keysAt, metaOf, schemasAt } from './schema-walk.ts'
import { valueAt } from './values.ts'

type Issue = z.core.$ZodIssue
type Path = readonly (string | number)[]

/** A finding whose last key may be a secret itself, so that it is told without it. */
export type Explained = ConfigFinding & { readonly hideLast?: true }

/** A file with more is not one to be mended place by place. */
const mostUnknownKeys = 100

/** Everything that is wrong with `raw`, in the order of the schema. Values under secret keys are never repeated. */
export function explain(issues: readonly Issue[], raw: unknown): Explained[] {
  const hasUnknown = new Set(
    issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => path.join('\0')),
  )
  return issues
    .filter((issue) => issue.code !== 'custom' || !hasUnknown.has(issue.path.join('\0')))
    .flatMap((issue) => explainOne(issue, raw))
}

function explainOne(issue: Issue, raw: unknown): Explained[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, mostUnknownKeys).map((key) => unknownKey([...path, key], path, raw))
  if (issue.code === 'invalid_key') {
    const entry = { jobs: Job, repositories: Repository }[String(path[0])]
    return [
      badName(path, issue.issues[0]?.message ?? 'Choose another name', raw),
      ...(entry === undefined || path.length !== 2 ? [] : below(entry, path, raw)),
    ]
  }
  if (
    issue.code === 'invalid_union' &&
    issue.discriminator !== undefined &&
    typeof valueAt(raw, path.slice(0, -1)) === 'object'
  ) {
    // Without its tool the rest of a repository would stay unread until the next try.
    const tool = nearest(String(valueAt(raw, path)), Object.keys(toolSettings))
    const { discriminator: _, ...own } = issue
    const above = path.slice(0, -1)
    return [
      ...explainOne(own as Issue, raw),
      ...(tool === undefined ? below(CommonRepository, above, raw) : below(Repository, above, raw, { tool })),
    ]
  }
  const came = valueAt(raw, path)
  if (came === undefined) return [{ path, message: 'is missing', next: `Add it${suchAs(path, raw)}.` }]
  if (issue.code === 'invalid_union' && isSecretAt(Config, path, raw)) return [badSecret(path, came, issue.message)]
  // An option that several tools have, of a job whose tool is not known: what one of them says of it is better than nothing.
  const ofTool =
    issue.code === 'invalid_union' && path.length === 3 && path[0] === 'jobs' ? issue.errors.at(-1) : undefined
  if (ofTool !== undefined && ofTool.length > 0)
    return ofTool.flatMap((one) => explainOne({ ...one, path: [...path, ...one.path] }, raw))
  const fact = show(came, mayBeSecret(path, raw))
  if (issue.code === 'custom') {
    const next = typeof issue.params?.next === 'string' ? issue.params.next : undefined
    const what = typeof came === 'object' || issue.message.includes(fact) ? '' : `${fact}: `
    return next === undefined
      ? [{ path, message: `${fact} does not fit`, next: sentence(issue.message) }]
      : [{ path, message: `${what}${issue.message}`, next }]
  }
  return [{ path, ...misfit(issue, came, fact, path, raw) }]
}

/** What is wrong with a part of the file that the schema as a whole did not get to. */
function below(schema: z.ZodType, path: Path, raw: unknown, instead: object = {}): Explained[] {
  const value = valueAt(raw, path)
  const read = typeof value === 'object' && value !== null ? { ...value, ...instead } : value
  const issues = schema.safeParse(read).error?.issues ?? []
  return explain(
    issues.map((one) => ({ ...one, path: [...path, ...one.path] })),
    raw,
  )
}

/** By the schema, or by its name: a line that slipped to another column is a secret still. */
const mayBeSecret = (path: Path, raw: unknown): boolean =>
  path.some((part) => /pass|secret|token|credential|^(?:environment|users|url)$/i.test(String(part))) ||
  isSecretAt(Config, path, raw)

type Said = Pick<ConfigFinding, 'message' | 'next'>

function misfit(issue: Issue, came: unknown, fact: string, path: Path, raw: unknown): Said {
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    const expected = typeNames[issue.expected] ?? issue.expected
    // A text where a block belongs says nothing to the reader, and may be anything: a line in the wrong column.
    const isBlock = issue.expected === 'object' || issue.expected === 'record'
    const found = isBlock && typeof came === 'string' ? 'a text' : fact
    return { message: `expected ${expected}, found ${found}`, next: typeFix(issue.expected, came, path, raw) }
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map((value) => String(value))
    const near = typeof came === 'string' ? nearest(came, values) : undefined
    return {
      message: `${fact} is none of: ${values.join(', ')}`,
      next: near === undefined ? `Write one of: ${values.join(', ')}.` : `Did you mean ${quote(near)}?`,
    }
  }
  if (issue.code === 'too_small' && (issue.origin === 'number' || issue.origin === 'int'))
    return { message: `${fact} is too small`, next: `Write at least ${issue.minimum}.` }
  if (issue.code === 'too_small')
    return {
      message: issue.origin === 'string' ? 'is empty' : 'holds nothing',
      next: `Write something${suchAs(path, raw)}${isOptional(path, raw) ? ', or take the key out' : ''}.`,
    }
  if (issue.code === 'too_big') return { message: `${fact} is too large`, next: `Write at most ${issue.maximum}.` }
  const bounds = issue.code === 'invalid_type' || issue.code === 'invalid_format' || issue.code === 'invalid_union'
  return { message: `${fact} does not fit`, next: sentence(bounds ? issue.message : `Expected: ${issue.message}`) }
}

const typeNames: Readonly<Record<string, string>> = {
  record: 'a block of keys',
  object: 'a block of keys',
  array: 'a list',
  string: 'a text',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
}

function typeFix(expected: string, came: unknown, path: Path, raw: unknown): string {
  const secret = mayBeSecret(path, raw)
  if (expected === 'array' && typeof came === 'string' && !secret)
    return `Write it as a list: ${path.at(-1)}: ${flow([shorten(came)])}.`
  if (expected === 'boolean' && typeof came === 'string' && /^(?:yes|no|on|off|y|n)$/i.test(came))
    return `Write ${/^(?:yes|on|y)$/i.test(came) ? 'true' : 'false'}; YAML takes ${came} for a text.`
  if (expected === 'string' && typeof came !== 'object' && !secret && exampleAt(path, raw) === undefined)
    return `Put it in quotes: ${quote(came)}.`
  const known = expected === 'object' ? keysAt(Config, path, raw) : []
  if (known.length > 0) {
    const needed = known.filter((key) => schemasAt(Config, [...path, key], raw).some(isRequired))
    return needed.length > 0
      ? `Write keys below it, at least: ${needed.join(', ')}.`
      : `Write keys below it; known: ${known.join(', ')}.`
  }
  if (came === null) return `Write something behind the colon${suchAs(path, raw)}, or take the key out.`
  return `Write ${typeNames[expected] ?? expected}${suchAs(path, raw)}.`
}

function badName(path: Path, why: string, raw: unknown): Explained {
  // Where the names stand beside secrets, a name that cannot be one may be the secret itself.
  const hidden = schemasAt(Config, path, raw).some(isSecret)
  return {
    path,
    ...(hidden && { hideLast: true as const }),
    message: `${hidden ? 'this name' : `the name ${quote(path.at(-1))}`} cannot be used`,
    next: sentence(why),
  }
}

function badSecret(path: Path, came: unknown, hint: string): ConfigFinding {
  const keys = typeof came === 'object' && came !== null ? Object.keys(came) : []
  const known = keysAt(Config, path, {})
  const near = keys.length === 1 ? nearest(keys[0] ?? '', known) : undefined
  const message =
    keys.length > 1
      ? 'a secret has one source, and here are several keys'
      : near !== undefined && near !== keys[0]
        ? `unknown source of a secret ${quote(keys[0])}`
        : `${show(came, true)} is no source of a secret`
  return {
    path,
    message,
    next: near !== undefined && near !== keys[0] ? `Did you mean ${quote(near)}?` : sentence(hint),
  }
}

function unknownKey(path: Path, parent: Path, raw: unknown): Explained {
  const key = String(path.at(-1))
  const known = keysAt(Config, parent, raw)
  const near = nearest(key, known) ?? known.find((name) => key.length > 2 && name.startsWith(key))
  const below = known.find((name) => keysAt(Config, [...parent, name], raw).includes(key))
  const secret = schemasAt(Config, parent, raw).some(isSecret)
  const next =
    near !== undefined
      ? `Did you mean ${quote(near)}?`
      : below !== undefined
        ? `It belongs under ${below}: { ${shorten(key)}: … }.`
        : known.length === 0
          ? 'Take it out.'
          : `Take it out. Known here: ${known.join(', ')}.`
  return {
    path,
    ...(secret && near === undefined && { hideLast: true as const }),
    message: secret && near === undefined ? 'unknown key' : `unknown key ${quote(key)}`,
    next,
  }
}

/** How the value at a path might be written, from the examples of the schema or its default. */
function exampleAt(path: Path, raw: unknown): unknown {
  const schemas = schemasAt(Config, path, raw)
  const example = schemas
    .map((schema) => metaOf(schema).examples?.[0] ?? defaultOf(schema))
    .find((one) => one !== undefined)
  const isBlock = typeof example === 'object' && example !== null && Object.keys(example).length === 0
  if (isBlock) return undefined
  return example ?? (keysAt(Config, path, raw).length === 0 ? literalAt(schemas) : undefined)
}

const literalAt = (schemas: ReturnType<typeof schemasAt>): unknown =>
  schemas.map((schema) => (schema as Partial<{ values: ReadonlySet<unknown> }>).values?.values().next().value)[0]

function suchAs(path: Path, raw: unknown): string {
  const example = exampleAt(path, raw)
  const key = typeof path.at(-1) === 'number' ? '' : `${String(path.at(-1))}: `
  return example === undefined ? '' : `, such as ${key}${flow(example)}`
}

const isOptional = (path: Path, raw: unknown): boolean =>
  typeof path.at(-1) === 'string' && schemasAt(Config, path, raw).some((schema) => schema._zod.optin === 'optional')

/** A value in one line of YAML. */
const flow = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: !Array.isArray(value) }).trim()

function show(value: unknown, secret: boolean): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a block of keys'
  if (secret) return 'this value'
  return typeof value === 'string' ? quote(value) : String(value)
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text)
const quote = (text: unknown): string => JSON.stringify(shorten(String(text)))
const sentence = (text: string): string => {
  const upper = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.?!]$/.test(upper) ? upper : `${upper}.`
}
