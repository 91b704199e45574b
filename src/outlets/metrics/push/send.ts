/** One request to whoever is given metrics, and what its answer means. */
import { Secret } from '../../../model/secret.ts'
import {
  authorizationOf,
  type Exchange,
  type ExchangeIo,
  exchange,
  isLater,
  isOfUnknownAuthority,
} from '../../../system/exchange.ts'
import { redactor } from '../../../system/redact.ts'
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
  /** What was left out though the rest was taken. */
  readonly leftOut?: (answer: Uint8Array) => string | undefined
}

/** A 400 is about what was sent. */
const inconsistent =
  'Look at what it answered. A Pushgateway has one type for each name: where somebody else pushes one of these names with another type, give each a gateway of its own, or let the other stop and delete its group. The lines of `sidecar` have no type on purpose: what they take the place of pushed none.'

/** Never throws. */
export async function send(settings: ReceiverSettings, request: Request, signal: AbortSignal): Promise<Pushed> {
  const access = accessOf(settings)
  const { method, body } = request
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
    return notTaken('push.address', 'Its address is no URL', 'Correct its url under metrics.', 'never')
  if (answer.kind === 'ca')
    return notTaken(
      'push.ca',
      `The file with certificates ${answer.file} cannot be read: ${answer.why}`,
      'Correct caCert under metrics.',
      'never',
    )
  if (answer.kind === 'unreachable')
    return notTaken(
      'push.unreachable',
      `${answer.host} cannot be reached: ${answer.why}`,
      isOfUnknownAuthority(answer.why)
        ? 'Name the file with the authority of its certificate as `caCert`, or let its server send the whole chain.'
        : 'It is tried again until it can. Look at its server and the network.',
      'unreachable',
    )
  const { host, status, at } = answer
  // Before it is cut: half a secret would not be found any more.
  const sent = Object.values({ ...access.headers, ...request.headers }).filter((value) => value instanceof Secret)
  const text = redactor([settings.password, settings.token, ...sent])(answer.text)
  const said = oneLine(`HTTP ${status} ${text}`.trim()).slice(0, 500)
  if (status >= 200 && status < 300) {
    const left = request.leftOut?.(answer.bytes)
    if (left === undefined) return { ok: true, answer: said, ...(at && { at }) }
    return notTaken('push.partial', `${host} left out ${left}`, 'Look at its log.', 'later')
  }
  const came = { ...answer, said }
  if (isLater(status)) return refused('push.busy', `${host} answered ${said}`, 'It is tried again by itself.', came)
  if (status === 400 || status === 422) return refused('push.refused', `${host} answered ${said}`, inconsistent, came)
  if (status === 401 || status === 403)
    return refused(
      'push.login',
      `${host} answered ${said}`,
      'Correct username and password, or token, under metrics. Then it is sent again.',
      came,
    )
  if (status === 413)
    return refused(
      'push.size',
      `${host} answered ${said}`,
      'It takes no body of this size: raise the limit of the proxy in front of it.',
      came,
    )
  return refused(
    'push.answer',
    `${host} answered ${said}`,
    'Correct its url under metrics: nothing that takes metrics answers there.',
    came,
  )
}

interface Refusal {
  readonly status: number
  readonly retryAfterMs?: number
  readonly said: string
}

const refused = (code: string, message: string, next: string, { status, retryAfterMs, said }: Refusal): Pushed => ({
  ok: false,
  problem: { code, message: `${message}.`, next, retry: isLater(status) ? 'soon' : 'never' },
  trouble: isLater(status) ? 'later' : 'never',
  answer: said,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
})
