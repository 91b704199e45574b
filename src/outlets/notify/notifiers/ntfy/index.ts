/**
 * ntfy, by publishing as JSON: nothing has to be encoded for a header, so titles of any script arrive.
 * Source: docs.ntfy.sh, "Publish as JSON"; a body of 4,096 bytes or more would become an attachment.
 */
import { Secret } from '../../../../model/secret.ts'
import type { Notifier, Outgoing, SendIo, Sent } from '../../notifier.ts'
import { post } from '../../post.ts'
import { pagesOf } from '../../words.ts'

interface Settings {
  readonly url: string
  readonly topic: string
  readonly token?: Secret
  readonly user?: string
  readonly password?: Secret
  readonly priority: Readonly<Record<'critical' | 'warning' | 'good', number>>
  readonly tags: readonly string[]
  readonly ca?: string
}

const mostBytes = 4000
const lamps = { critical: 'x', warning: 'warning', good: 'white_check_mark' } as const

export const notifier: Notifier<Settings> = { kind: 'ntfy', send }

async function send(settings: Settings, { id, message }: Outgoing, io: SendIo): Promise<Sent> {
  const pages = pagesOf(message, mostBytes)
  let last: Sent = { ok: true, answer: '' }
  for (const [at, page] of pages.entries()) {
    const of = pages.length > 1 ? ` (${at + 1}/${pages.length})` : ''
    last = await post(
      {
        url: new Secret(settings.url),
        headers: { 'content-type': 'application/json', authorization: authorization(settings) },
        body: JSON.stringify({
          topic: settings.topic,
          title: `${message.title}${of}`,
          message: page,
          priority: settings.priority[message.severity],
          tags: [lamps[message.severity], ...settings.tags],
          // A repetition takes the place of the first.
          sequence_id: pages.length > 1 ? `${id}-${at + 1}` : id,
          ...(message.link !== undefined && {
            click: message.link,
            actions: [{ action: 'view', label: 'Open Muster', url: message.link }],
          }),
        }),
        ca: settings.ca,
      },
      io,
    )
    if (!last.ok) return last
  }
  return last
}

function authorization({ token, user, password }: Settings): Secret | undefined {
  if (token !== undefined) return new Secret(`Bearer ${token.reveal()}`)
  if (user === undefined) return undefined
  return new Secret(`Basic ${Buffer.from(`${user}:${password?.reveal() ?? ''}`).toString('base64')}`)
}
