/** One mail, whichever way it goes. */

import { htmlOf } from '../../html.ts'
import type { Outgoing } from '../../notifier.ts'
import { mark, textOf } from '../../words.ts'
import type { Settings } from './index.ts'

/** A name that may stand in an address: labels of letters, digits and inner dashes. Source: RFC 5321, section 4.1.2. */
const plain = (host: string): string =>
  host
    .replaceAll(/[^A-Za-z0-9.-]/g, '-')
    .split('.')
    .map((label) => label.slice(0, 63).replaceAll(/^-+|-+$/g, ''))
    .filter((label) => label !== '')
    .join('.')
    .slice(0, 200) || 'localhost'

export const senderOf = ({ from }: Settings, { message }: Outgoing): string => from ?? `muster@${plain(message.host)}`

export const subjectOf = ({ message }: Outgoing): string =>
  message.subject ?? `${mark(message.severity)} ${message.title}`

/** The same in each attempt: mail programs show a repetition once. */
export function mailOf(settings: Settings, outgoing: Outgoing) {
  const { id, message, parts = [] } = outgoing
  return {
    from: { name: 'Muster', address: senderOf(settings, outgoing) },
    // As objects, so that nothing in an address is read as a list.
    to: settings.to.map((address) => ({ name: '', address })),
    // Whoever has it is not sent it again, and stands in its head all the same.
    ...(parts.length > 0 && {
      envelope: { from: senderOf(settings, outgoing), to: settings.to.filter((address) => !parts.includes(address)) },
    }),
    subject: subjectOf(outgoing),
    text: textOf(message),
    html: htmlOf(message),
    messageId: `<${id}@${plain(message.host)}>`,
    date: message.at,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Muster-Severity': message.severity },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
