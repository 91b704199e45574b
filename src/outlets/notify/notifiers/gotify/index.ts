/** Gotify. Source: gotify.net/docs/pushmsg. */
import { Secret } from '../../../../model/secret.ts'
import type { Notifier } from '../../notifier.ts'
import { postPages } from '../../pages.ts'

interface Settings {
  readonly url: string
  readonly token: Secret
  readonly ca?: string
}

const mostBytes = 8000
const priorities = { critical: 8, warning: 5, good: 2 } as const

export const notifier: Notifier<Settings> = {
  kind: 'gotify',
  send: ({ url, token, ca }, { message, parts }, io) =>
    postPages({ message, parts }, mostBytes, io, (page, title) => ({
      url: new Secret(`${url.replace(/\/$/, '')}/message`),
      // Not in the address, where proxies write it down.
      headers: { 'content-type': 'application/json', 'x-gotify-key': token },
      body: JSON.stringify({ title, message: page, priority: priorities[message.severity] }),
      ca,
    })),
}
