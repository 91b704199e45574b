/** Secrets that somebody shows, compared with those that are known, in the same time whatever was shown. */
import { createHash, timingSafeEqual } from 'node:crypto'

export const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/**
 * All are compared, by digests of one length: neither length, nor first wrong byte, nor which of them it is shows in the time.
 * @returns Where it stands among the known ones; -1 where it does not.
 */
export function indexOfDigest(given: string, known: readonly Buffer[]): number {
  const mine = digestOf(given)
  let found = -1
  for (const [at, one] of known.entries()) found = timingSafeEqual(mine, one) ? at : found
  return found
}
