/** Looks at the text of a configuration before any parser does: a hostile file must not reach a recursive parser. */
import { fail, ok, type Result } from '../model/problem.ts'

export const maxBytes = 1024 * 1024
export const maxDepth = 64

/**
 * Refuses text that is too large or too deeply nested, in one pass without recursion.
 *
 * Depth counts open flow brackets (outside quotes and comments), the block levels of the indentation, and the
 * `- - -` chains of one line. It may count more than the parser would, never less.
 * Source: test I2 of the reliability catalogue; `yaml` killed a whole process with 20 KB of nested brackets.
 */
export function checkShape(text: string): Result<void> {
  const bytes = Buffer.byteLength(text)
  if (bytes > maxBytes) {
    return fail({
      code: 'config.too-large',
      message: `The configuration has ${bytes} bytes; at most ${maxBytes} are read.`,
      next: 'Is this the right file? Split it, or take out what is generated.',
      retry: 'never',
    })
  }
  const line = deepLine(text)
  if (line === undefined) return ok(undefined)
  return fail({
    code: 'config.too-deep',
    message: `Line ${line} is nested more than ${maxDepth} levels deep.`,
    next: 'No part of a configuration needs that; look for a bracket that is never closed.',
    retry: 'never',
    context: { line },
  })
}

/** The number of the first line that goes too deep. */
function deepLine(text: string): number | undefined {
  const indents: number[] = []
  let flow = 0
  let quote = ''
  let number = 0
  for (const line of text.split('\n')) {
    number++
    const indent = line.length - line.trimStart().length
    const blank = indent === line.length || line[indent] === '#'
    if (flow === 0 && quote === '' && !blank) {
      while (indents.length > 0 && (indents.at(-1) ?? 0) >= indent) indents.pop()
      indents.push(indent)
    }
    const dashes = /^(?:[-?:] +)*/.exec(line.trimStart())?.[0].replaceAll(' ', '').length ?? 0
    if (indents.length + dashes + flow > maxDepth) return number
    for (let at = indent; at < line.length; at++) {
      const char = line[at] ?? ''
      if (quote !== '') {
        if (quote === '"' && char === '\\') at++
        else if (char === quote) quote = ''
        continue
      }
      const before = at === 0 ? ' ' : (line[at - 1] ?? ' ')
      if (char === '#' && /\s/.test(before)) break
      if ((char === '"' || char === "'") && /[\s[{,:]/.test(before)) quote = char
      else if (char === '[' || char === '{') flow++
      else if ((char === ']' || char === '}') && flow > 0) flow--
      if (indents.length + flow > maxDepth) return number
    }
  }
  return undefined
}
