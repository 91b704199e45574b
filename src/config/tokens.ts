/** Cuts the text of a configuration into tokens, and refuses hostile text before anything recursive sees it. */
import { type CST, Lexer, LineCounter, Parser } from 'yaml'
import type { ConfigFinding } from './finding.ts'

export const maxBytes = 1024 * 1024
export const maxDepth = 64
/** A megabyte of ordinary settings has about half of this; beyond it only the time of the reader is at stake. */
const maxLexemes = 400_000

export interface Tokens {
  readonly tokens: readonly CST.Token[]
  readonly lines: LineCounter
}

/** The finding for a file that is larger than anybody would write. */
export const tooLarge = (bytes: string): ConfigFinding => ({
  path: [],
  line: 1,
  column: 1,
  message: `the file has ${bytes} bytes, and at most ${maxBytes} are read`,
  next: 'Is this the right file? Split it, or take out what is generated.',
})

/**
 * Reads the tokens of a text. Lexer and parser of `yaml` keep a list instead of recursing, so the depth is looked at
 * on their own stack, token by token, before the composer, which does recurse, is given anything.
 * `yaml` killed a whole process with 20 KB of nested brackets.
 */
export function readTokens(text: string): Tokens | ConfigFinding {
  const bytes = Buffer.byteLength(text)
  if (bytes > maxBytes) return tooLarge(String(bytes))
  const lines = new LineCounter()
  lines.addNewLine(0)
  const parser = new Parser(lines.addNewLine)
  const tokens: CST.Token[] = []
  let lexemes = 0
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    const refused =
      depthOf(parser.stack) > maxDepth
        ? deep
        : ++lexemes > maxLexemes
          ? { ...deep, message: `more than ${maxLexemes} words and signs stand before this place`, next: rightFile }
          : undefined
    if (refused !== undefined) {
      const { line, col } = lines.linePos(parser.offset)
      return { ...refused, line, column: col }
    }
  }
  for (const token of parser.end()) tokens.push(token)
  return { tokens, lines }
}

/** Beside the collections the stack holds the document at its bottom and, at most, one scalar on top. */
const depthOf = (stack: readonly CST.Token[]): number => stack.length - (stack.at(-1)?.type.endsWith('scalar') ? 2 : 1)

const rightFile = 'Is this the right file? Split it, or take out what is generated.'
const deep: ConfigFinding = {
  path: [],
  message: `nested more than ${maxDepth} levels deep`,
  next: 'No part of a configuration needs that; look for a bracket that is never closed.',
}
