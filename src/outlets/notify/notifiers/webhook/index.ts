/** Posts the message as JSON, with its text beside it, and signs it. */
import { createHmac } from 'node:crypto'
import type { Secret } from '../../../../model/secret.ts'
import type { Notifier } from '../../notifier.ts'
import { post } from '../../post.ts'
import { textOf } from '../../words.ts'
import { fill, type TemplateType } from './template.ts'

interface Settings {
  readonly url: Secret
  readonly headers: Readonly<Record<string, Secret>>
  readonly secret?: Secret
  readonly template?: { readonly body: string; readonly type: TemplateType }
  readonly ca?: string
}

export const notifier: Notifier<Settings> = {
  kind: 'webhook',
  send({ url, headers, secret, template, ca }, { id, message }, io) {
    const body =
      template === undefined
        ? JSON.stringify({ id, ...message, text: textOf(message) })
        : fill(template.body, template.type, id, message)
    const signature = secret && `sha256=${createHmac('sha256', secret.reveal()).update(body).digest('hex')}`
    return post(
      {
        url,
        body,
        ca,
        headers: {
          'content-type': template?.type ?? 'application/json',
          'x-muster-id': id,
          'x-muster-signature': signature,
          ...headers,
        },
      },
      io,
    )
  },
}
