/**
 * ntfy, by publishing as JSON: titles of any script arrive, though it handles them as a header inside.
 * Source: docs.ntfy.sh, "Publish as JSON"; a body of 4,096 bytes or more would become an attachment.
 */
import type { Message } from '../../../../model/delivery.ts'
import { Secret } from '../../../../model/secret.ts'
import { authorizationOf } from '../../../../system/exchange.ts'
import type { Notifier } from '../../notifier.ts'
import { postPages } from '../../pages.ts'
import { pagesOf } from '../../words.ts'

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

/**
 * It reads twice as many bytes as a message may have, whatever JSON makes of quotes and line ends; some of them are for the rest.
 * Source: ntfy `server.go`, `transformBodyJSON`.
 */
const mostEscapedBytes = 7000

/** Pages of what is full of quotes are smaller. */
function pageBytesOf(message: Message): number {
  const fits = pagesOf(message, mostBytes).every((page) => Buffer.byteLength(JSON.stringify(page)) <= mostEscapedBytes)
  return fits ? mostBytes : mostEscapedBytes / 2
}

/** It decodes what looks like an encoded word of a header, so such a title goes as one. */
const asTitle = (title: string): string =>
  title.includes('=?') ? `=?utf-8?b?${Buffer.from(title).toString('base64')}?=` : title

const send: Notifier<Settings>['send'] = (settings, { id, message, parts }, io) =>
  postPages({ message, parts }, pageBytesOf(message), io, (page, title, at, count) => ({
    url: new Secret(settings.url),
    headers: {
      'content-type': 'application/json',
      authorization: authorizationOf(settings.token, settings.user, settings.password),
    },
    body: JSON.stringify({
      topic: settings.topic,
      title: asTitle(settings.failureTitle !== undefined && saysFailure(message) ? settings.failureTitle : title),
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
