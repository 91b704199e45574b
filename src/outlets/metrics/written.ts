/** What one repository says in one section: its lines as bytes, family by family. */
import { linesOf } from './exposition.ts'
import type { Part } from './parts.ts'
import type { Section } from './sections.ts'

export interface Written {
  /** What it was made from. */
  readonly inputs: readonly unknown[]
  readonly bytes: Buffer
  /** Where the lines of each family begin, and at last where all end. */
  readonly starts: readonly number[]
}

export async function write(
  section: Section,
  part: Part,
  maxSeries: number,
  inputs: readonly unknown[],
  breath: () => Promise<void>,
): Promise<Written> {
  const texts = section.kinds.map(() => '')
  for (const families of section.steps(part, maxSeries)) {
    for (const [at, family] of families.entries()) texts[at] += linesOf(family)
    await breath()
  }
  const starts = [0]
  for (const text of texts) starts.push((starts.at(-1) ?? 0) + Buffer.byteLength(text))
  const bytes = Buffer.allocUnsafeSlow(starts.at(-1) ?? 0)
  for (const [at, text] of texts.entries()) bytes.write(text, starts[at] ?? 0)
  return { inputs, bytes, starts }
}

export const isSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((item, at) => item === other[at])
