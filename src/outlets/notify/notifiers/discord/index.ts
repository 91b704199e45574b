/** Discord's webhooks. Source: discord.com/developers, "Execute Webhook": at most 2,000 characters. */
import type { Secret } from '../../../../model/secret.ts'
import type { Notifier } from '../../notifier.ts'
import { postPages } from '../../pages.ts'
import { mark } from '../../words.ts'

interface Settings {
  readonly url: Secret
  readonly username: string
}

const mostBytes = 1800

export const notifier: Notifier<Settings> = {
  kind: 'discord',
  send: ({ url, username }, { message, parts }, io) =>
    postPages({ message, parts }, mostBytes, io, (page, title) => ({
      url,
      headers: { 'content-type': 'application/json' },
      // Names of hosts must not call anybody.
      body: JSON.stringify({
        username,
        content: `${mark(message.severity)} ${title}\n${page}`,
        allowed_mentions: { parse: [] },
      }),
    })),
}
