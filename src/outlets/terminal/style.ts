import { stripVTControlCharacters, styleText } from 'node:util'

type Colour = Parameters<typeof styleText>[0]

/** Colours only where the stream is a terminal and NO_COLOR is not set. */
export const paint = (colour: Colour, text: string, stream: NodeJS.WriteStream = process.stdout): string =>
  styleText(colour, text, { stream })

const widthOf = (text: string): number => [...stripVTControlCharacters(text)].length

/** A table with aligned columns, two blanks between them; the header is dim. `right` names columns of numbers. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const widths = header.map((title, at) => Math.max(widthOf(title), ...rows.map((row) => widthOf(row[at] ?? ''))))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => {
        const room = ' '.repeat((widths[at] ?? 0) - widthOf(cell))
        return right.includes(at) ? room + cell : cell + room
      })
      .join('  ')
      .trimEnd()
  return [paint('dim', line(header)), ...rows.map(line)].join('\n')
}
