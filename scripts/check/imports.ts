import { readFile } from 'node:fs/promises'
import { dirname, posix } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'

/** One import of one file: static, dynamic, re-exported, or for its types only. */
export interface Import {
  /** Path of the importing file, relative to the checkout. */
  readonly from: string
  /** For our own files the path relative to the checkout, else the name as written (`node:fs`, `zod`). */
  readonly to: string
  readonly line: number
  /** Erased before the program runs: `import type` and the like. */
  readonly isType: boolean
}

/** All imports of the given files. @throws Error for a file that does not parse */
export async function readImports(root: string, paths: readonly string[]): Promise<readonly Import[]> {
  const all = await Promise.all(paths.map(async (path) => importsOf(path, await readFile(`${root}/${path}`, 'utf8'))))
  return all.flat()
}

/** The imports of one source text. Those with a name put together at run time cannot be known and are not listed. */
function importsOf(path: string, text: string): readonly Import[] {
  const { program, errors } = parseSync(path, text)
  if (errors[0] !== undefined) throw new Error(`${path} does not parse: ${errors[0].message}`)
  const found: Import[] = []
  const note = (source: Source | null, isType: boolean) => {
    if (typeof source?.value !== 'string') return
    const line = text.slice(0, source.start).split('\n').length
    found.push({ from: path, to: resolve(path, source.value), line, isType })
  }
  new Visitor({
    ImportDeclaration: (node) => note(node.source, node.importKind === 'type'),
    ExportNamedDeclaration: (node) => note(node.source, node.exportKind === 'type'),
    ExportAllDeclaration: (node) => note(node.source, node.exportKind === 'type'),
    ImportExpression: (node) => note(node.source as Source, false),
    TSImportType: (node) => note(node.source, true),
  }).visit(program)
  return found
}

/** The part of a syntax tree that names a module; `value` is no string where the name is put together. */
interface Source {
  readonly value?: unknown
  readonly start: number
}

const resolve = (from: string, name: string) => (name.startsWith('.') ? posix.join(dirname(from), name) : name)
