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

/** Why a template cannot be one; undefined when it can. */
export function nameFault(template: string): string | undefined {
  const tokens = [...template.matchAll(token)]
  const inside = tokens.flatMap(([, placeholder]) => placeholder ?? [])
  if (tokens.some(([text]) => text === '{' || text === '}')) return 'has a brace without its other one'
  const unknown = inside.map((text) => text.split(':', 1)[0] ?? '').find((name) => !names.includes(name))
  if (unknown !== undefined) return `has the placeholder {${unknown}}, which borg does not know`
  if (/[/\n\r\0]/.test(template) || /%[DxX+c]/.test(template))
    return 'would put a slash into the name, or a sign that cannot be in it'
  if (/\.checkpoint(?:\.\d+)?$/.test(template)) return 'ends like the unfinished archives of borg, which nobody lists'
  if (template !== template.trim()) return 'begins or ends with a space'
  if (!inside.some((text) => /^(?:utc)?now\b|^uuid4$/.test(text)))
    return 'is always the same name, so every backup but the first would fail'
  return undefined
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
