/** The configuration of a service: a first one, and the mail it tells by. */
import { stringify } from 'yaml'

export interface MailWish {
  readonly from: string
  readonly to: readonly string[]
  readonly smtp: string
  /** By the smarthost of NethServer 8. */
  readonly ns8?: boolean
}

const isHere = (smtp: string): boolean => /^smtps?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])[:/]?/i.test(smtp)

const notifyOf = ({ from, to, smtp, ns8 }: MailWish): object => ({
  notify: {
    mail: {
      kind: 'email',
      from,
      to,
      ...(ns8 === true ? { ns8 } : { smtp: { url: smtp, ...(isHere(smtp) && { tls: 'none' }) } }),
    },
  },
})

/** What is put behind a configuration that tells nobody yet. */
export const renderMail = (mail: MailWish): string => stringify(notifyOf(mail), { lineWidth: 0 })

/** On a node of NethServer 8 the Alertmanager's own configuration is written anew again and again: it is asked instead. */
const ns8Lines = [
  'inbox:',
  '  poll: {}     # the alerts of the Alertmanager at 127.0.0.1:9093',
  'ns8: {}        # how backups ended, from Redis; repositories by runagent',
  'diagnose:',
  '  subjectPrefix: "[NS8 Backup]"',
]

/** @returns A configuration that takes alerts and answers by mail. */
export const renderServiceConfig = (mail: MailWish): string =>
  [
    '# Written by `muster install`. Every key: docs/reference/configuration.md',
    ...(mail.ns8 === true ? ns8Lines : ['inbox: {}      # alerts of an Alertmanager, posted to /alert']),
    renderMail(mail),
  ].join('\n')

/** Names of the credentials that a configuration takes from systemd. */
export function credentialsIn(value: unknown): readonly string[] {
  const found = new Set<string>()
  const walk = (item: unknown): void => {
    if (typeof item !== 'object' || item === null) return
    const { credential, ...others } = item as Record<string, unknown>
    if (typeof credential === 'string' && Object.keys(others).length === 0) found.add(credential)
    for (const below of Object.values(item)) walk(below)
  }
  walk(value)
  return [...found].sort()
}
