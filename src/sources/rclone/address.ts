/** Addresses of rclone: `remote:path`, `remote,option="a:b":path`, `:backend,option=value:path`, or a path of this machine. */

/** The colon behind the name of the remote; -1 for a path of this machine. */
export function colonOf(url: string): number {
  if (/^[./~]/.test(url)) return -1
  let quote = ''
  for (let at = url.startsWith(':') ? 1 : 0; at < url.length; at += 1) {
    const letter = url.charAt(at)
    if (quote !== '') quote = letter === quote ? '' : quote
    else if (letter === '"' || letter === "'") quote = letter
    else if (letter === ':') return at
    else if (letter === '/' && !url.slice(0, at).includes(',')) return -1
  }
  return -1
}

export interface RemoteAddress {
  /** Of the configuration; undefined for a backend that is named on the spot. */
  readonly name?: string
  readonly backend?: string
  /** Options of the address itself. */
  readonly options: ReadonlyMap<string, string>
}

/**
 * What stands before the path. Source: rclone documentation, "Connection strings": a value may be quoted with `"` or `'`, which are
 * doubled inside; one without a value is `true`.
 *
 * @returns Undefined for a path of this machine.
 */
export function parseRemote(url: string): RemoteAddress | undefined {
  const end = colonOf(url)
  if (end === -1) return undefined
  const [first = '', ...rest] = url.slice(0, end).match(/(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^,"'])+/g) ?? []
  const options = new Map(
    rest.map((text): [string, string] => {
      const [key = '', ...value] = text.split('=')
      return [optionName(key), value.length === 0 ? 'true' : unquoted(value.join('='))]
    }),
  )
  return first.startsWith(':') ? { backend: first.slice(1), options } : { name: first, options }
}

export const optionName = (text: string): string => text.trim().toLowerCase().replaceAll('-', '_')

function unquoted(text: string): string {
  const quote = text.charAt(0)
  if ((quote !== '"' && quote !== "'") || !text.endsWith(quote) || text.length < 2) return text
  return text.slice(1, -1).replaceAll(quote + quote, quote)
}
