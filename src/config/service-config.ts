/** The configuration of a service: a first one, and the mail it tells by. */
import { stringify } from 'yaml'
import { Config } from './schema.ts'

export interface MailWish {
  readonly from: string
  readonly to: readonly string[]
  readonly smtp: string
}

const isHere = (smtp: string): boolean => /^smtps?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])[:/]?/i.test(smtp)

const notifyOf = ({ from, to, smtp }: MailWish): object => ({
  notify: {
    mail: { kind: 'email', from, to, smtp: { url: smtp, ...(isHere(smtp) && { tls: 'none' }) } },
  },
})

/** What is put behind a configuration that tells nobody yet. */
export const renderMail = (mail: MailWish): string => stringify(notifyOf(mail), { lineWidth: 0 })

/** The inbox of alerts needs no setting of its own; where this Muster has none, something else has to be added. */
const hasInbox = Object.hasOwn(Config.shape, 'inbox')

/** @returns A configuration that takes alerts and answers by mail. */
export const renderServiceConfig = (mail: MailWish): string =>
  [
    '# Written by `muster install`. Every key: docs/reference/configuration.md',
    ...(hasInbox ? ['inbox: {}      # alerts of an Alertmanager, posted to /alert'] : []),
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
