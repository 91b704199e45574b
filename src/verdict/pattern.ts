/** Patterns over the names of backup sets. */
import { type SetName, wholeName } from '../model/set-name.ts'

/**
 * Whether a text fits a pattern of `*` (any characters) and `?` (one). Everything else stands for itself.
 * Never more steps than the product of both lengths: names of sets come from whoever writes the repository.
 */
export function fits(pattern: string, text: string): boolean {
  let [at, place] = [0, 0]
  /** The last `*`, and where the text went on behind it. */
  let [star, resume] = [-1, 0]
  while (place < text.length) {
    if (pattern[at] === '*') {
      star = at++
      resume = place
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[place])) {
      at++
      place++
    } else if (star >= 0) {
      at = star + 1
      place = ++resume
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}

/**
 * A pattern without a slash is one for the host, whoever the user is; one that ends before tags or paths is for all of them.
 */
export function fitsSet(pattern: string, set: SetName): boolean {
  if (!pattern.includes('/')) return fits(pattern, set.host)
  const { host, user, tags, paths } = set
  const names = [
    { host, user },
    ...(tags === undefined ? [] : [{ host, user, tags }]),
    ...(paths === undefined ? [] : [set]),
  ]
  return names.some((name) => fits(pattern, wholeName(name)))
}
