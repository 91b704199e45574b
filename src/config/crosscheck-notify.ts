/** Names of notifiers where something else in the file tells by them. */
import { isWebAddress } from '../model/web-address.ts'
import { notifierSettings } from '../outlets/notify/notifiers/settings.generated.ts'
import type { NotifierSettings } from '../outlets/notify/settings.ts'
import { fits } from '../verdict/pattern.ts'
import type { ConfigFinding } from './finding.ts'
import { nearest } from './nearest.ts'
import { keysOf, valueAt } from './values.ts'

export function crosscheckNotify(raw: unknown): ConfigFinding[] {
  const names = keysOf(valueAt(raw, ['notify']))
  const named = [
    ...names.map((name) => ['notify', name, 'fallback']),
    ...keysOf(valueAt(raw, ['reports'])).flatMap((report) => {
      const list = valueAt(raw, ['reports', report, 'notify'])
      return Array.isArray(list) ? list.map((_, at) => ['reports', report, 'notify', at]) : []
    }),
  ]
  return [
    ...named.flatMap((path) => {
      const name = valueAt(raw, path)
      return typeof name === 'string' ? [...unknown(path, name, names), ...unfit(raw, path, name)] : []
    }),
    ...names.flatMap((name) => [
      ...halfLogin(raw, name),
      ...noHours(raw, name),
      ...noAddress(raw, addressAt(raw, name)),
    ]),
    ...noAddress(raw, ['heartbeat', 'url']),
  ]
}

/** Patterns by which a notifier would never be told anything: warnings, for what others write is not known before it is read. */
export function unheardOf(raw: unknown): ConfigFinding[] {
  const repositories = keysOf(valueAt(raw, ['repositories']))
  const named = [...keysOf(valueAt(raw, ['jobs'])), ...repositories]
  // Those it is told of beside jobs, repositories and sets.
  const others = [
    ...keysOf(valueAt(raw, ['notify'])),
    ...keysOf(valueAt(raw, ['metrics'])),
    'heartbeat',
    'alertmanager',
  ]
  const known = [...named, ...others, ...repositories.flatMap((name) => declaredSets(raw, name))]
  return keysOf(valueAt(raw, ['notify'])).flatMap((name) => {
    const patterns = valueAt(raw, ['notify', name, 'of'])
    if (!Array.isArray(patterns)) return []
    return patterns.flatMap((pattern: unknown, at): ConfigFinding[] => {
      if (typeof pattern !== 'string' || pattern === '' || pattern.includes('/')) return []
      if (known.some((one) => fits(pattern, one))) return []
      const near = nearest(pattern, named) ?? (named.some((one) => one.startsWith(pattern)) ? `${pattern}*` : undefined)
      return [
        {
          path: ['notify', name, 'of', at],
          message: `${JSON.stringify(pattern.slice(0, 64))} fits no job and no repository`,
          next:
            near === undefined
              ? 'Write the name of a job or repository, or host and user of a backup set, such as nas/root or nas/*.'
              : `Did you mean ${JSON.stringify(near)}?`,
        },
      ]
    })
  })
}

/** Names such as the declared sets have: those are of hosts, and of users behind them. */
function declaredSets(raw: unknown, repository: string): string[] {
  const sets = valueAt(raw, ['repositories', repository, 'expect', 'sets'])
  return (Array.isArray(sets) ? sets : []).flatMap((_, at) => {
    const match = valueAt(sets, [at, 'match'])
    return typeof match === 'string' ? [match.includes('/') ? match : `${match}/root`] : []
  })
}

/** A user or a password alone is sent as no login at all, or as a wrong one. */
function halfLogin(raw: unknown, name: string): ConfigFinding[] {
  const below = settingsOf(raw, name)?.login
  if (below === undefined) return []
  const at = ['notify', name, ...below]
  const has = (key: string): boolean => valueAt(raw, [...at, key]) !== undefined
  if (has('user') === has('password')) return []
  return has('user')
    ? [{ path: [...at, 'user'], message: 'has no password', next: 'Add password, or take user out.' }]
    : [{ path: [...at, 'password'], message: 'belongs to no user', next: 'Add user.' }]
}

function noHours(raw: unknown, name: string): ConfigFinding[] {
  const at = ['notify', name, 'quietHours']
  const from = valueAt(raw, [...at, 'from'])
  if (typeof from !== 'string' || from !== valueAt(raw, [...at, 'to'])) return []
  return [
    {
      path: [...at, 'to'],
      message: 'is the time they begin, so that it is not told whether they last all day or not at all',
      next: 'Write when they end, such as to: 07:00, or take quietHours out.',
    },
  ]
}

const addressAt = (raw: unknown, name: string): readonly string[] => {
  const key = settingsOf(raw, name)?.address
  return key === undefined ? [] : ['notify', name, key]
}

/** What comes from a file, a variable or a program is not known before it is needed. The text may be a secret: it is not told. */
function noAddress(raw: unknown, path: readonly string[]): ConfigFinding[] {
  const text = valueAt(raw, path)
  // The name of a job may stand anywhere in it, in that of the server too.
  if (typeof text !== 'string' || text === '' || isWebAddress(text.replaceAll('{job}', 'job'))) return []
  return [
    {
      path,
      message: 'is no address of http or https',
      next: 'Write the whole address, such as https://HOST/PATH, or where it is to be read from: { file: PATH }.',
    },
  ]
}

function unknown(path: readonly (string | number)[], name: string, names: readonly string[]): ConfigFinding[] {
  if (names.includes(name))
    return path[0] === 'notify' && path[1] === name
      ? [{ path, message: 'is the notifier itself', next: 'Name another one.' }]
      : []
  const near = nearest(name, names)
  const next =
    near !== undefined
      ? `Did you mean ${JSON.stringify(near)}?`
      : names.length === 0
        ? 'Add it under notify.'
        : `Add it under notify, or use one of: ${names.join(', ')}.`
  return [{ path, message: `there is no notifier ${JSON.stringify(name.slice(0, 64))}`, next }]
}

const settingsOf = (raw: unknown, name: string): NotifierSettings | undefined =>
  Object.entries(notifierSettings).find(([known]) => known === valueAt(raw, ['notify', name, 'kind']))?.[1]

/** One that tells of runs has no words for incidents and reports. */
function unfit(raw: unknown, path: readonly (string | number)[], name: string): ConfigFinding[] {
  if (settingsOf(raw, name)?.tells !== 'runs') return []
  return [{ path, message: `${name} tells of runs alone`, next: 'Name a notifier of another kind.' }]
}
