/** An expected failure as a value: a locked repository, a wrong password, a missing source. Bugs are thrown instead. */
export interface Problem {
  /** Stable `area.what`, such as `restic.locked`. */
  readonly code: string
  /** What is wrong, in names the user knows. */
  readonly message: string
  /** What to do now, as an order one can carry out. */
  readonly next: string
  /** `soon`: try again in a moment; `next-run`: at the next scheduled run; `never`: a person has to act first. */
  readonly retry: 'soon' | 'next-run' | 'never'
  /** Never holds a secret. */
  readonly context?: Readonly<Record<string, string | number>>
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const fail = (problem: Problem): Result<never> => ({ ok: false, problem })
