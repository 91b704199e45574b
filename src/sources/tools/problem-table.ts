/** What every tool's table of problems has in common. */
import type { Problem } from '../../model/problem.ts'

/** One row of the reference page: what a code means, what to do, and whether trying again helps. */
export interface ProblemEntry {
  /** `{name}` stands for a value of the problem's context, here and in `next`. */
  readonly message: string
  readonly next: string
  readonly retry: Problem['retry']
  /** What it is recognised by, and since which version of the tool. */
  readonly source: string
}

const mostDetail = 500

/**
 * Makes the problem of a row.
 *
 * @param context Fills the placeholders; without secrets.
 * @param detail What the tool said, already redacted; follows the message, cut at 500 characters.
 */
export function problemOfEntry(
  code: string,
  { message, next, retry }: ProblemEntry,
  context: Readonly<Record<string, string | number>>,
  detail?: string,
): Problem {
  const fill = (text: string, other?: string): string =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => String(context[name] ?? other ?? whole))
  const filled = fill(message, 'unknown')
  const said = detail?.trim().replace(/\s+/g, ' ').slice(0, mostDetail)
  return { code, message: said ? `${filled} It said: ${said}` : filled, next: fill(next), retry, context }
}
