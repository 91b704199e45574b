/** What of `metrics` does not fit together, or not with the jobs. Looked at on the raw file, as all of `crosscheck`. */
import { fillingOf, groupOf, pathOf, unknownPlaceholders } from '../model/grouping.ts'
import { nameSettings } from '../outlets/metrics/names/settings.generated.ts'
import type { ConfigFinding } from './finding.ts'
import { keysOf, textsOf, valueAt } from './values.ts'

type SetName = keyof typeof nameSettings

export const crosscheckMetrics = (raw: unknown, machine: { readonly host: string }): ConfigFinding[] => [
  ...logins(raw),
  ...sharedGroups(raw, machine.host),
  ...sharedFolder(raw),
]

function logins(raw: unknown): ConfigFinding[] {
  return ['pushgateway', 'otlp'].flatMap((target): ConfigFinding[] => {
    const at = ['metrics', target]
    const has = (key: string): boolean => valueAt(raw, [...at, key]) !== undefined
    if (has('password') && !has('username'))
      return [{ path: [...at, 'password'], message: 'belongs to no user', next: 'Add username.' }]
    if (has('username') && !has('password'))
      return [{ path: [...at, 'username'], message: 'has no password', next: 'Add password, or take username out.' }]
    return []
  })
}

/** Whoever is on the way to another machine reads along. Warnings: a network may be trusted. */
export function sentInClear(raw: unknown): ConfigFinding[] {
  return ['pushgateway', 'otlp'].flatMap((target): ConfigFinding[] => {
    const at = ['metrics', target]
    const url = URL.parse(textAt(raw, [...at, 'url']) ?? '')
    const what = ['password', 'token'].find((key) => valueAt(raw, [...at, key]) !== undefined)
    if (url?.protocol !== 'http:' || what === undefined || loopback.test(url.hostname)) return []
    const next = 'Write https://, or put a proxy that speaks TLS in front of it.'
    return [{ path: [...at, 'url'], message: `the ${what} is sent in clear to another machine`, next }]
  })
}

const loopback = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])$/

/** Two jobs in one group: each push would take away what the other one told. */
function sharedGroups(raw: unknown, hostname: string): ConfigFinding[] {
  const at = ['metrics', 'pushgateway']
  const jobs = keysOf(valueAt(raw, ['jobs']))
  const [job, instance] = [textAt(raw, [...at, 'job']), textAt(raw, [...at, 'instance'])]
  const more = valueAt(raw, [...at, 'grouping'])
  const grouping = Object.fromEntries(
    keysOf(more).flatMap((key) => (isOwn(key) ? [] : entryOf(key, valueAt(more, [key])))),
  )
  const isWrong = [job, instance, ...Object.values(grouping)].some((text) => unknownPlaceholders(text ?? '').length > 0)
  if (valueAt(raw, at) === undefined || isWrong) return []
  const owners = new Map<string, string>()
  for (const name of jobs) {
    const host = textAt(raw, ['jobs', name, 'host'])
    const filling = fillingOf({ job: name, tags: textsOf(valueAt(raw, ['jobs', name, 'tags'])), host, hostname })
    for (const set of setsAt(raw, at)) {
      const own = nameSettings[set]
      const wish = { job: job ?? own.job, instance: instance ?? own.instance, grouping }
      const path = pathOf(groupOf(wish, filling))
      const other = owners.get(path)
      if (other !== undefined && other !== name)
        return [
          {
            path: instance === undefined ? at : [...at, 'instance'],
            message: `puts the jobs ${other} and ${name} into one group (${path}), where each would take away what the other tells`,
            next: "Tell them apart: instance: '{job}'.",
          },
        ]
      owners.set(path, name)
    }
  }
  return []
}

/** Series of several jobs that are told apart by nothing, in one folder. */
function sharedFolder(raw: unknown): ConfigFinding[] {
  const at = ['metrics', 'textfile']
  const jobs = keysOf(valueAt(raw, ['jobs']))
  const nameless = setsAt(raw, at).find((set) => !nameSettings[set].namesJob)
  if (valueAt(raw, at) === undefined || jobs.length < 2 || nameless === undefined) return []
  return [
    {
      path: [...at, 'names'],
      message: `${nameless} names no job in its metrics, so those of ${jobs.slice(0, 3).join(', ')} could not be told apart in files`,
      next: 'Use muster, or push to a gateway, where the group tells them apart.',
    },
  ]
}

const textAt = (raw: unknown, path: readonly string[]): string | undefined => {
  const value = valueAt(raw, path)
  return typeof value === 'string' ? value : undefined
}

/** Told as an error of its own. */
const isOwn = (label: string): boolean => label === 'job' || label === 'instance'

const entryOf = (key: string, value: unknown): [string, string][] => (typeof value === 'string' ? [[key, value]] : [])

function setsAt(raw: unknown, at: readonly string[]): readonly SetName[] {
  const value = valueAt(raw, [...at, 'names']) ?? 'muster'
  return [value].flat().filter((name): name is SetName => typeof name === 'string' && Object.hasOwn(nameSettings, name))
}
