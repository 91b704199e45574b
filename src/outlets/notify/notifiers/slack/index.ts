/** Slack's incoming webhooks, which Mattermost takes too. Source: api.slack.com, "Sending messages using incoming webhooks". */
import type { Secret } from '../../../../model/secret.ts'
import type { Notifier } from '../../notifier.ts'
import { postPages } from '../../pages.ts'
import { mark } from '../../words.ts'

interface Settings {
  readonly url: Secret
}

/** Longer ones are cut by Slack. */
const mostBytes = 3500
/** Slack reads these three as its markup. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

export const notifier: Notifier<Settings> = {
  kind: 'slack',
  send: ({ url }, { message, parts }, io) =>
    postPages({ message, parts }, mostBytes, io, (page, title) => ({
      url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: escaped(`${mark(message.severity)} ${title}\n${page}`) }),
      // It answers "ok", or 4xx with a word that says why.
      refusal: (body) => (body === 'ok' || body === '' ? undefined : body.slice(0, 100)),
    })),
}
