/** Names of notifiers where something else in the file tells by them. */
import { notifierSettings } from '../outlets/notify/notifiers/settings.generated.ts'
import type { NotifierSettings } from '../outlets/notify/settings.ts'
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
  return named.flatMap((path) => {
    const name = valueAt(raw, path)
    return typeof name === 'string' ? [...unknown(path, name, names), ...unfit(raw, path, name)] : []
  })
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
