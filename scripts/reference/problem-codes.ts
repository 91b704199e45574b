/**
 * Finds every problem the sources can make, by reading them: objects with a literal `code`, the tables of the tools, and calls
 * that are handed a code. A problem that is written in a new way has to be found here too: a test compares with a plain search.
 */
import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'

export interface FoundProblem {
  readonly code: string
  /** `{name}` stands for what is filled in. */
  readonly message: string
  readonly next: string
  readonly retry: string
  /** How it is recognised; only in the tables of tools. */
  readonly source?: string
}

/** As much of a syntax tree as is looked at; what is not there is undefined. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly name?: string
  readonly value?: unknown
  readonly key?: Node
  readonly object?: Node
  readonly property?: Node
  readonly callee?: Node
  readonly id?: Node | null
  readonly init?: Node | null
  readonly left?: Node
  readonly test?: Node
  readonly consequent?: Node
  readonly alternate?: Node
  readonly expression?: Node
  readonly arguments?: readonly Node[]
  readonly properties?: readonly Node[]
  readonly params?: readonly Node[]
  readonly expressions?: readonly Node[]
  readonly quasis?: readonly { readonly value: { readonly cooked?: string } }[]
}

interface Helper extends Pick<Node, 'start' | 'end'> {
  readonly name: string
  readonly params: readonly string[]
}

/** One file, as far as it matters. */
interface Source {
  readonly folder: string
  readonly objects: readonly Node[]
  readonly calls: readonly Node[]
  readonly helpers: readonly Helper[]
  readonly constants: ReadonlyMap<string, Node>
}

const codePattern = /^[a-z]+\d*\.[a-z]+(?:-[a-z]+)*$/

/** All problems of `src/`, by code; each wording once. */
export async function findProblems(root: string): Promise<readonly FoundProblem[]> {
  const sources: Source[] = []
  for await (const path of glob('src/**/*.ts', { cwd: root }))
    if (!/\.(?:test|generated)\.ts$/.test(path)) sources.push(sourceOf(path, await readFile(join(root, path), 'utf8')))
  const found = sources.flatMap((source) => {
    const near = sources.filter(({ folder }) => folder === source.folder)
    return [
      ...source.objects.flatMap((object) => ofObject(object, source, near)),
      ...source.calls.flatMap((call) => ofCall(call, source, near)),
    ]
  })
  const unique = new Map(
    found.map((problem) => [JSON.stringify([problem.code, problem.message, problem.next]), problem]),
  )
  return [...unique.values()].sort((a, b) => compare(a.code, b.code) || compare(a.message, b.message))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function sourceOf(path: string, text: string): Source {
  const objects: Node[] = []
  const calls: Node[] = []
  const helpers: Helper[] = []
  const constants = new Map<string, Node>()
  const helper = (name: string | undefined, node: Node): void => {
    if (name !== undefined)
      helpers.push({
        name,
        start: node.start,
        end: node.end,
        params: (node.params ?? []).map((param) => param.name ?? ''),
      })
  }
  new Visitor({
    ObjectExpression: (node) => void objects.push(node as unknown as Node),
    CallExpression: (node) => void calls.push(node as unknown as Node),
    FunctionDeclaration: (node) => helper(node.id?.name, node as unknown as Node),
    VariableDeclarator: (declarator) => {
      const { id, init } = declarator as unknown as Node
      if (id?.name === undefined || !init) return
      if (init.type === 'ArrowFunctionExpression') helper(id.name, init)
      else constants.set(id.name, init)
    },
  }).visit(parseSync(path, text).program)
  return { folder: dirname(path), objects, calls, helpers, constants }
}

/** `{ code: 'a.b', message, next, retry }`, or a row `'a.b': { message, next, retry }` of a table. */
function ofObject(object: Node, source: Source, near: readonly Source[]): FoundProblem[] {
  const fields = fieldsOf(object)
  const code = literal(fields.get('code'))
  if (code !== undefined && codePattern.test(code)) return problems(code, fields, source, near)
  return [...fields].flatMap(([key, value]) => {
    const row = value?.type === 'ObjectExpression' ? fieldsOf(value) : new Map<string, Node>()
    return codePattern.test(key) && row.has('message') && row.has('next') ? problems(key, row, source, near) : []
  })
}

const fieldsOf = (object: Node): Map<string, Node> =>
  new Map(
    (object.properties ?? []).flatMap(({ key, value }): [string, Node][] => {
      const name = key?.name ?? literal(key)
      return name === undefined ? [] : [[name, value as Node]]
    }),
  )

function problems(
  code: string,
  fields: ReadonlyMap<string, Node>,
  source: Source,
  near: readonly Source[],
): FoundProblem[] {
  const texts = (name: string): string[] => textsOf(fields.get(name), source, near)
  const messages = texts('message')
  const nexts = texts('next')
  const retry = texts('retry').join(' or ')
  const recognised = literal(fields.get('source'))
  // Where a helper is handed both, they belong together call by call.
  return messages.map((message, at) => ({
    code,
    message,
    next: nexts.length === messages.length ? (nexts[at] ?? '') : [...new Set(nexts)].join(' Or: '),
    retry,
    ...(recognised !== undefined && { source: recognised }),
  }))
}

/** `helper('a.b', 'message', 'next')`: the two texts behind the code. */
function ofCall(call: Node, source: Source, near: readonly Source[]): FoundProblem[] {
  const args = call.arguments ?? []
  const at = args.findIndex((arg) => codePattern.test(literal(arg) ?? ''))
  const [message, next] = [args[at + 1], args[at + 2]]
  if (at === -1 || !isText(message) || next === undefined) return []
  const [said = ''] = textsOf(message, source, near)
  return [{ code: literal(args[at]) ?? '', message: said, next: textsOf(next, source, near).join(' Or: '), retry: '' }]
}

const isText = (node: Node | undefined): boolean => node?.type === 'TemplateLiteral' || literal(node) !== undefined

const literal = (node: Node | undefined): string | undefined =>
  node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined

/** What an expression may say; several texts where a helper is called several times. */
function textsOf(node: Node | undefined, source: Source, near: readonly Source[]): string[] {
  if (node?.type === 'Identifier' && node.name !== undefined) {
    const constant = source.constants.get(node.name)
    if (constant !== undefined && isText(constant)) return textsOf(constant, source, near)
    const handed = argumentsFor(node, source, near)
    if (handed.length > 0) return handed
  }
  return [textOf(node)]
}

/** What the callers hand to the parameter that `node` names, when it stands in a helper. */
function argumentsFor(node: Node, source: Source, near: readonly Source[]): string[] {
  const helper = source.helpers
    .filter(({ start, end, params }) => start <= node.start && node.end <= end && params.includes(node.name ?? ''))
    .sort((a, b) => b.start - a.start)[0]
  if (helper === undefined) return []
  const at = helper.params.indexOf(node.name ?? '')
  return near.flatMap((one) =>
    one.calls
      .filter((call) => call.callee?.name === helper.name)
      .flatMap((call) => (call.arguments?.[at] === undefined ? [] : textsOf(call.arguments[at], one, near))),
  )
}

/** A pattern: `The schedule has {length} fields.` */
function textOf(node: Node | undefined): string {
  const said = literal(node)
  if (said !== undefined || node === undefined) return said ?? ''
  if (node.type === 'TemplateLiteral')
    return (node.quasis ?? [])
      .map(({ value }, at) => (value.cooked ?? '') + (node.expressions?.[at] ? textOf(node.expressions[at]) : ''))
      .join('')
  if (node.type === 'Identifier') return `{${node.name}}`
  if (node.type === 'ConditionalExpression')
    return [textOf(node.consequent), textOf(node.alternate)].filter((text) => text !== '').join(' / ')
  return `{${nameOf(node) ?? '…'}}`
}

/** The word that says most about an expression: its last property, or what a call is about. */
function nameOf(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined
  if (node.type === 'Identifier') return node.name
  if (node.type === 'CallExpression')
    return node.arguments?.length ? nameOf(node.arguments[0]) : nameOf(node.callee?.object ?? node.callee)
  if (node.type === 'MemberExpression') return node.property?.name ?? nameOf(node.object)
  return nameOf(node.left ?? node.expression)
}
