/** The little XML that S3 answers with. */

/** Elements lie no deeper in any answer. */
const mostDepth = 8

/**
 * Reads elements in the order they end: `ended('ListBucketResult/Contents/Key', 'snapshots/ab…')`.
 *
 * Strict and small: elements, text, the five named entities and numbers. No document types, no comments, no CDATA, so nothing
 * can grow or be fetched; attributes are passed over. Source: Amazon S3 API Reference; XML 1.0, 2.1 and 4.1.
 *
 * @returns false for anything else, also for a cut document. Never throws.
 */
export function readXml(text: string, ended: (path: string, text: string) => void): boolean {
  const token = /<(\/?)([A-Za-z_][\w.:-]*)(?:\s[^<>]*?)?(\/?)>|([^<]+)/y
  token.lastIndex = /^\uFEFF?\s*(?:<\?xml[^<>]*\?>)?/.exec(text)?.[0].length ?? 0
  const open: string[] = []
  let content = ''
  let roots = 0
  while (token.lastIndex < text.length) {
    const found = token.exec(text)
    if (found === null) return false
    const [, closing, name = '', empty, plain] = found
    if (plain !== undefined) {
      if (open.length === 0 && plain.trim() !== '') return false
      content = plain
      continue
    }
    if (closing === '/') {
      if (open.at(-1) !== name || empty === '/') return false
      const value = unescaped(content)
      if (value === undefined) return false
      ended(open.join('/'), value)
      open.pop()
    } else {
      if (open.length === 0 && ++roots > 1) return false
      if (open.length === mostDepth) return false
      open.push(name)
      if (empty === '/') {
        ended(open.join('/'), '')
        open.pop()
      }
    }
    content = ''
  }
  return roots === 1 && open.length === 0
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

function unescaped(text: string): string | undefined {
  if (!text.includes('&')) return text
  let good = true
  const plain = text.replace(/&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(\w+));|&/g, (_, decimal, hex, name) => {
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    const value = name === undefined ? (code <= 0x10ffff ? String.fromCodePoint(code) : undefined) : named[name]
    good &&= value !== undefined
    return value ?? ''
  })
  return good ? plain : undefined
}
