/** Reads JSON as people leave it: a comma behind the last entry, a byte order mark in front, more text behind the value. */

/** A value that knows where it stands. Keys stand as written, twice where they are there twice. */
export type JsonNode = { readonly at: number } & (
  | { readonly kind: 'list'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly entries: readonly JsonEntry[] }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'other'; readonly value: number | boolean | null }
)
export interface JsonEntry {
  readonly key: string
  readonly at: number
  readonly value: JsonNode
}

interface Fault {
  readonly at: number
  readonly message: string
  readonly next: string
}

export type ReadJson =
  | { readonly ok: true; readonly root: JsonNode; readonly trailingCommas: readonly number[] }
  | ({ readonly ok: false } & Fault)

const maxDepth = 64

/** The first value in a text. Never throws; no message repeats what stands there, for it may be a password. */
export function readJson(text: string): ReadJson {
  const reader = new Reader(text)
  try {
    return { ok: true, root: reader.value(0), trailingCommas: reader.trailingCommas }
  } catch (error) {
    if (error instanceof BadJson) return { ok: false, ...error.fault }
    throw error
  }
}

/** 1-based line and column of an offset. */
export function lineAt(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

class BadJson extends Error {
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault.message)
    this.fault = fault
  }
}

class Reader {
  readonly trailingCommas: number[] = []
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
    if (text.startsWith('\ufeff')) this.#at = 1
  }

  /** Recursive, and no deeper than `maxDepth`. */
  value(depth: number): JsonNode {
    if (depth > maxDepth) throw this.#bad(`nested more than ${maxDepth} levels deep`, 'Name the right file.')
    this.#skipSpace()
    const at = this.#at
    if (this.#take('[')) return { at, kind: 'list', items: this.#items(']', () => this.value(depth + 1)) }
    if (this.#take('{')) return { at, kind: 'object', entries: this.#items('}', () => this.#entry(depth + 1)) }
    if (this.#text[at] === '"') return { at, kind: 'text', value: this.#string() }
    const word = this.#match(/(?:true|false|null|-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?)(?![\w.])/y)
    if (word === undefined)
      throw this.#bad(this.#rest('a value'), 'Write a text in quotes, a list, an object or a number.')
    return { at, kind: 'other', value: JSON.parse(word) as number | boolean | null }
  }

  #entry(depth: number): JsonEntry {
    const at = this.#at
    if (this.#text[at] !== '"') throw this.#bad(this.#rest('a key in double quotes'), 'Put the key into double quotes.')
    const key = this.#string()
    this.#skipSpace()
    if (!this.#take(':')) throw this.#bad(this.#rest('a colon'), 'Put a colon between key and value.')
    return { key, at, value: this.value(depth) }
  }

  #items<T>(close: string, read: () => T): T[] {
    const items: T[] = []
    this.#skipSpace()
    while (!this.#take(close)) {
      items.push(read())
      this.#skipSpace()
      const comma = this.#at
      const more = this.#take(',')
      this.#skipSpace()
      if (!more && this.#text[this.#at] !== close)
        throw this.#bad(this.#rest(`a comma or ${close}`), 'Put a comma between entries, and close every bracket.')
      if (more && this.#text[this.#at] === close) this.trailingCommas.push(comma)
    }
    return items
  }

  #string(): string {
    const written = this.#match(/"[^"\\]*(?:\\.[^"\\]*)*"/sy)
    if (written === undefined) throw this.#bad('a text in quotes that is not closed', 'Close it with ".')
    try {
      // Half of a pair of surrogates is no text in any encoding.
      return (JSON.parse(written) as string).toWellFormed()
    } catch {
      throw this.#bad(
        'a text with a line end in it, or a backslash that means nothing',
        'Close every text on its line, and write a backslash twice.',
      )
    }
  }

  #take(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false
    this.#at++
    return true
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #skipSpace(): void {
    this.#match(/[ \t\r\n]*/y)
  }

  #rest(expected: string): string {
    const found = this.#at >= this.#text.length ? 'the end of the file' : 'something else'
    return `expected ${expected}, found ${found}`
  }

  #bad(message: string, next: string): BadJson {
    return new BadJson({ at: this.#at, message: `not valid JSON: ${message}`, next })
  }
}
