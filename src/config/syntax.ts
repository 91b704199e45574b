/** What is wrong with the YAML itself, in our words: those of the parser may repeat what stands in the file. */
import type { YAMLError } from 'yaml'

interface Said {
  readonly message: string
  readonly next: string
}

const place = 'Check this place: quotes, brackets, the colon and the blank behind it.'
const indentation = 'Check the indentation of this line and the one above; keys of one block begin in the same column.'

/** By the codes of `yaml`; those that are not here get the last row. Source: yaml 2, `ErrorCode`. */
const table: Readonly<Record<string, Said>> = {
  TAB_AS_INDENT: { message: 'a tab in the indentation', next: 'Indent with blanks; YAML allows no tabs there.' },
  BAD_INDENT: { message: 'the indentation does not fit', next: indentation },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second colon in one line, or a block where a value was expected',
    next: `A value that holds a colon and a blank needs quotes. Else: ${indentation.charAt(0).toLowerCase()}${indentation.slice(1)}`,
  },
  MULTILINE_IMPLICIT_KEY: { message: 'a key without a colon, or a value that runs over its line', next: indentation },
  BAD_ALIAS: {
    message: 'a value that begins with * and has no quotes',
    next: 'Put it in quotes, such as "* * * * *" or "*.tmp".',
  },
  BAD_SCALAR_START: {
    message: 'a value that begins with a sign YAML keeps for itself (@ or `)',
    next: 'Put it in quotes, such as "@daily".',
  },
  BAD_DQ_ESCAPE: {
    message: 'a backslash in double quotes that means nothing',
    next: "Write it twice (\\\\), or use single quotes ('…').",
  },
  BAD_DIRECTIVE: {
    message: 'a line that begins with %',
    next: 'Take it out; a value that begins with % needs quotes.',
  },
  MULTIPLE_DOCS: {
    message: 'a second document begins here',
    next: 'Keep one document in the file: no --- behind the first.',
  },
  KEY_OVER_1024_CHARS: { message: 'a key of more than 1024 characters', next: place },
  TAG_RESOLVE_FAILED: {
    message: 'a value with a tag (!) that means nothing here',
    next: 'Take the tag out; a value that begins with ! needs quotes.',
  },
}

/** Says one error of the parser. */
export function saySyntax(error: YAMLError): Said {
  const missing = /Missing closing (["'])quote|must .*end with a ([}\]])|Expected .*(?:to|must) end with ([}\]])/.exec(
    error.message,
  )
  const sign = missing?.slice(1).find((part) => part !== undefined)
  if (sign !== undefined)
    return {
      message:
        sign === '"' || sign === "'"
          ? `a text in quotes is not closed: ${sign} is missing`
          : `a bracket is not closed: ${sign} is missing`,
      next: `Look above for where it was opened, and put ${sign} at its end.`,
    }
  const said = table[error.code] ?? { message: 'not understood', next: place }
  return { ...said, message: `not valid YAML: ${said.message}` }
}
