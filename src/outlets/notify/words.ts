/** Messages as text: every entry is named, whatever the space. */
import type { Entry, Message } from '../../model/delivery.ts'
import { sayDuration } from '../../model/units.ts'
import { oneLine, shownLines } from '../../system/text.ts'

export const mark = (severity: Message['severity']): string => ({ good: '✅', warning: '⚠️', critical: '❌' })[severity]

/** More entries than this are told in one line each. */
const mostWhole = 6

/** `job nfs in offsite`. */
const nameOf = ({ kind, name, within }: Pick<Entry, 'kind' | 'name' | 'within'>): string =>
  oneLine(`${kind} ${name}${within === undefined ? '' : ` in ${within}`}`)

const stamp = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** What happened, in one line. */
export function headOf(entry: Entry, now: Date): string {
  const name = nameOf(entry)
  const often = entry.changes === undefined ? '' : `, ${entry.changes} times lately`
  if (entry.event === 'closed') {
    const lasted = (entry.closedAt ?? now).getTime() - (entry.since ?? entry.openedAt).getTime()
    return `✅ ${name} is fine again, after ${sayDuration(Math.max(1000, lasted))}${often}`
  }
  const still = entry.event === 'reminder' ? 'still ' : ''
  return `${mark(entry.severity)} ${name}: ${still}${entry.state}${often}`
}

/** Facts of an entry beside its head, as label and value. */
export function factsOf(entry: Entry, now: Date): (readonly [string, string])[] {
  const ago = (at: Date): string => `${stamp(at)} (${sayDuration(Math.max(1000, now.getTime() - at.getTime()))} ago)`
  if (entry.event === 'closed') return [['It was', `${entry.state}: ${oneLine(entry.reason)}`]]
  // A process that could not even start knows nothing of before.
  const isNew = entry.kind === 'configuration' && entry.since === undefined
  return [
    ['What', oneLine(entry.reason)],
    ...(isNew ? [] : [['Since', ago(entry.since ?? entry.openedAt)] as const]),
    ...(isNew ? [] : [['Last good', entry.lastGood === undefined ? 'none known' : ago(entry.lastGood)] as const]),
    ...(entry.next === '' ? [] : [['Do now', oneLine(entry.next)] as const]),
  ]
}

function wholeEntry(entry: Entry, now: Date): string {
  return [headOf(entry, now), ...factsOf(entry, now).map(([label, value]) => `  ${label}: ${value}`)].join('\n')
}

/** Figures and tables of a report. */
function reportText({ figures = [], tables = [] }: Message): string[] {
  return [
    ...(figures.length === 0
      ? []
      : [figures.map(({ name, value }) => `${oneLine(name)}: ${oneLine(value)}`).join('\n')]),
    ...tables.map(({ title, columns, rows }) =>
      [
        oneLine(title),
        ...rows.map((row) =>
          row
            .flatMap((cell, at) => {
              if (at > 0 && cell === '') return []
              return `${at === 0 ? '- ' : `${oneLine(columns[at] ?? '')}: `}${oneLine(cell)}`
            })
            .join(', '),
        ),
      ].join('\n'),
    ),
  ]
}

/** The whole message as plain text. */
export function textOf(message: Message): string {
  const { entries, at, log, link, host } = message
  const told =
    entries.length <= mostWhole
      ? entries.map((entry) => wholeEntry(entry, at)).join('\n\n')
      : entries.map((entry) => `${headOf(entry, at)} (${oneLine(entry.reason)})`).join('\n')
  return [
    told,
    ...reportText(message),
    ...(log === undefined ? [] : [`Last output:\n${shownLines(log)}`]),
    `${link ?? ''}${link === undefined ? '' : '\n'}Muster on ${oneLine(host)}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/**
 * The message in as many texts as it takes, none larger than `maxBytes` of UTF-8: whole where it fits; else the log loses its
 * beginning, then entries lose their details, and at last the names go on in further texts.
 */
export function pagesOf(message: Message, maxBytes: number): readonly string[] {
  const whole = textOf(message)
  if (bytesOf(whole) <= maxBytes) return [whole]
  if (message.log !== undefined) {
    const { log: _, ...rest } = message
    const left = maxBytes - bytesOf(textOf(rest)) - 30
    if (left >= 200) return [textOf({ ...rest, log: endOf(shownLines(message.log), left) })]
    return pagesOf(rest, maxBytes)
  }
  const lines = message.entries.map((entry) => cut(headOf(entry, message.at), Math.floor(maxBytes / 4)))
  const foot = cut(
    `Muster on ${oneLine(message.host)}${message.link === undefined ? '' : ` ${message.link}`}`,
    Math.floor(maxBytes / 2),
  )
  return pack(
    [
      ...lines,
      ...reportText(message)
        .flatMap((part) => part.split('\n'))
        .map((line) => cut(line, Math.floor(maxBytes / 4))),
      foot,
    ],
    maxBytes,
  )
}

function pack(lines: readonly string[], maxBytes: number): string[] {
  const pages: string[][] = [[]]
  let used = 0
  for (const line of lines) {
    const bytes = bytesOf(line) + 1
    if (used + bytes > maxBytes && used > 0) {
      pages.push([])
      used = 0
    }
    pages.at(-1)?.push(line)
    used += bytes
  }
  return pages.map((page) => page.join('\n'))
}

const bytesOf = (text: string): number => Buffer.byteLength(text)

/** The beginning of a text, no half characters. */
function cut(text: string, maxBytes: number): string {
  if (bytesOf(text) <= maxBytes) return text
  let end = Math.min(text.length, maxBytes)
  while (end > 0 && bytesOf(text.slice(0, end)) > maxBytes - 3) end -= 1
  return `${text.slice(0, end).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** The end of a text: what a program said last says most. */
function endOf(text: string, maxBytes: number): string {
  if (bytesOf(text) <= maxBytes) return text
  let begin = Math.max(0, text.length - maxBytes)
  while (bytesOf(text.slice(begin)) > maxBytes - 3) begin += 1
  return `…${text.slice(begin).replace(/^[\uDC00-\uDFFF]/, '')}`
}
