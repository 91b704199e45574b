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
