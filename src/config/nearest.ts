import { distance } from 'fastest-levenshtein'

/** The known word closest to `word`, when it is close enough to have been meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 64) return undefined
  const lower = word.toLowerCase()
  const ranked = known
    .map((candidate) => ({ candidate, far: distance(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)
  const best = ranked[0]
  return best !== undefined && best.far <= (word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3)))
    ? best.candidate
    : undefined
}
