/** One request to whoever is given metrics, and what its answer means. */
import { Secret } from '../../../model/secret.ts'
import { authorizationOf, type Exchange, type ExchangeIo, exchange, isLater } from '../../../system/exchange.ts'
import { oneLine } from '../../../system/text.ts'
import { notTaken, type Pushed } from './pushed.ts'

/** As the schema has it, every secret loaded. */
export interface ReceiverSettings {
  readonly url: string
  readonly username?: string
  readonly password?: Secret
  readonly token?: Secret
  readonly caCert?: string
  readonly insecure: boolean
  readonly timeout: number
}

/** What is the same in each request. */
export const accessOf = (settings: ReceiverSettings): Pick<Exchange, 'headers' | 'ca' | 'insecure'> => ({
  headers: { authorization: authorizationOf(settings.token, settings.username, settings.password) },
  ca: settings.caCert,
  insecure: settings.insecure,
})

export const ioOf = (settings: ReceiverSettings, signal: AbortSignal): ExchangeIo => ({
  signal,
  timeLimitMs: settings.timeout,
})

export interface Request extends Pick<Exchange, 'method' | 'headers'> {
  readonly body?: string | Uint8Array
  readonly url: string
  /** What to do about a 400, which is about what was sent. */
  readonly inconsistent: string
  /** What was left out though the rest was taken. */
  readonly leftOut?: (answer: Uint8Array) => string | undefined
}

/** Never throws. */
export async function send(settings: ReceiverSettings, request: Request, signal: AbortSignal): Promise<Pushed> {
  const access = accessOf(settings)
  const { method, body, inconsistent } = request
  const answer = await exchange(
    {
      ...access,
      url: new Secret(request.url),
      method,
      headers: { ...request.headers, ...access.headers },
      ...(body !== undefined && { body }),
    },
    ioOf(settings, signal),
  )
  if (answer.kind === 'address')
    return notTaken('push.address', 'never', 'Its address is no URL', 'Correct its url under metrics.')
  if (answer.kind === 'ca')
    return notTaken(
      'push.ca',
      'never',
      `The file with certificates ${answer.file} cannot be read: ${answer.why}`,
      'Correct caCert under metrics.',
    )
  if (answer.kind === 'unreachable')
    return notTaken(
      'push.unreachable',
      'unreachable',
      `${answer.host} cannot be reached: ${answer.why}`,
      'It is tried again until it can. Look at its server and the network.',
    )
  const { host, status, text, retryAfterMs, at } = answer
  const said = oneLine(`HTTP ${status} ${text}`.trim()).slice(0, 500)
  if (status >= 200 && status < 300) {
    const left = request.leftOut?.(answer.bytes)
    if (left === undefined) return { ok: true, answer: oneLine(said), ...(at && { at }) }
    return notTaken('push.partial', 'later', `${host} left out ${left}`, 'Look at its log.')
  }
  const refused = (code: string, next: string): Pushed => ({
    ...notTaken(code, isLater(status) ? 'later' : 'never', `${host} answered ${said}`, next),
    answer: said,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
  if (isLater(status)) return refused('push.busy', 'It is tried again by itself.')
  if (status === 400 || status === 422) return refused('push.refused', inconsistent)
  if (status === 401 || status === 403)
    return refused('push.login', 'Correct username and password, or token, under metrics. Then it is sent again.')
  if (status === 413)
    return refused('push.size', 'It takes no body of this size: raise the limit of the proxy in front of it.')
  return refused('push.answer', 'Correct its url under metrics: nothing that takes metrics answers there.')
}
