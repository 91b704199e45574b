import { isZone } from '../../../verdict/schedule/next.ts'
import { parseSchedule } from '../../../verdict/schedule/parse.ts'
import { nearest } from '../../nearest.ts'
import type { ImportWish } from '../importer.ts'
import { type Asked, commandOf, parametersOf } from './backup-command.ts'
import { keepVariables } from './known.ts'
import type { Variables } from './variables.ts'
import type { Expansion } from './words.ts'

/** As restic's largest; who wants more wants all. */
const most = 100_000

/** The shell that the script is: it stops at the first command that fails. */
const strict = 'set -eu; if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi'

export interface Made {
  readonly job: object
  /** What its arguments say of the repository. */
  readonly repository: object
}

/** The job as it stands in muster.yaml. */
export function jobOf(variables: Variables, by: Expansion, host: string, { serves }: ImportWish): Made {
  const asked =
    variables.text('RESTIC_BACKUP_COMMAND') === undefined ? usual(variables, by, host) : commandOf(variables, by, host)
  const retention = retentionOf(variables)
  const hook = variables.text('PRE_HOOK')
  const schedule = scheduleOf(variables, serves === true)
  const compression = variables.text('RESTIC_COMPRESSION')
  const readConcurrency = numberOf(variables, 'RESTIC_READ_CONCURRENCY')
  const packSize = numberOf(variables, 'RESTIC_PACK_SIZE')
  return {
    job: {
      repository: 'repository',
      sources: asked.sources,
      host,
      ...(asked.tags.length > 0 && { tags: asked.tags }),
      ...(schedule !== undefined && { schedule }),
      ...(retention && { retention: { ...retention, scope: 'host' } }),
      upkeep: ['prune', ...(variables.text('RESTIC_CACHE_DIR') === undefined ? [] : ['check'])],
      onPartial: 'fail',
      ...(hook !== undefined && {
        hooks: { before: `${strict}\n${hook}`, inheritEnvironment: true, timeLimit: '12h' },
      }),
      ...(Object.keys(asked.limits).length > 0 && { limits: asked.limits }),
      ...(compression !== undefined && { compression }),
      ...(readConcurrency !== undefined && { readConcurrency }),
      ...(packSize !== undefined && { packSize }),
      ...(asked.arguments.length > 0 && { extraArgs: asked.arguments }),
    },
    repository: {
      ...(asked.options.length > 0 && { options: asked.options }),
      ...(asked.program !== undefined && { program: asked.program }),
    },
  }
}

/** `restic backup --host HOST SOURCE PARAMETERS`. */
function usual(variables: Variables, by: Expansion, host: string): Asked {
  const asked = parametersOf(variables, by, host)
  if (asked.sources.length > 0) return asked
  const next = 'Set it to the folder to back up, such as /backup/config.'
  if (variables.text('RESTIC_SOURCE') === undefined) variables.wrong('RESTIC_SOURCE', { message: 'is not set', next })
  return asked
}

function retentionOf(variables: Variables): object | undefined {
  const kept = Object.entries(keepVariables).map(
    ([name, [key, usual]]) => [key, variables.count(name, usual, most)] as const,
  )
  if (!variables.flag('RESTIC_RETENTION_POLICIES_ENABLED', true)) return undefined
  const some = kept.filter(([, count]) => count > 0)
  if (some.length === 0) {
    const next = 'Set one of KEEP_* to more than 0, or RESTIC_RETENTION_POLICIES_ENABLED to false.'
    variables.wrong('KEEP_LAST', { message: 'every KEEP_* is 0, so nothing would be kept', next })
  }
  return Object.fromEntries(some)
}

function scheduleOf(variables: Variables, serves: boolean): string | undefined {
  const text = variables.text('SCHEDULE')?.trim()
  if (text === undefined) {
    const next = 'Set it to when backups are made, such as SCHEDULE="0 * * * *".'
    if (serves) variables.wrong('SCHEDULE', { message: 'is not set', next })
    return undefined
  }
  const parsed = parseSchedule(text)
  if (parsed.ok) return text
  variables.wrong('SCHEDULE', parsed.problem)
  return undefined
}

/** The zone of the schedule; only with one does it matter. */
export function zoneFor(variables: Variables): string | undefined {
  // A colon before the name is allowed by POSIX.
  const zone = variables.text('TZ')?.trim().replace(/^:/, '')
  if (zone === undefined || variables.text('SCHEDULE') === undefined) return undefined
  if (isZone(zone)) return zone
  const near = nearest(zone, Intl.supportedValuesOf('timeZone'))
  const next = near === undefined ? 'Write the name of one, such as Europe/Berlin or UTC.' : `Did you mean ${near}?`
  variables.wrong('TZ', { message: `${variables.show('TZ')} is no time zone`, next })
  return undefined
}

/** Checked by the schema, which knows the limits. */
function numberOf(variables: Variables, name: string): number | string | undefined {
  const text = variables.text(name)?.trim()
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : text
}
