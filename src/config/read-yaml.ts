/** Text to plain values that know where they stand, or what is wrong with the YAML. */
import { Composer, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml'
import type { ConfigFinding } from './finding.ts'
import { saySyntax } from './syntax.ts'
import { readTokens } from './tokens.ts'

/** More is a bomb: ten anchors of ten aliases each would be ten thousand million values. */
const maxValues = 200_000
const maxAliases = 1_000

export interface Yaml {
  readonly value: unknown
  /** 1-based place of the key or entry at `path`, or of the nearest part of the path that is there. */
  place(path: readonly (string | number)[]): { readonly line: number; readonly column: number }
}

export type ReadYaml =
  | { readonly ok: true; readonly yaml: Yaml }
  | { readonly ok: false; readonly errors: readonly ConfigFinding[] }

/** Reads one document of YAML 1.2. Size and depth are looked at first; tags, merge keys and odd keys are refused. */
export function readYaml(text: string): ReadYaml {
  const read = readTokens(text)
  if ('message' in read) return { ok: false, errors: [read] }
  const composer = new Composer({ version: '1.2', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })
  const [document, second] = composer.compose(read.tokens, true, text.length)
  const at = (offset: number) => {
    const { line, col } = read.lines.linePos(offset)
    return { path: [], line: Math.max(1, line), column: Math.max(1, col) }
  }
  const errors = [...(document?.errors ?? []), ...(document?.warnings ?? [])].map((error) => ({
    ...at(error.pos[0]),
    ...saySyntax(error),
  }))
  if (second !== undefined)
    errors.push({ ...at(second.range[0]), ...saySyntax({ code: 'MULTIPLE_DOCS', message: '' } as never) })
  if (errors.length > 0) return { ok: false, errors: oneALine(errors) }
  const reader = new Reader()
  const { value } = reader.read(document?.contents ?? undefined)
  if (reader.faults.length > 0) {
    return { ok: false, errors: reader.faults.map(({ offset, ...said }) => ({ ...at(offset), ...said })) }
  }
  return { ok: true, yaml: { value, place: (path) => placeOf(reader, value, path, read.lines) } }
}

/** One slip makes the parser stumble several times over the same line. */
function oneALine(errors: readonly ConfigFinding[]): ConfigFinding[] {
  const seen = new Set<number | undefined>()
  return errors.filter(({ line }) => !seen.has(line) && seen.add(line))
}

interface Fault {
  readonly offset: number
  readonly message: string
  readonly next: string
}

/** A value and how many values it holds, those of its aliases counted each time. */
interface Built {
  readonly value: unknown
  readonly size: number
}

/** Builds plain values from nodes. Recursive: the depth was looked at before. */
class Reader {
  readonly faults: Fault[] = []
  readonly offsets = new WeakMap<object, Map<string | number, number>>()
  readonly #anchors = new Map<string, Built>()
  #aliases = 0
  #expanded = 0

  read(node: unknown): Built {
    const built = this.#build(node)
    const anchor = (node as Partial<{ anchor: string }> | null | undefined)?.anchor
    if (anchor !== undefined && !isAlias(node)) this.#anchors.set(anchor, built)
    return built
  }

  #build(node: unknown): Built {
    if (isAlias(node)) return this.#alias(node.source, offsetOf(node))
    this.#lookAtTag(node)
    if (isMap(node)) return this.#map(node.items, offsetOf(node))
    if (isSeq(node)) {
      const list: unknown[] = []
      const offsets = new Map<string | number, number>()
      let size = 1
      for (const item of node.items) {
        const built = this.read(item)
        offsets.set(list.length, offsetOf(item) ?? offsetOf(node) ?? 0)
        list.push(built.value)
        size += built.size
      }
      this.offsets.set(list, offsets)
      return { value: list, size }
    }
    return { value: isScalar(node) ? node.value : undefined, size: 1 }
  }

  #map(items: readonly Pair[], begin: number | undefined): Built {
    const value: Record<string, unknown> = {}
    const offsets = new Map<string | number, number>()
    let size = 1
    for (const { key, value: item } of items) {
      const offset = offsetOf(key) ?? begin ?? 0
      const name = keyOf(key)
      const why = name === undefined ? oddKey : offsets.has(name) ? twice : forbidden.get(name)
      if (name === undefined || why !== undefined) {
        this.#fault(offset, why ?? oddKey)
        continue
      }
      const built = this.read(item)
      value[name] = built.value === undefined ? null : built.value
      offsets.set(name, offset)
      size += built.size
    }
    this.offsets.set(value, offsets)
    return { value, size }
  }

  #alias(name: string, offset = 0): Built {
    const found = this.#anchors.get(name)
    if (found === undefined) this.#fault(offset, noAnchor)
    this.#aliases++
    this.#expanded += found?.size ?? 0
    if (this.#aliases > maxAliases || this.#expanded > maxValues) this.#fault(offset, bomb)
    return this.faults.length > 0 || found === undefined ? { value: null, size: 1 } : found
  }

  #lookAtTag(node: unknown): void {
    const tag = (node as Partial<Node> | null | undefined)?.tag
    if (tag !== undefined && !/^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/.test(tag))
      this.#fault(offsetOf(node) ?? 0, tagged)
  }

  /** The first few are enough: a file with more is not one to be mended place by place. */
  #fault(offset: number, said: Omit<Fault, 'offset'>): void {
    if (this.faults.length < 50) this.faults.push({ offset, ...said })
  }
}

const oddKey = { message: 'a key that is no plain text', next: 'Write a name before the colon.' }
const twice = { message: 'this key stands twice in the same block', next: 'Keep one of the two.' }
const noAnchor = {
  message: 'an alias (*name) without an anchor (&name) above it',
  next: 'Write the value out; a value that begins with * needs quotes.',
}
const bomb = { message: 'aliases (*name) repeat more than a file may hold', next: 'Write the values out.' }
const tagged = {
  message: 'a value with a tag (!) that means nothing here',
  next: 'Take the tag out; a value that begins with ! needs quotes.',
}
const forbidden: ReadonlyMap<string, Omit<Fault, 'offset'>> = new Map([
  ['<<', { message: 'merge keys (<<) are not read', next: 'Write the keys out; *name for a whole value works.' }],
  ['__proto__', { message: 'the name __proto__ cannot be used', next: 'Choose another one.' }],
])

/** Keys as they are written: `010` stays what the reader sees. */
function keyOf(key: unknown): string | undefined {
  if (!isScalar(key) || key.value === null || key.value === undefined) return undefined
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
}

const offsetOf = (node: unknown): number | undefined => (node as Partial<Node> | null | undefined)?.range?.[0]

function placeOf(reader: Reader, root: unknown, path: readonly (string | number)[], lines: LineCounter) {
  let value: unknown = root
  let offset = 0
  for (const part of path) {
    const found = typeof value === 'object' && value !== null ? reader.offsets.get(value)?.get(part) : undefined
    if (found === undefined) break
    offset = found
    value = (value as Record<string | number, unknown>)[part]
  }
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}
