/** Addresses over SFTP, in restic's syntax: `sftp:user@host:path`, `sftp://user@host:port/path`. */

export interface SftpPlace {
  readonly host: string
  /** Empty where the address has none; so is the user. */
  readonly port: string
  readonly user: string
  readonly path: string
}

/** Source: restic `internal/backend/sftp/config.go`. @returns Undefined when it cannot be understood. */
export const sftpPlace = (url: string): SftpPlace | undefined =>
  url.startsWith('sftp://') ? placeOfUrl(url) : placeOfWords(url)

function placeOfUrl(text: string): SftpPlace | undefined {
  const url = URL.parse(text)
  if (url === null || url.password !== '') return undefined
  try {
    return {
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port,
      user: decodeURIComponent(url.username),
      // One slash ends the host; a second one begins an absolute path.
      path: decodeURIComponent(url.pathname).slice(1),
    }
  } catch {
    return undefined
  }
}

function placeOfWords(text: string): SftpPlace | undefined {
  const [, login, path = ''] = /^sftp:([^:]+):(.*)$/s.exec(text) ?? []
  if (login === undefined) return undefined
  const at = login.lastIndexOf('@')
  return { host: login.slice(at + 1), port: '', user: at === -1 ? '' : login.slice(0, at), path: path || '.' }
}

/**
 * Splits a command into words as restic does, without a shell: white space and quotes end a word, and so does a backslash
 * outside quotes; a quote behind a backslash is an ordinary character. Source: restic `internal/backend/shell_split.go`.
 *
 * @returns undefined for an empty command or an open quote.
 */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = []
  let [word, quote, last] = ['', '', '']
  const end = (): void => {
    if (word !== '') words.push(word)
    word = ''
  }
  for (const char of text) {
    const isQuote = last !== '\\' && (quote === '' ? char === '"' || char === "'" : char === quote)
    if (isQuote) {
      quote = quote === '' ? char : ''
      end()
      continue
    }
    last = char
    if (quote === '' && (char === '\\' || /\s/.test(char))) end()
    else word += char
  }
  end()
  return quote !== '' || words.length === 0 ? undefined : words
}

/** Words as one text that `splitWords` splits into the same words again; undefined for a word with both kinds of quote. */
export function joinWords(words: readonly string[]): string | undefined {
  const quotes = words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? '' : word.includes("'") ? '"' : "'"))
  if (words.some((word, at) => word.endsWith('\\') || (quotes[at] === '"' && word.includes('"')))) return undefined
  return words.map((word, at) => `${quotes[at]}${word}${quotes[at]}`).join(' ')
}
