/** Turns what zod says into findings a person can act on: what came, what is expected, the fix, "did you mean". */
import { distance } from 'fastest-levenshtein'
import type { z } from 'zod'
import type { ConfigFinding } from './finding.ts'
import { keysAt } from './known-keys.ts'
import { Config } from './schema.ts'

type Issue = z.core.$ZodIssue
type Path = (string | number)[]

/** Everything that is wrong with `raw`, in the order of the schema. Values under secret keys are never repeated. */
export function explain(issues: readonly Issue[], raw: unknown): ConfigFinding[] {
  return issues.flatMap((issue) => explainOne(issue, raw))
}

function explainOne(issue: Issue, raw: unknown): ConfigFinding[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part)) as Path
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], path, raw))
  if (issue.code === 'invalid_key') {
    const why = issue.issues[0]?.message ?? 'this name cannot be used'
    return [{ path, message: `the name ${quote(path.at(-1))} cannot be used`, next: why }]
  }
  const came = valueAt(raw, path)
  if (came === undefined && issue.code === 'invalid_type') {
    return [{ path, message: 'is missing', next: `Add ${String(path.at(-1))}: ${expectedOf(issue)}.` }]
  }
  if (came === undefined && issue.code === 'invalid_union') {
    return [{ path, message: 'is missing', next: issue.message }]
  }
  if (issue.code === 'custom' || issue.code === 'invalid_union' || issue.code === 'invalid_format') {
    const next = issue.code === 'custom' ? issue.params?.next : undefined
    const shown = typeof came === 'object' ? '' : `${show(came, path)}: `
    if (typeof next === 'string') return [{ path, message: `${shown}${issue.message}`, next }]
    return [
      {
        path,
        message: typeof came === 'object' ? 'does not fit' : `${show(came, path)} does not fit`,
        next: sentence(issue.message),
      },
    ]
  }
  return [{ path, message: `${show(came, path)} does not fit`, next: sentence(expectedOf(issue)) }]
}

function expectedOf(issue: Issue): string {
  if (issue.code === 'invalid_type') {
    const own = issue.message.startsWith('Invalid input') ? undefined : issue.message
    return (
      own ??
      `expected ${article(issue.expected === 'record' || issue.expected === 'object' ? 'block of keys' : issue.expected === 'array' ? 'list' : issue.expected === 'string' ? 'text' : issue.expected === 'int' ? 'whole number' : issue.expected)}`
    )
  }
  if (issue.code === 'invalid_value') return `expected ${issue.values.map((value) => String(value)).join(', ')}`
  if (issue.code === 'too_small') {
    return issue.origin === 'number' || issue.origin === 'int'
      ? `expected at least ${issue.minimum}`
      : issue.origin === 'string'
        ? 'expected a text that is not empty'
        : `expected at least ${issue.minimum} entry`
  }
  if (issue.code === 'too_big') return `expected at most ${issue.maximum}`
  return issue.message
}

function unknownKey(path: Path, parent: Path, raw: unknown): ConfigFinding {
  const key = String(path.at(-1))
  const known = keysAt(Config, parent, raw)
  const near = nearest(key, known)
  const next =
    near !== undefined
      ? `Did you mean ${quote(near)}?`
      : known.length === 0
        ? 'Take it out.'
        : `Take it out. Known here: ${known.join(', ')}.`
  return { path, message: `unknown key ${quote(key)}`, next }
}

/** The known word closest to `word`, when it is close enough to have been meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase()
  const ranked = known
    .map((candidate) => ({ candidate, far: distance(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
  const best = ranked[0]
  return best !== undefined && best.far <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined
}

export function valueAt(raw: unknown, path: readonly (string | number)[]): unknown {
  let value: unknown = raw
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string | number, unknown>)[part]
  }
  return value
}

/** Keys whose plain value may be a secret: it is not repeated in a message. */
const secretPath = (path: Path): boolean =>
  path.some((part) => /^(?:password|environment|users|tokens|url)$/.test(String(part)))

function show(value: unknown, path: Path): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'this list'
  if (typeof value === 'object') return 'this block of keys'
  if (secretPath(path)) return 'this value'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

const quote = (text: unknown): string => JSON.stringify(String(text))
const article = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
const sentence = (text: string): string => {
  const upper = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.?!]$/.test(upper) ? upper : `${upper}.`
}
