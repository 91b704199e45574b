import { keepVariables } from './known.ts'

/** Which variable a setting came from, for what only the schema finds wrong. */
export const originOf =
  (job: string) =>
  (path: readonly (string | number)[]): string | undefined => {
    const said = path.join('/')
    return places(job).find(([place]) => said === place || said.startsWith(`${place}/`))?.[1]
  }

const places = (job: string): readonly (readonly [string, string])[] => [
  ['repositories/repository/url', 'RESTIC_REPOSITORY'],
  ['repositories/repository/password', 'RESTIC_PASSWORD'],
  ['repositories/repository/cacheDir', 'RESTIC_CACHE_DIR'],
  ['repositories/repository/options', 'RESTIC_ADDITIONAL_BACKUP_PARAMETERS'],
  ...Object.entries(keepVariables).map(([name, [key]]) => [`jobs/${job}/retention/${key}`, name] as const),
  [`jobs/${job}/sources`, 'RESTIC_SOURCE'],
  [`jobs/${job}/host`, 'RESTIC_HOSTNAME'],
  [`jobs/${job}/schedule`, 'SCHEDULE'],
  [`jobs/${job}/hooks`, 'PRE_HOOK'],
  [`jobs/${job}/compression`, 'RESTIC_COMPRESSION'],
  [`jobs/${job}/packSize`, 'RESTIC_PACK_SIZE'],
  [`jobs/${job}/readConcurrency`, 'RESTIC_READ_CONCURRENCY'],
  [`jobs/${job}`, 'RESTIC_ADDITIONAL_BACKUP_PARAMETERS'],
  ['notify/ntfy/url', 'NTFY_SERVER'],
  ['notify/ntfy/topic', 'NTFY_TOPIC'],
  ['notify/ntfy/tags', 'NTFY_TAG'],
  ['notify/ntfy/priority', 'NTFY_PRIO'],
  ['notify/ntfy/failureTitle', 'NTFY_TITLE'],
  ['notify/ntfy', 'NTFY_CREDS'],
  ['metrics/pushgateway', 'PUSHGATEWAY_URL'],
  ['server', 'MUSTER_LISTEN'],
]
