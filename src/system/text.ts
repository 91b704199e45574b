import { stripVTControlCharacters } from 'node:util'

/** Control characters, line ends and marks of direction would forge or garble lines. */
const unsafe = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

/** Text from outside, safe to stand in one line of a log or a terminal. */
export const oneLine = (text: string): string => text.replaceAll('\n', ' ').replace(unsafe, '\ufffd')

/** What a program printed, safe to be shown: its lines and tabs, without colours; of what it overwrote the last stays. */
export const shownLines = (text: string): string =>
  stripVTControlCharacters(text)
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r') + 1))
    .join('\n')
    .replaceAll(unsafe, (character) => (character === '\n' || character === '\t' ? character : '\ufffd'))
