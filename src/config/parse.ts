/** Text of a configuration to typed values, or everything that is wrong with it. Pure. */
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { crosscheck } from './crosscheck.ts'
import { explain } from './explain.ts'
import type { ConfigFinding } from './finding.ts'
import { Config } from './schema.ts'
import { checkShape } from './shape-limits.ts'
import { warningsOf } from './warnings.ts'

export interface ParsedConfig {
  readonly config?: Config
  /** Present when there is no `config`. */
  readonly errors: readonly ConfigFinding[]
  /** Unwise, but accepted: a secret in plain text. */
  readonly warnings: readonly ConfigFinding[]
}

/** Reads a whole configuration file. Never throws; size and depth are looked at before the YAML parser sees the text. */
export function parseConfig(text: string): ParsedConfig {
  const shape = checkShape(text)
  if (!shape.ok) {
    const line = Number(shape.problem.context?.line ?? 1)
    return {
      errors: [{ path: [], line, column: 1, message: shape.problem.message, next: shape.problem.next }],
      warnings: [],
    }
  }
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: true, version: '1.2' })
  const syntax = document.errors.map((error): ConfigFinding => {
    const at = counter.linePos(error.pos[0])
    return {
      path: [],
      line: at.line,
      column: at.col,
      message: `not valid YAML: ${error.message}`,
      next: syntaxFix(error.code),
    }
  })
  if (syntax.length > 0) return { errors: syntax, warnings: [] }
  const raw = toPlain(document)
  if (!raw.ok)
    return {
      errors: [{ path: [], line: 1, column: 1, message: raw.message, next: 'Write the values out.' }],
      warnings: [],
    }
  const parsed = Config.safeParse(raw.value ?? {})
  const wrong = [...(parsed.success ? [] : explain(parsed.error.issues, raw.value ?? {})), ...crosscheck(raw.value)]
  const placed = (findings: readonly ConfigFinding[]) =>
    findings.map((finding) => place(finding, document, counter)).sort(byPlace)
  const warnings = placed(warningsOf(raw.value))
  return parsed.success && wrong.length === 0
    ? { config: parsed.data, errors: [], warnings }
    : { errors: placed(wrong), warnings }
}

function toPlain(document: Document): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: 100 }) as unknown }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

/** Gives a finding the place of its node, or of the nearest part of its path that is there. */
function place(finding: ConfigFinding, document: Document, counter: LineCounter): ConfigFinding {
  for (let length = finding.path.length; length >= 0; length--) {
    const range = rangeAt(document, finding.path.slice(0, length), length === finding.path.length)
    if (range === undefined) continue
    const at = counter.linePos(range)
    return { ...finding, line: at.line, column: at.col }
  }
  return { ...finding, line: 1, column: 1 }
}

/** The offset of a value; for a key in a map, that of the key, where a reader looks first. */
function rangeAt(document: Document, path: readonly (string | number)[], wantKey: boolean): number | undefined {
  const parent = path.length === 0 ? document.contents : document.getIn(path.slice(0, -1), true)
  const last = path.at(-1)
  if (wantKey && typeof last === 'string' && isNode(parent) && 'items' in parent) {
    for (const pair of parent.items as { key?: unknown }[]) {
      const key = pair.key as { value?: unknown; range?: [number, number, number] } | undefined
      if (String(key?.value) === last && key?.range) return key.range[0]
    }
  }
  const node = path.length === 0 ? document.contents : document.getIn(path, true)
  return isNode(node) ? node.range?.[0] : undefined
}

const byPlace = (a: ConfigFinding, b: ConfigFinding): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)

function syntaxFix(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'Keep one of the two.'
  if (code === 'TAB_AS_INDENT') return 'Indent with blanks; YAML allows no tabs there.'
  if (code === 'BAD_INDENT' || code === 'BLOCK_AS_IMPLICIT_KEY')
    return 'Check the indentation of this line and the one above.'
  return 'Check this place: quotes, brackets, the colon and the blank behind it.'
}
