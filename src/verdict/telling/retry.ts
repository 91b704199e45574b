/** When a message that was not taken is tried again, and when no more. Pure. */

const second = 1000
const hour = 3600 * second
/** So long nobody has to answer. */
const patienceMs = 3 * 24 * hour
/** So often the other side may say that it cannot now. */
export const mostRefusals = 10

/** Pauses while nobody answers: short, so that a message leaves within a minute of the other side's return, be it in the middle of a try. */
const unreachable = [5, 10, 20, 30, 35].map((seconds) => seconds * second)
/** Pauses after an answer that says "not now". */
const refused = [10, 20, 40, 90, 180, 360, 720, 1440, 2880].map((seconds) => seconds * second)

export interface Failure {
  readonly trouble: 'unreachable' | 'later' | 'never'
  /** This one included. */
  readonly attempts: number
  /** Those among them that the other side answered; however often nobody answered before, they begin anew. */
  readonly refusals?: number
  readonly madeAt: Date
  readonly retryAfterMs?: number | undefined
}

/**
 * @param luck From 0 to 1, so that many who fail together do not come back together.
 * @returns When it is tried next; undefined where it never is.
 */
export function nextTry(
  { trouble, attempts, refusals = attempts, madeAt, retryAfterMs }: Failure,
  now: Date,
  luck: number,
): Date | undefined {
  if (trouble === 'never' || now.getTime() - madeAt.getTime() > patienceMs) return undefined
  if (trouble === 'later' && refusals >= mostRefusals) return undefined
  return pausedUntil({ trouble, attempts: trouble === 'later' ? refusals : attempts, retryAfterMs }, now, luck)
}

/** The end of the pause after a failure, however often and for how long it was tried before. */
export function pausedUntil(
  {
    trouble,
    attempts,
    retryAfterMs,
  }: Pick<Failure, 'attempts' | 'retryAfterMs'> & { trouble: 'unreachable' | 'later' },
  now: Date,
  luck: number,
): Date {
  const pauses = trouble === 'later' ? refused : unreachable
  const pause = pauses[Math.min(attempts, pauses.length) - 1] ?? second
  return new Date(now.getTime() + Math.max(retryAfterMs ?? 0, pause * (0.8 + 0.2 * luck)))
}
