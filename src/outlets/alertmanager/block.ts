/** What an Alertmanager's configuration needs so that it posts alerts about backups here. Source: Alertmanager, "Configuration". */
import { stringify } from 'yaml'

export interface BlockWish {
  /** Where alerts are posted: `http://127.0.0.1:9121/alert`. */
  readonly url: string
  /** Names of alerts that always count. */
  readonly names: readonly string[]
  /** Lists of matchers; each list fits as a whole. */
  readonly matchers: readonly (readonly string[])[]
  /** How it shows that it may. Absent: nobody is asked. */
  readonly credentialsFile?: string
  /** A whole file, with a root that tells nobody of anything else. */
  readonly isWhole?: boolean
}

const receiver = 'muster'
const nobody = 'nobody'
/** Longer waits would only come on top of that of Muster itself. */
const waits = { group_wait: '10s', group_interval: '1m', repeat_interval: '4h' }
/** So many are within what Muster takes at once, and it tells how many were left out. */
const maxAlerts = 5_000
/** What tells plans, jobs and repositories apart: those of one are answered together. */
const sameBackup = ['backup_id', 'id', 'repository', 'job']

/** YAML: the receiver, and the routes that lead to it. */
export function alertmanagerBlock({ url, names, matchers, credentialsFile, isWhole = false }: BlockWish): string {
  const route = (matchers: readonly string[], by: readonly string[]) => ({
    receiver,
    matchers,
    group_by: by,
    ...waits,
    // Whoever is told today still is.
    continue: true,
  })
  const routes = [
    route([`alertname=~"${names.join('|')}"`], sameBackup),
    ...matchers.map((list) => route(list, ['alertname', ...sameBackup])),
  ]
  const authorization = credentialsFile === undefined ? undefined : { credentials_file: credentialsFile }
  const webhook = {
    url,
    send_resolved: true,
    max_alerts: maxAlerts,
    ...(authorization && { http_config: { authorization } }),
  }
  const receivers = [{ name: receiver, webhook_configs: [webhook] }, ...(isWhole ? [{ name: nobody }] : [])]
  const text = (value: unknown): string => stringify(value, { lineWidth: 0, singleQuote: true })
  if (isWhole) return text({ route: { receiver: nobody, routes }, receivers })
  return [
    '# In front of what stands under `routes:` of the `route:` at the top, so that no other route ends the search before.',
    text({ route: { routes } }),
    '# Beside what stands under `receivers:`.',
    text({ receivers }),
  ].join('\n')
}
