/** The variables that are read. */

/** Credentials and settings of storage backends: restic reads them itself, so they are passed on to it. */
export const isBackendVariable = (name: string): boolean =>
  /^(?:AWS|B2|AZURE|GOOGLE|OS|ST|RCLONE)_/.test(name) ||
  /^RESTIC_(?:CACERT|TLS_CLIENT_CERT|KEY_HINT|REST_USERNAME|REST_PASSWORD|FEATURES)$/.test(name)

export const keepVariables = {
  KEEP_LAST: ['keepLast', 1],
  KEEP_HOURLY: ['keepHourly', 24],
  KEEP_DAILY: ['keepDaily', 7],
  KEEP_WEEKLY: ['keepWeekly', 4],
  KEEP_MONTHLY: ['keepMonthly', 12],
  KEEP_YEARLY: ['keepYearly', 0],
} as const

export const knownVariables: readonly string[] = [
  ...Object.keys(keepVariables),
  ...['RESTIC_REPOSITORY', 'RESTIC_REPOSITORY_FILE', 'RESTIC_SOURCE', 'RESTIC_HOSTNAME', 'RESTIC_CACHE_DIR'],
  ...['RESTIC_PASSWORD', 'RESTIC_PASSWORD_FILE', 'RESTIC_PASSWORD_COMMAND'],
  ...['RESTIC_BACKUP_COMMAND', 'RESTIC_ADDITIONAL_BACKUP_PARAMETERS', 'RESTIC_RETENTION_POLICIES_ENABLED'],
  ...['RESTIC_COMPRESSION', 'RESTIC_PACK_SIZE', 'RESTIC_READ_CONCURRENCY', 'RESTIC_PROGRESS_FPS', 'RESTIC_HOST'],
  ...['RESTIC_CACERT', 'RESTIC_TLS_CLIENT_CERT', 'RESTIC_KEY_HINT', 'RESTIC_REST_USERNAME', 'RESTIC_REST_PASSWORD'],
  ...['RESTIC_FEATURES', 'PRE_HOOK', 'DEBUG', 'SCHEDULE'],
  ...['NTFY_ENABLED', 'NTFY_TITLE', 'NTFY_CREDS', 'NTFY_PRIO', 'NTFY_TAG', 'NTFY_SERVER', 'NTFY_TOPIC'],
  ...['NTFY_PASSWORD', 'PUSHGATEWAY_ENABLED', 'PUSHGATEWAY_URL', 'PUSHGATEWAY_PASSWORD'],
]

/** Names that nobody else is likely to use. */
export const ourVariables = /^(?:RESTIC|KEEP|NTFY|PUSHGATEWAY)_/
