/** Names of archives: the template of a job, and which names it can have made. Source: borg manual, "Miscellaneous Help, placeholders". */
import { literally } from './command-text.ts'

export const defaultName = '{hostname}-{now}'

/** A part of a name: text that is always the same, one digit, or anything. */
type Piece = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'digit' } | { readonly kind: 'any' }

const token = /\{\{|\}\}|\{([^{}]*)\}|[^{}]+|[{}]/g
const names = 'hostname fqdn reverse-fqdn now utcnow user pid uuid4 borgversion borgmajor borgminor borgpatch'.split(
  ' ',
)
/** What `{now}` is without a format of its own. */
const defaultTime = '%Y-%m-%dT%H:%M:%S'
/** Digits of what `strftime` writes; others may be words. */
const digits: Readonly<Record<string, number>> = {
  Y: 4,
  G: 4,
  m: 2,
  d: 2,
  H: 2,
  I: 2,
  M: 2,
  S: 2,
  y: 2,
  V: 2,
  U: 2,
  W: 2,
  j: 3,
  f: 6,
  u: 1,
  w: 1,
}

interface NameFault {
  readonly message: string
  readonly next: string
}

const fault = (message: string, next: string): NameFault => ({ message, next })
const withTime = 'Let it hold the time, such as {hostname}-files-{now} or files-{now:%Y-%m-%d-%H%M%S}.'

/** Why a template cannot be one, and what to do; undefined when it can. */
export function nameFault(template: string): NameFault | undefined {
  if (template === '') return fault('is empty', withTime)
  const tokens = [...template.matchAll(token)]
  const inside = tokens.flatMap(([, placeholder]) => placeholder ?? [])
  if (tokens.some(([text]) => text === '{' || text === '}'))
    return fault(
      'has a brace without its other one',
      'Close it; a brace of the name itself is written twice, {{ or }}.',
    )
  const unknown = inside.map((text) => text.split(':', 1)[0] ?? '').find((name) => !names.includes(name))
  if (unknown !== undefined)
    return fault(`has the placeholder {${unknown}}, which borg does not know`, `Use one of: ${names.join(', ')}.`)
  if (/[/\n\r\0]/.test(template) || /%[DxX+c]/.test(template))
    return fault(
      'would put a slash into the name, or a sign that cannot be in it',
      'Write a dash instead, and the date as %Y-%m-%d.',
    )
  if (/\.checkpoint(?:\.\d+)?$/.test(template))
    return fault('ends like the unfinished archives of borg, which nobody lists', 'Let it end in something else.')
  if (template !== template.trim()) return fault('begins or ends with a space', 'Take the space out.')
  return repetition(inside)
}

/** Names have to differ for ever: by chance, or by a time that holds the day and its year. */
function repetition(inside: readonly string[]): NameFault | undefined {
  if (inside.includes('uuid4')) return undefined
  const formats = inside.flatMap((text) => {
    const time = /^(?:utc)?now(?::(.*))?$/s.exec(text)
    return time === null ? [] : [time[1] ?? defaultTime]
  })
  if (formats.length === 0 && inside.includes('pid'))
    return fault('is told apart by {pid} alone, and the numbers of processes come round again', withTime)
  if (formats.length === 0) return fault('is always the same name, so every backup but the first would fail', withTime)
  const held = new Set(
    formats.flatMap((format) => [...format.matchAll(/%[-_0^#]?([a-zA-Z])/g)].map(([, sign]) => sign)),
  )
  const holds = (...signs: readonly string[]): boolean => signs.some((sign) => held.has(sign))
  const isDay =
    holds('s', 'F') ||
    (holds('Y', 'y') && (holds('j') || (holds('m', 'b', 'B', 'h') && holds('d', 'e')))) ||
    (holds('G', 'g') && holds('V') && holds('u', 'w', 'a', 'A'))
  return isDay
    ? undefined
    : fault('makes names that come round again: its time does not hold year, month and day', withTime)
}

/**
 * The name that borg is asked for. `{hostname}` becomes the host that is recorded, in making and in forgetting alike; what else
 * stands in braces is filled in by borg.
 */
export const nameFor = (template: string, host: string): string =>
  template.replace(token, (text, placeholder) => (placeholder === 'hostname' ? literally(safeHost(host)) : text))

const safeHost = (host: string): string => host.replace(/[/\0\r\n]/g, '-').trim()

/** What is known of the names that a template makes. */
export function piecesOf(template: string, host: string): readonly Piece[] {
  return [...template.matchAll(token)].flatMap(([text, placeholder]): Piece[] => {
    if (placeholder === undefined) return [{ kind: 'text', text: text === '{{' ? '{' : text === '}}' ? '}' : text }]
    if (placeholder === 'hostname') return [{ kind: 'text', text: safeHost(host) }]
    const time = /^(?:utc)?now(?::(.*))?$/s.exec(placeholder)
    return time === null ? [{ kind: 'any' }] : timePieces(time[1] ?? defaultTime)
  })
}

const timePieces = (format: string): Piece[] =>
  [...format.matchAll(/%(.)|[^%]+/gs)].flatMap(([text, directive]): Piece[] => {
    if (directive === undefined) return [{ kind: 'text', text }]
    if (directive === '%') return [{ kind: 'text', text: '%' }]
    const count = digits[directive]
    return count === undefined ? [{ kind: 'any' }] : Array.from({ length: count }, () => ({ kind: 'digit' as const }))
  })

/** A pattern of borg for these names and no others, `sh:` style, as `--glob-archives` takes it. */
export const globOf = (pieces: readonly Piece[]): string =>
  pieces
    .map((piece) => {
      if (piece.kind === 'digit') return '[0-9]'
      return piece.kind === 'any' ? '*' : literally(piece.text.replace(/[*?[]/g, '[$&]'))
    })
    .join('')

/** The same as a regular expression. */
export const regexOf = (pieces: readonly Piece[]): RegExp =>
  new RegExp(
    `^${pieces
      .map((piece) => {
        if (piece.kind === 'digit') return '[0-9]'
        return piece.kind === 'any' ? '[^/]*' : piece.text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
      })
      .join('')}$`,
    's',
  )

/** Whether one name can be of both. */
export function canMeet(left: readonly Piece[], right: readonly Piece[]): boolean {
  const [a, b] = [signsOf(left), signsOf(right)]
  const seen = new Set<number>()
  const meet = (i: number, j: number): boolean => {
    const key = i * (b.length + 1) + j
    if (seen.has(key)) return false
    seen.add(key)
    if (i === a.length && j === b.length) return true
    const [one, other] = [a[i], b[j]]
    if (one === 'any' && (meet(i + 1, j) || (j < b.length && meet(i, j + 1)))) return true
    if (other === 'any' && (meet(i, j + 1) || (i < a.length && meet(i + 1, j)))) return true
    if (one === undefined || other === undefined || one === 'any' || other === 'any') return false
    return agree(one, other) && meet(i + 1, j + 1)
  }
  return meet(0, 0)
}

/** One sign each: a character, `digit` or `any`. */
const signsOf = (pieces: readonly Piece[]): string[] =>
  pieces.flatMap((piece) => (piece.kind === 'text' ? [...piece.text] : [piece.kind]))

const agree = (one: string, other: string): boolean =>
  one === other || (one === 'digit' && /^\d$/.test(other)) || (other === 'digit' && /^\d$/.test(one))
