import { readFile } from 'node:fs/promises'
import { createTransport } from 'nodemailer'
import type { Problem } from '../../../../model/problem.ts'
import type { Redact } from '../../../../system/redact.ts'
import { oneLine } from '../../../../system/text.ts'
import type { Outgoing, SendIo, Sent } from '../../notifier.ts'
import type { Settings } from './index.ts'
import { mailOf } from './mail.ts'

type Smtp = NonNullable<Settings['smtp']>

export async function bySmtp(settings: Settings, smtp: Smtp, outgoing: Outgoing, io: SendIo): Promise<Sent> {
  const { hostname, port, protocol } = new URL(smtp.url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const { redact = (text) => text } = io
  let ca: string | undefined
  try {
    ca = smtp.ca === undefined ? undefined : await readFile(smtp.ca, 'utf8')
  } catch (error) {
    return failed(
      'never',
      'notify.ca',
      `The file with certificates ${smtp.ca} cannot be read: ${String((error as NodeJS.ErrnoException).code)}.`,
      'Correct `ca` in the configuration.',
    )
  }
  const transport = createTransport({
    host,
    ...(port !== '' && { port: Number(port) }),
    secure: protocol === 'smtps:',
    requireTLS: smtp.tls === 'required',
    ignoreTLS: smtp.tls === 'none',
    ...(smtp.user !== undefined && { auth: { user: smtp.user, pass: smtp.password?.reveal() ?? '' } }),
    ...(ca !== undefined && { tls: { ca } }),
    connectionTimeout: io.timeLimitMs,
    greetingTimeout: io.timeLimitMs,
    socketTimeout: io.timeLimitMs,
    dnsTimeout: io.timeLimitMs,
  })
  try {
    // However slowly it answers: all of it takes no longer than one try may.
    const signal = AbortSignal.any([io.signal, AbortSignal.timeout(io.timeLimitMs)])
    const {
      response,
      rejected = [],
      rejectedErrors = [],
    } = await transport.sendMail({
      ...mailOf(settings, outgoing),
      signal,
    })
    const said = oneLine(redact(response)).slice(0, 200)
    if (rejected.length === 0) return { ok: true, answer: said }
    // The others have it: they are not told again.
    const refused = rejected.map(String)
    const parts = settings.to.filter((address) => !refused.includes(address))
    const isForNow = rejectedErrors.some(({ responseCode = 0 }) => responseCode < 500)
    return {
      ...failed(
        isForNow ? 'later' : 'never',
        'notify.refused',
        `${host} took the mail, and refused it for ${refused.join(', ')}.`,
        isForNow ? 'It is tried again for them by itself.' : 'Correct the addresses under `to`.',
        said,
      ),
      parts,
    }
  } catch (error) {
    return faultOf(host, error, redact)
  } finally {
    transport.close()
  }
}

/** By what the server answered, else by what became of the connection. Source: nodemailer, "Error handling"; RFC 5321, section 4.2. */
function faultOf(host: string, error: unknown, redact: Redact): Sent {
  const {
    code = '',
    responseCode,
    response = '',
    message = '',
  } = error as { code?: string; responseCode?: number; response?: string; message?: string }
  const said = oneLine(redact(response)).slice(0, 200)
  const why = code === 'EABORT' ? 'no answer in time' : oneLine(redact(message)).slice(0, 200)
  // Somebody in between may have taken the offer away: the message waits, and does not go in clear.
  if (code === 'ETLS' || (responseCode === undefined && /TLS|certificate|self.signed|altname/i.test(message)))
    return failed(
      'unreachable',
      'notify.no-tls',
      `There is no safe connection to ${host}: ${why}.`,
      'Look at its certificate and `ca`. `tls: if-offered` sends in clear where there is no TLS.',
    )
  if (responseCode !== undefined && responseCode >= 400) {
    const final = responseCode >= 500
    const next =
      code === 'EAUTH'
        ? 'Correct user and password of the mail server.'
        : final
          ? 'Look at what it answered, and try: muster notify test'
          : 'It is tried again by itself.'
    return failed(final ? 'never' : 'later', 'notify.refused', `${host} answered ${said}.`, next, said)
  }
  return failed(
    'unreachable',
    'notify.unreachable',
    `${host} cannot be reached: ${why}.`,
    'It is tried again until it can. Look at the server and the network.',
  )
}

const failed = (
  trouble: 'unreachable' | 'later' | 'never',
  code: string,
  message: string,
  next: string,
  answer?: string,
): Sent & { ok: false } => ({
  ok: false,
  trouble,
  problem: { code, message, next, retry: trouble === 'never' ? 'never' : 'soon' } satisfies Problem,
  ...(answer !== undefined && { answer }),
})
