/** Patterns over the names of backup sets. */

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

export interface SetName {
  readonly host: string
  readonly user: string
  readonly tags?: readonly string[]
  readonly paths?: readonly string[]
}

/** `host/user`, and tags and paths behind it where they tell sets apart: `web/root/daily,db`. */
export const wholeName = ({ host, user, tags, paths }: SetName): string =>
  [host, user, ...[tags, paths].flatMap((each) => (each === undefined ? [] : [each.join(',')]))].join('/')

/** A pattern without a slash is one for the host, whoever the user is. */
export const fitsSet = (pattern: string, set: SetName): boolean =>
  pattern.includes('/') ? fits(pattern, wholeName(set)) : fits(pattern, set.host)
