/** Parts of a file over HTTP. */
import { type Answer, statusFault } from './ask.ts'
import { type Fetched, fault, fetched, type ReadWish } from './storage.ts'

export const rangeHeader = ({ range }: ReadWish): Record<string, string> =>
  range === undefined ? {} : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` }

/** What was wished of an answer; a server that knows no ranges sends the whole. */
export function contentOf(answer: Answer, { range }: ReadWish): Fetched<Uint8Array> {
  const { status, body } = answer
  if (status !== 200 && (status !== 206 || range === undefined)) return statusFault(answer)
  if (range === undefined) return fetched(body)
  const part = status === 206 ? body : body.subarray(range.offset, range.offset + range.length)
  return part.length === range.length ? fetched(part) : fault('cut', `${body.length} bytes`)
}
