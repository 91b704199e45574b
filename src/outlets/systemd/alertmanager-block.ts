/**
 * What an Alertmanager needs to tell Muster of alerts: a receiver, and a route to it.
 * Source: Alertmanager, "Configuration", `webhook_config`.
 */
export const alertmanagerBlock = ({ url }: { readonly url: string }): string =>
  [
    'route:',
    '  routes:',
    '    - receiver: muster',
    '      matchers: [\'alertname=~"NsBackupFailed|NsBackupMissing|backup_failed|BackupFailed|Muster.*"\']',
    '      continue: true',
    'receivers:',
    '  - name: muster',
    '    webhook_configs:',
    `      - url: ${url}`,
    '        send_resolved: true',
    '',
  ].join('\n')
