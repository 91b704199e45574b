/** Pushover. Source: pushover.net/api: at most 1,024 characters, titles of 250. */
import { Secret } from '../../../../model/secret.ts'
import type { Notifier } from '../../notifier.ts'
import { postPages } from '../../pages.ts'

interface Settings {
  readonly token: Secret
  readonly user: Secret
  readonly server: string
}

const mostBytes = 1000
const priorities = { critical: 1, warning: 0, good: -1 } as const

export const notifier: Notifier<Settings> = {
  kind: 'pushover',
  send: ({ token, user, server }, { message, parts }, io) =>
    postPages({ message, parts }, mostBytes, io, (page, title) => ({
      url: new Secret(`${server.replace(/\/$/, '')}/1/messages.json`),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        token: token.reveal(),
        user: user.reveal(),
        title,
        message: page,
        priority: priorities[message.severity],
        ...(message.link !== undefined && { url: message.link, url_title: 'Open Muster' }),
      }),
    })),
}
