/** What a shell would make of a value, without one: words, quotes, variables, and the name of the host. */

export interface Expansion {
  /** The value of a variable; undefined where it is not set. */
  variable(name: string): string | undefined
  /** Name of this machine, as `hostname` prints it. */
  readonly host: string
}

export interface Why {
  readonly message: string
  readonly next: string
}

export type Expanded<T> = ({ readonly ok: true } & T) | ({ readonly ok: false } & Why)

/** Names whose values stand in no argument and no title. */
const secretName = /PASS|SECRET|TOKEN|CREDS|(?:^|_)KEY(?:_|$)/

/** `hostname`, and the piece of it that is cut at a dash. */
const hostCommand =
  /^\s*hostname(?:\s+-s)?\s*(?:\|\s*cut\s+(?:-d\s*(['"]?)-\1\s+-f\s*([1-9])|-f\s*([1-9])\s+-d\s*(['"]?)-\4)\s*)?$/

/** The value of what begins with the `$` at `at`, and where the text goes on behind it. A `$` with no name behind it is one. */
function valueAt(text: string, at: number, by: Expansion): Expanded<{ value: string; end: number }> {
  if (text[at + 1] === '(') return hostAt(text, at, by)
  const rest = text.slice(at + 1)
  const plain = /^[A-Za-z_]\w*/.exec(rest)?.[0]
  const braced = /^\{([A-Za-z_]\w*)(?::?-([^{}$`]*))?\}/.exec(rest)
  if (plain === undefined && braced === null) {
    if (/^[{0-9@*#?!$-]/.test(rest)) return needsShell(`$${rest.slice(0, 1)}`)
    return { ok: true, value: '$', end: at + 1 }
  }
  const name = plain ?? braced?.[1] ?? ''
  const end = at + 1 + (plain ?? braced?.[0] ?? '').length
  if (secretName.test(name))
    return { ok: false, message: `names the secret ${name}`, next: `Take $${name} out: it would be seen by others.` }
  const value = by.variable(name) ?? (name === 'HOSTNAME' ? by.host : undefined) ?? braced?.[2]
  if (value !== undefined) return { ok: true, value, end }
  return { ok: false, message: `names ${name}, which is not set`, next: `Set ${name}, or take it out.` }
}

function hostAt(text: string, at: number, { host }: Expansion): Expanded<{ value: string; end: number }> {
  const close = text.indexOf(')', at)
  const match = close === -1 ? null : hostCommand.exec(text.slice(at + 2, close))
  if (match === null) return needsShell('$(')
  const field = match[2] ?? match[3]
  const parts = host.split('-')
  // Where there is no dash, `cut` passes the whole line on.
  const value = field === undefined || parts.length === 1 ? host : (parts[Number(field) - 1] ?? '')
  return { ok: true, value, end: close + 1 }
}

const understood = "Write it without: $NAME, $(hostname) and $(hostname | cut -d '-' -f1) are understood."

const needsShell = (sign: string): { ok: false } & Why => ({
  ok: false,
  message: `holds ${JSON.stringify(sign)}, which only a shell understands, and none is used`,
  next: understood,
})

/** A text with its variables filled in; all else stands for itself. */
export function expandText(text: string, by: Expansion): Expanded<{ text: string }> {
  let done = ''
  for (let at = 0; at < text.length; ) {
    const sign = text[at] ?? ''
    if (sign === '`') return needsShell(sign)
    if (sign === '\\' && /[$`\\]/.test(text[at + 1] ?? '')) {
      done += text[at + 1]
      at += 2
    } else if (sign === '$') {
      const found = valueAt(text, at, by)
      if (!found.ok) return found
      done += found.value
      at = found.end
    } else {
      done += sign
      at += 1
    }
  }
  return { ok: true, text: done }
}

/** Words, as a shell splits them. Patterns such as `*` stay what they are. */
export function splitWords(text: string, by: Expansion): Expanded<{ words: readonly string[] }> {
  const words: string[] = []
  let word: string | undefined
  let quote: '"' | "'" | undefined
  const close = (): void => {
    if (word !== undefined) words.push(word)
    word = undefined
  }
  for (let at = 0; at < text.length; ) {
    const sign = text[at] ?? ''
    const next = text[at + 1]
    if (quote === "'") {
      if (sign === "'") quote = undefined
      else word += sign
    } else if (sign === '\\' && next !== undefined && (quote === undefined || /["$`\\]/.test(next))) {
      word = (word ?? '') + next
      at += 1
    } else if (sign === '"' || (sign === "'" && quote === undefined)) {
      quote = quote === sign ? undefined : sign
      word ??= ''
    } else if (sign === '$') {
      const found = valueAt(text, at, by)
      if (!found.ok) return found
      const [first = '', ...more] = quote === undefined ? found.value.split(/\s+/) : [found.value]
      if (first !== '' || quote !== undefined) word = (word ?? '') + first
      for (const one of more) {
        close()
        if (one !== '') word = one
      }
      at = found.end
      continue
    } else if (sign === '`') return needsShell(sign)
    else if (quote !== undefined) word += sign
    else if (/\s/.test(sign)) close()
    else if (/[|&;<>()]/.test(sign)) return needsShell(sign)
    else word = (word ?? '') + sign
    at += 1
  }
  if (quote !== undefined)
    return { ok: false, message: `opens a ${quote} and does not close it`, next: 'Write the other one too.' }
  close()
  return { ok: true, words }
}
