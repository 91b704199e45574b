/** What tells backup sets of a repository apart, as one text. */

/** What sets may be told apart by, beside host and user. */
export const setKeys = ['tags', 'paths'] as const
export type SetKey = (typeof setKeys)[number]

export interface SetName {
  readonly host: string
  readonly user: string
  /** Sorted; only where sets are told apart by them. */
  readonly tags?: readonly string[]
  readonly paths?: readonly string[]
}

/** Two lists that differ never give one text: it is the value of a label. */
export const joined = (list: readonly string[]): string =>
  list.map((item) => (item === '' ? '\\e' : item.replaceAll('\\', '\\\\').replaceAll(',', '\\,'))).join(',')

/** `host/user`, and tags and paths behind it where they tell sets apart: `web/root/daily,db`. */
export const wholeName = ({ host, user, tags, paths }: SetName): string =>
  [host, user, ...[tags, paths].flatMap((list) => (list === undefined ? [] : [joined(list)]))].join('/')

/** As `wholeName`, and never the same for two sets. */
export const keyOf = ({ host, user, tags, paths }: SetName): string => JSON.stringify([host, user, tags, paths])
