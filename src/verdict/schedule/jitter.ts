/**
 * Deterministic spread: how long a job waits after its instant, so that many jobs (or many machines) with the same
 * schedule do not start together. The same key and instant give the same delay, on every machine and after a restart;
 * another instant gives another delay, so nobody is always last.
 *
 * Shape: FNV-1a over the UTF-16 units of `key@instant`, mixed by the finalizer of MurmurHash3, scaled to the span.
 *
 * @param key What tells jobs apart, such as `host/job`.
 * @returns Whole milliseconds, evenly spread over 0 (included) to `jitterMs` (excluded); 0 without a span.
 */
export function jitterOf(key: string, instant: Date, jitterMs: number): number {
  if (!(jitterMs >= 1)) return 0
  return Math.floor((hash(`${key}@${instant.getTime()}`) / 2 ** 32) * Math.floor(jitterMs))
}

/** 32 bits, unsigned. */
function hash(text: string): number {
  let state = 0x811c9dc5
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193)
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return (state ^ (state >>> 16)) >>> 0
}
