/** Refuses further arguments that would take a backup out of Muster's hands. */
import type { Refused } from '../extra-args.ts'

const place = 'it would change repository, password or cache, which Muster sets'
const output = 'Muster has to read the output'
const meaning = 'Muster has a setting of its own for it, and depends on it'

/** Long options refused, also by any shorter spelling. */
const refusedLong: Readonly<Record<string, string>> = {
  repo: place,
  'repository-file': place,
  'repository-version': place,
  'password-file': place,
  'password-command': place,
  'insecure-no-password': place,
  'cache-dir': place,
  'cleanup-cache': place,
  json: output,
  quiet: output,
  verbose: output,
  help: output,
  version: output,
  'dry-run': meaning,
  host: meaning,
  hostname: meaning,
  tag: meaning,
  stdin: meaning,
  'stdin-filename': meaning,
  'stdin-from-command': meaning,
  'files-from': meaning,
  'files-from-verbatim': meaning,
  'files-from-raw': meaning,
  'no-lock': 'a backup without a lock may lose data',
  option: 'backend options belong to the repository, under `options`',
  'limit-upload': meaning,
  'limit-download': meaning,
  time: 'a snapshot of another time would look fresh, or never so',
}

/** Short options of restic that may be combined in one word, and of these the refused ones. */
const refusedShort: Readonly<Record<string, string>> = {
  r: place,
  p: place,
  q: output,
  v: output,
  h: output,
  n: meaning,
  H: meaning,
  o: 'backend options belong to the repository, under `options`',
}
/** Short options that take the rest of the word, or the next one, as their value. */
const shortWithValue = 'e'

/** Long options that take a value, which may stand in the next word; all others have to bring it behind `=`. */
const longWithValue = new Set([
  'exclude',
  'iexclude',
  'exclude-file',
  'iexclude-file',
  'exclude-if-present',
  'exclude-larger-than',
  'parent',
  'group-by',
  'compression',
  'pack-size',
  'read-concurrency',
  'cacert',
  'tls-client-cert',
  'key-hint',
  'retry-lock',
  'stuck-request-timeout',
  'http-user-agent',
])

/** An option as somebody wrote it. */
export interface Option {
  /** Without dashes. */
  readonly option: string
  readonly value?: string
  readonly written: readonly string[]
}

/** Options of a backup that take a value, those included that are refused. */
const withValue = new Set([
  ...longWithValue,
  ...['repo', 'repository-file', 'password-file', 'password-command', 'cache-dir', 'host', 'hostname', 'tag', 'option'],
  ...['stdin-filename', 'files-from', 'files-from-verbatim', 'files-from-raw', 'time'],
  ...['limit-upload', 'limit-download'],
])
const shortWithOwnValue = 'rpHoe'

/** Tells options of `restic backup` from what it is to back up. */
export function separate(words: readonly string[]): {
  readonly options: readonly Option[]
  readonly sources: readonly string[]
} {
  const options: Option[] = []
  const sources: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string
    if (word === '--') {
      sources.push(...words.slice(at + 1))
      break
    }
    if (!word.startsWith('-') || word === '-') {
      sources.push(word)
      continue
    }
    const next = words[at + 1]
    const [, long, value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? []
    if (long !== undefined) {
      const takesNext = value === undefined && withValue.has(long) && next !== undefined
      if (takesNext) at += 1
      const own = takesNext ? next : value
      options.push({
        option: long,
        ...(own !== undefined && { value: own }),
        written: takesNext ? [word, next] : [word],
      })
      continue
    }
    const letter = [...word.slice(1)].find((one) => shortWithOwnValue.includes(one))
    const end = letter === undefined ? -1 : word.indexOf(letter)
    const takesNext = letter !== undefined && end === word.length - 1 && next !== undefined
    if (takesNext) at += 1
    const own = takesNext ? next : word.slice(end + 1)
    options.push(
      letter !== undefined && end === 1
        ? { option: letter, value: own, written: takesNext ? [word, next] : [word] }
        : { option: word.slice(1), written: takesNext ? [word, next] : [word] },
    )
  }
  return { options, sources }
}

/** The arguments that may not be passed on, with the reasons. */
export function refusedArguments(args: readonly string[]): readonly Refused[] {
  const refused: Refused[] = []
  let valueExpected = false
  for (const argument of args) {
    if (valueExpected) {
      valueExpected = false
      continue
    }
    const judged = judge(argument)
    if (typeof judged === 'string') refused.push({ argument: JSON.stringify(argument), reason: judged })
    else valueExpected = judged.takesNext
  }
  if (valueExpected) refused.push({ argument: JSON.stringify(args.at(-1)), reason: 'its value is missing' })
  return refused
}

/** A reason to refuse, or whether the next word is its value. */
function judge(argument: string): string | { readonly takesNext: boolean } {
  if (argument.includes('\0')) return 'it holds a NUL character'
  if (argument === '--') return 'the sources follow behind it'
  if (!argument.startsWith('-') || argument === '-')
    return 'it would be taken for a source; sources belong into `sources`'
  return argument.startsWith('--') ? judgeLong(argument.slice(2)) : judgeShort(argument.slice(1))
}

function judgeLong(text: string): string | { readonly takesNext: boolean } {
  const equals = text.indexOf('=')
  const name = equals === -1 ? text : text.slice(0, equals)
  const refused = Object.keys(refusedLong).find((long) => long === name)
  if (refused !== undefined) return refusedLong[refused] as string
  // Abbreviations are refused whatever they stand for: restic has none, a later option parser might.
  const longer = Object.keys(refusedLong).find((long) => name !== '' && long.startsWith(name))
  if (longer !== undefined && !longWithValue.has(name)) return `it is short for --${longer}: ${refusedLong[longer]}`
  return { takesNext: equals === -1 && longWithValue.has(name) }
}

function judgeShort(letters: string): string | { readonly takesNext: boolean } {
  for (const [index, letter] of [...letters].entries()) {
    const reason = refusedShort[letter]
    if (reason !== undefined) return reason
    if (letter === shortWithValue) return { takesNext: index === letters.length - 1 }
  }
  return { takesNext: false }
}
