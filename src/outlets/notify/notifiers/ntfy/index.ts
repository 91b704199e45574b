/**
 * ntfy, by publishing as JSON: nothing has to be encoded for a header, so titles of any script arrive.
 * Source: docs.ntfy.sh, "Publish as JSON"; a body of 4,096 bytes or more would become an attachment.
 */
import type { Message } from '../../../../model/delivery.ts'
import { Secret } from '../../../../model/secret.ts'
import { authorizationOf } from '../../../../system/exchange.ts'
import type { Notifier } from '../../notifier.ts'
import { postPages } from '../../pages.ts'

interface Settings {
  readonly url: string
  readonly topic: string
  readonly token?: Secret
  readonly user?: string
  readonly password?: Secret
  readonly priority: Readonly<Record<'critical' | 'warning' | 'good', number>>
  readonly tags: readonly string[]
  readonly lamp: boolean
  readonly failureTitle?: string
  readonly ca?: string
}

const mostBytes = 4000
const lamps = { critical: 'x', warning: 'warning', good: 'white_check_mark' } as const

const send: Notifier<Settings>['send'] = (settings, { id, message }, io) =>
  postPages(message, mostBytes, io, (page, title, at, count) => ({
    url: new Secret(settings.url),
    headers: {
      'content-type': 'application/json',
      authorization: authorizationOf(settings.token, settings.user, settings.password),
    },
    body: JSON.stringify({
      topic: settings.topic,
      title: settings.failureTitle !== undefined && saysFailure(message) ? settings.failureTitle : title,
      message: page,
      priority: settings.priority[message.severity],
      tags: [...(settings.lamp ? [lamps[message.severity]] : []), ...settings.tags],
      // A repetition takes the place of the first.
      sequence_id: count > 1 ? `${id}-${at}` : id,
      ...(message.link !== undefined && {
        click: message.link,
        actions: [{ action: 'view', label: 'Open Muster', url: message.link }],
      }),
    }),
    ca: settings.ca,
  }))

const saysFailure = ({ entries }: Message): boolean =>
  entries.some(({ event, state }) => event !== 'closed' && state === 'failing')

export const notifier: Notifier<Settings> = { kind: 'ntfy', send }
