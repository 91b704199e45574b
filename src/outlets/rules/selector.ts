/** `job="muster", instance="nas:9121"`: which series the rules look at. */
import { fail, ok, type Result } from '../../model/problem.ts'

/** Label and value; only equality, so that a test can make a series that fits. */
export type Matchers = readonly (readonly [label: string, value: string])[]

export function parseSelector(text: string): Result<Matchers> {
  const inner = text.trim().replace(/^\{(.*)\}$/s, '$1')
  const part = /\s*([A-Za-z_]\w*)\s*=\s*("(?:[^"\\\n]|\\["\\n])*")\s*(?:,|$)/y
  const matchers: (readonly [string, string])[] = []
  while (part.lastIndex < inner.length) {
    const found = part.exec(inner)
    if (found === null) return bad(text)
    matchers.push([found[1] ?? '', JSON.parse(found[2] ?? '""') as string])
  }
  const labels = matchers.map(([label]) => label)
  return matchers.length === 0 || new Set(labels).size < labels.length ? bad(text) : ok(matchers)
}

const bad = (text: string): Result<never> =>
  fail({
    code: 'rules.selector',
    message: `${JSON.stringify(text)} selects no series: it is not a list of label="value".`,
    next: `Write --selector 'job="muster"', with the job_name that Prometheus scrapes Muster under.`,
    retry: 'never',
  })

/** Of a label and its values, in the words of PromQL: `=` for one, `=~` for several. */
export function oneOf(label: string, values: readonly string[]): string {
  if (values.length === 1) return `${label}=${quoted(values[0] ?? '')}`
  return `${label}=~${quoted(values.map(escaped).join('|'))}`
}

/** A value for a matcher by expression, none of its characters special. */
const escaped = (value: string): string => value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** A text in PromQL. The escapes of JSON are Go's as well. */
export const quoted = (text: string): string => JSON.stringify(text)

/** `name{…}` with the matchers of the selector and those given. */
export type Select = (name: string, ...matchers: readonly string[]) => string

/**
 * The metrics of jobs have a label `job` of their own: there it names the job of Muster, and a selector on `job`, which
 * names that of Prometheus, does not apply.
 */
export const hasOwnJob = (name: string): boolean => name.startsWith('muster_job_')

export const selectWith =
  (matchers: Matchers): Select =>
  (name, ...more) => {
    const all = [...labelsFor(name, matchers).map(([label, value]) => `${label}=${quoted(value)}`), ...more]
    return all.length === 0 ? name : `${name}{${all.join(',')}}`
  }

/** The labels of the selector that series of this name carry. */
export const labelsFor = (name: string, matchers: Matchers): Matchers =>
  matchers.filter(([label]) => label !== 'job' || !hasOwnJob(name))
