/** Matrix. Source: spec.matrix.org, client-server API, "PUT /rooms/{roomId}/send/{eventType}/{txnId}": the id makes a repetition the same event. */
import { Secret } from '../../../../model/secret.ts'
import type { Notifier } from '../../notifier.ts'
import { postPages } from '../../pages.ts'
import { mark } from '../../words.ts'

interface Settings {
  readonly url: string
  readonly room: string
  readonly token: Secret
  readonly ca?: string
}

const mostBytes = 30_000

export const notifier: Notifier<Settings> = {
  kind: 'matrix',
  send: ({ url, room, token, ca }, { id, message, parts }, io) =>
    postPages({ message, parts }, mostBytes, io, (page, title, at) => ({
      url: new Secret(
        `${url.replace(/\/$/, '')}/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/${id}-${at}`,
      ),
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization: new Secret(`Bearer ${token.reveal()}`) },
      body: JSON.stringify({ msgtype: 'm.text', body: `${mark(message.severity)} ${title}\n\n${page}` }),
      ca,
    })),
}
