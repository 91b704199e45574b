/** Mail, as HTML and text: by SMTP, by a program like sendmail, or by that of NethServer 8. */
import type { Secret } from '../../../../model/secret.ts'
import type { Notifier, Outgoing, SendIo, Sent } from '../../notifier.ts'
import { byNs8 } from './ns8.ts'
import { bySendmail } from './sendmail.ts'
import { bySmtp } from './smtp.ts'

export interface Settings {
  readonly to: readonly string[]
  readonly from?: string
  readonly smtp?: {
    readonly url: string
    readonly user?: string
    readonly password?: Secret
    readonly tls: 'required' | 'if-offered' | 'none'
    readonly ca?: string
  }
  readonly sendmail: readonly string[]
  readonly ns8?: true
}

export const notifier: Notifier<Settings> = {
  kind: 'email',
  send(settings: Settings, outgoing: Outgoing, io: SendIo): Promise<Sent> {
    const { smtp, ns8, sendmail } = settings
    if (smtp !== undefined) return bySmtp(settings, smtp, outgoing, io)
    return ns8 === true ? byNs8(settings, outgoing, io) : bySendmail(settings, sendmail, outgoing, io)
  },
}
