/** Telegram, by a bot. Source: core.telegram.org/bots/api, "sendMessage": at most 4,096 characters, here without markup. */
import { Secret } from '../../../../model/secret.ts'
import type { Notifier } from '../../notifier.ts'
import { postPages } from '../../pages.ts'
import { mark } from '../../words.ts'

interface Settings {
  readonly token: Secret
  readonly chat: string
  readonly server: string
}

const mostBytes = 3800

export const notifier: Notifier<Settings> = {
  kind: 'telegram',
  send: ({ token, chat, server }, { message, parts }, io) =>
    postPages({ message, parts }, mostBytes, io, (page, title) => ({
      url: new Secret(`${server.replace(/\/$/, '')}/bot${token.reveal()}/sendMessage`),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        chat_id: chat,
        text: `${mark(message.severity)} ${title}\n\n${page}`,
        disable_web_page_preview: true,
      }),
    })),
}
