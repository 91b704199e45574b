import { shownLines } from '../../../system/text.ts'

/** What is kept of a body: errors stand at the end, so the end is. Healthchecks keeps ten times as much, and the beginning. */
export const mostTextBytes = 10_000

/** The end of a body as text that is safe to be shown: lines and tabs, without other control characters. Any bytes will do. */
export function keptText(body: Uint8Array): string {
  const isCut = body.byteLength > mostTextBytes
  const end = Buffer.from(isCut ? body.subarray(-mostTextBytes) : body)
  const text = shownLines(end.toString('utf8').replace(/^\ufffd+/, isCut ? '' : '$&'))
  return endOf(text.trimEnd(), mostTextBytes)
}

/** As much of the end as fits, in whole characters. */
export function endOf(text: string, mostBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.byteLength <= mostBytes) return text
  const end = bytes.subarray(-mostBytes)
  // In UTF-8 the bytes within a character begin with the bits 10.
  const first = end.findIndex((byte) => (byte & 0xc0) !== 0x80)
  return end.subarray(Math.max(0, first)).toString('utf8')
}
