/** What one value of the file means for another: looked at on the raw file, so that it is told together with all else. */
import { resolve } from 'node:path'
import type { z } from 'zod'
import { toolSettings } from '../sources/tools/settings.generated.ts'
import type { Aim, SettingFault, ToolSettings } from '../sources/tools/settings.ts'
import { crosscheckMetrics } from './crosscheck-metrics.ts'
import { crosscheckNotify } from './crosscheck-notify.ts'
import { explain } from './explain.ts'
import type { ConfigFinding } from './finding.ts'
import { nearest } from './nearest.ts'
import { placeOf } from './place.ts'
import { settingsFor } from './tool-of.ts'
import { keysOf, textsOf, valueAt } from './values.ts'

const loopback = /^(?:127\.\d+\.\d+\.\d+|localhost|\[::1\]):/

/** Everything that does not fit together. `raw` may be wrong in any other way; then those parts are passed over. */
export function crosscheck(raw: unknown, machine: Machine): ConfigFinding[] {
  return [
    ...nothing(raw),
    ...passwords(raw),
    ...faults(raw),
    ...keyless(raw),
    ...sameAddresses(raw),
    ...withinTrees(raw),
    ...jobs(raw),
    ...overlaps(raw, machine),
    ...sameNames(raw),
    ...server(raw),
    ...crosscheckMetrics(raw, machine),
    ...crosscheckNotify(raw),
  ]
}

/** Backups that are only told of by others need no repository. */
function nothing(raw: unknown): ConfigFinding[] {
  const isAny =
    ['repositories', 'pings'].some((key) => keysOf(valueAt(raw, [key])).length > 0) ||
    ['inbox', 'ns8'].some((key) => valueAt(raw, [key]) !== undefined)
  const given = valueAt(raw, ['repositories'])
  // Anything else is told by the schema.
  const isBlock = typeof raw === 'object' && raw !== null && !Array.isArray(raw)
  if (!isBlock || isAny || (given !== undefined && JSON.stringify(given) !== '{}')) return []
  const next = 'Name at least one: box: { tool: restic, url: /srv/backup, password: { file: PATH } }.'
  return [{ path: ['repositories'], message: 'names no repository', next }]
}

/** What a configuration means may depend on where it is used. */
export interface Machine {
  /** Recorded in snapshots where a job names no host. */
  readonly host: string
}

/** Two entries for one repository: each would have a lane of its own, and the policies of both would thin the same snapshots. */
function sameAddresses(raw: unknown): ConfigFinding[] {
  const first = new Map<string, string>()
  return keysOf(valueAt(raw, ['repositories'])).flatMap((name) => {
    const url = valueAt(raw, ['repositories', name, 'url'])
    if (typeof url !== 'string' || url === '') return []
    const place = `${String(valueAt(raw, ['repositories', name, 'tool']))} ${placeOf(url)}`
    const other = first.get(place)
    if (other === undefined) {
      first.set(place, name)
      return []
    }
    const next = `Keep one of the two entries, and name it in all jobs that use it.`
    return [{ path: ['repositories', name, 'url'], message: `is the address of ${other} already`, next }]
  })
}

/** Repositories inside a tree that a job keeps in step with its source: what the source has not may be deleted there. */
function withinTrees(raw: unknown): ConfigFinding[] {
  const placeAt = (name: string): string => {
    const url = valueAt(raw, ['repositories', name, 'url'])
    return typeof url === 'string' ? placeOf(url) : ''
  }
  const names = keysOf(valueAt(raw, ['repositories']))
  return names
    .filter((outer) => settingsFor(raw, outer)?.oneJob !== undefined && placeAt(outer) !== '')
    .flatMap((outer) =>
      names
        .filter((inner) => inner !== outer && placeAt(inner).startsWith(`${placeAt(outer).replace(/\/$/, '')}/`))
        .map((inner) => ({
          path: ['repositories', inner, 'url'],
          message: `lies inside the tree of ${outer}, where a job of that would delete it`,
          next: 'Put it beside that tree.',
        })),
    )
}

/** Repositories without a password, where the tool opens none without. */
function passwords(raw: unknown): ConfigFinding[] {
  return keysOf(valueAt(raw, ['repositories'])).flatMap((name) => {
    const settings = settingsFor(raw, name)
    if (settings?.needsPassword(recordAt(raw, ['repositories', name])) !== true) return []
    if (valueAt(raw, ['repositories', name, 'password']) !== undefined) return []
    if (isKeyless(raw, name) && !isWorkedOn(raw, name)) return []
    const next = `Add it, such as password: { file: /etc/muster/${name}.pass }.`
    return [{ path: ['repositories', name, 'password'], message: 'is missing', next }]
  })
}

const recordAt = (raw: unknown, path: readonly string[]): Readonly<Record<string, unknown>> => {
  const value = valueAt(raw, path)
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** Common settings that the tool in question cannot honour. */
function faults(raw: unknown): ConfigFinding[] {
  const below = (at: readonly string[], found: readonly SettingFault[] | undefined): ConfigFinding[] =>
    (found ?? []).map(({ path, message, next }) => ({ path: [...at, ...path], message, next }))
  const repositories = keysOf(valueAt(raw, ['repositories'])).flatMap((name) => {
    const at = ['repositories', name]
    return below(at, settingsFor(raw, name)?.repositoryFaults?.(recordAt(raw, at)))
  })
  const jobFaults = keysOf(valueAt(raw, ['jobs'])).flatMap((name) => {
    const at = ['jobs', name]
    const repository = valueAt(raw, [...at, 'repository'])
    if (typeof repository !== 'string') return []
    return below(
      at,
      settingsFor(raw, repository)?.jobFaults?.(recordAt(raw, at), recordAt(raw, ['repositories', repository])),
    )
  })
  return [...repositories, ...jobFaults]
}

const isKeyless = (raw: unknown, name: string): boolean =>
  valueAt(raw, ['repositories', name, 'read', 'keyless']) === true

/** What the tool does to it, and cannot do without the password. */
const isWorkedOn = (raw: unknown, name: string): boolean =>
  ['prune', 'check'].some((work) => valueAt(raw, ['repositories', name, work]) !== undefined)

/** Without its content nobody could say whose backup a job made, nor whether it is there. */
function keyless(raw: unknown): ConfigFinding[] {
  return keysOf(valueAt(raw, ['jobs'])).flatMap((job) => {
    const name = valueAt(raw, ['jobs', job, 'repository'])
    if (typeof name !== 'string' || !isKeyless(raw, name)) return []
    const message = `${name} is read without a password, so that no backup in it could be confirmed`
    return [{ path: ['jobs', job, 'repository'], message, next: `Take repositories.${name}.read.keyless out.` }]
  })
}

function jobs(raw: unknown): ConfigFinding[] {
  const repositories = keysOf(valueAt(raw, ['repositories']))
  return keysOf(valueAt(raw, ['jobs'])).flatMap((job) => {
    const repository = valueAt(raw, ['jobs', job, 'repository'])
    if (typeof repository !== 'string') return []
    if (repositories.includes(repository))
      return [
        ...foreignOptions(raw, job, valueAt(raw, ['repositories', repository, 'tool'])),
        ...secondJob(raw, job, repository),
      ]
    const near = nearest(repository, repositories)
    const said = repository.length > 64 ? `${repository.slice(0, 64)}…` : repository
    return [
      {
        path: ['jobs', job, 'repository'],
        message: `there is no repository ${JSON.stringify(said)}`,
        next:
          near !== undefined
            ? `Did you mean ${JSON.stringify(near)}?`
            : repositories.length === 0
              ? 'Add it under repositories.'
              : `Add it under repositories, or use one of: ${repositories.join(', ')}.`,
      },
    ]
  })
}

/** One name, one job: in metrics, messages and commands nothing else tells them apart. */
function sameNames(raw: unknown): ConfigFinding[] {
  const jobNames = keysOf(valueAt(raw, ['jobs']))
  return keysOf(valueAt(raw, ['pings']))
    .filter((name) => jobNames.includes(name))
    .map((name) => ({
      path: ['pings', name],
      message: 'is the name of a job already',
      next: 'Give one of the two another name.',
    }))
}

/** A job into what another one, named before it, writes already; where the tool lets only one. */
function secondJob(raw: unknown, job: string, repository: string): ConfigFinding[] {
  const rule = settingsFor(raw, repository)?.oneJob
  const first = keysOf(valueAt(raw, ['jobs'])).find((name) => valueAt(raw, ['jobs', name, 'repository']) === repository)
  if (rule === undefined || first === undefined || first === job) return []
  const path = ['jobs', job, 'repository']
  return [{ path, message: `is written by the job ${first} already: ${rule.why}`, next: rule.next }]
}

/** Options that another tool has and this job's tool has not. */
function foreignOptions(raw: unknown, job: string, tool: unknown): ConfigFinding[] {
  const all = Object.entries(toolSettings)
  const own = all.find(([name]) => name === tool)?.[1]
  if (own === undefined) return []
  return keysOf(valueAt(raw, ['jobs', job])).flatMap((key): ConfigFinding[] => {
    const owners = all.filter(([, settings]) => Object.hasOwn(settings.jobShape, key)).map(([name]) => name)
    if (Object.hasOwn(own.jobShape, key)) return owners.length > 1 ? ownForm(raw, job, key, own.jobShape) : []
    if (owners.length === 0) return []
    return [
      {
        path: ['jobs', job, key],
        message: `is an option of ${owners.join(' and ')}; this job uses ${String(tool)}`,
        next: 'Take it out.',
      },
    ]
  })
}

/** An option that other tools have in another form: only this tool's says what is wrong with it. */
function ownForm(raw: unknown, job: string, key: string, shape: object): ConfigFinding[] {
  const path = ['jobs', job, key]
  const value = valueAt(raw, path)
  const issues = (shape as Record<string, z.ZodType>)[key]?.safeParse(value).error?.issues ?? []
  return explain(
    issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] })),
    raw,
  )
}

interface JobAim extends Aim {
  readonly name: string
  readonly retains: boolean
  readonly repository: string
}

/** Jobs whose policy would thin the snapshots of another job. */
function overlaps(raw: unknown, machine: Machine): ConfigFinding[] {
  const aims = keysOf(valueAt(raw, ['jobs'])).flatMap((name) => aimOf(raw, name, machine))
  return aims
    .filter(({ retains }) => retains)
    .flatMap((own) => {
      const overlap = settingsFor(raw, own.repository)?.overlap ?? bySnapshots
      const others = aims
        .filter((other) => other !== own && other.repository === own.repository && overlap.thins(own, other))
        .map(({ name }) => name)
      if (others.length === 0) return []
      return [
        {
          path: ['jobs', own.name, 'retention'],
          message: `would forget snapshots of ${others.join(', ')} too: ${overlap.why(others.length)}`,
          next: overlap.next(own.name),
        },
      ]
    })
}

/**
 * What a policy looks at are the snapshots of its host that hold all its tags and all its sources; those of a job with the same
 * or more of both are among them.
 */
const bySnapshots: NonNullable<ToolSettings['overlap']> = {
  thins: (own, other) =>
    own.host === other.host &&
    (valueAt(own.raw, ['retention', 'scope']) === 'host' ||
      (own.tags.every((tag) => other.tags.includes(tag)) &&
        own.sources.every((source) => other.sources.includes(source)))),
  why: (others) =>
    `same repository and host, and ${others === 1 ? 'its' : 'their'} snapshots have the tags and sources of this job as well`,
  next: (job) => `Give each of these jobs a tag of its own, such as tags: [${job}].`,
}

function aimOf(raw: unknown, name: string, machine: Machine): JobAim[] {
  const job = recordAt(raw, ['jobs', name])
  const { repository, host } = job
  const sources = textsOf(job.sources).map((source) => resolve(source))
  if (typeof repository !== 'string' || sources.length === 0) return []
  return [
    {
      name,
      retains: keysOf(job.retention).length > 0,
      repository,
      host: typeof host === 'string' ? host : machine.host,
      tags: textsOf(job.tags),
      sources,
      raw: job,
    },
  ]
}

function server(raw: unknown): ConfigFinding[] {
  const listen = valueAt(raw, ['server', 'listen'])
  const auth = valueAt(raw, ['server', 'auth'])
  const hosts = valueAt(raw, ['server', 'hosts'])
  if (Array.isArray(hosts) && hosts.includes('*') && (typeof auth !== 'object' || auth === null))
    return [
      {
        path: ['server', 'hosts', hosts.indexOf('*')],
        message: 'any name would do, so that a page on the Internet could read this one through a browser',
        next: 'Add server.auth with a token, or name the hosts.',
      },
    ]
  if (typeof listen !== 'string' || loopback.test(listen) || (typeof auth === 'object' && auth !== null)) return []
  return [
    {
      path: ['server', 'listen'],
      message: `${JSON.stringify(listen.slice(0, 64))} is reachable from other machines, and anybody could read the page without a login`,
      next: 'Add server.auth with a user or a token, or listen on 127.0.0.1 and put a reverse proxy with a login in front.',
    },
  ]
}
