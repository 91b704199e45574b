/** One HTTP request to whoever takes messages, and what its answer means. */
import type { Problem } from '../../model/problem.ts'
import type { Secret } from '../../model/secret.ts'
import { exchange, isLater, isOfUnknownAuthority } from '../../system/exchange.ts'
import { oneLine } from '../../system/text.ts'
import type { SendIo, Sent } from './notifier.ts'

export interface Post {
  /** May hold a secret, as those of Telegram and Slack do: it is never told. */
  readonly url: Secret
  readonly method?: 'POST' | 'PUT' | 'GET'
  readonly headers?: Readonly<Record<string, string | Secret | undefined>>
  readonly body?: string
  /** File with the certificates of the authorities that are trusted, in place of those of this machine. */
  readonly ca?: string | undefined
  /** Statuses that say the same message would be refused again; default: 4xx, without 408, 425 and 429. */
  readonly isFinal?: (status: number) => boolean
  /** What the answer says, where 200 alone does not mean that it was taken. @returns why not, or undefined */
  readonly refusal?: (body: string) => string | undefined
}

/** Never throws. */
export async function post(
  { url, method = 'POST', headers = {}, body, ca, isFinal, refusal }: Post,
  io: SendIo,
): Promise<Sent> {
  const answer = await exchange({ url, method, headers, ...(body !== undefined && { body }), ca }, io)
  if (answer.kind === 'address')
    return never('notify.address', 'its address is no URL', 'Correct its url in the configuration.')
  if (answer.kind === 'ca')
    return never(
      'notify.ca',
      `the file with certificates ${answer.file} cannot be read: ${answer.why}`,
      'Correct `ca` in the configuration.',
    )
  if (answer.kind === 'unreachable')
    return {
      ok: false,
      problem: problemOf(
        'notify.unreachable',
        `${answer.host} cannot be reached: ${answer.why}`,
        isOfUnknownAuthority(answer.why)
          ? 'Name the file with the authority of its certificate as `ca`, or let its server send the whole chain.'
          : 'It is tried again until it can. Look at its server and the network.',
        'soon',
      ),
      trouble: 'unreachable',
    }
  const { status, retryAfterMs } = answer
  const text = io.redact?.(answer.text) ?? answer.text
  const said = oneLine(`HTTP ${status} ${text}`.trim()).slice(0, 300)
  if (status >= 200 && status < 300) {
    const why = refusal?.(text)
    return why === undefined
      ? { ok: true, answer: said }
      : { ...never('notify.refused', `it refused the message: ${why}`, fixOf(status)), answer: said }
  }
  const final = isFinal?.(status) ?? !isLater(status)
  const problem = problemOf(
    'notify.refused',
    `${answer.host} answered ${said}`,
    fixOf(status),
    final ? 'never' : 'soon',
  )
  return {
    ok: false,
    problem,
    trouble: final ? 'never' : 'later',
    answer: said,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

const fixOf = (status: number): string =>
  status === 401 || status === 403
    ? 'Correct its token or password.'
    : status === 404
      ? 'Correct its url and topic or channel.'
      : status === 413
        ? 'The message is too large for it.'
        : isLater(status)
          ? 'It is tried again by itself.'
          : 'Look at what it answered, and try: muster notify test'

const problemOf = (code: string, message: string, next: string, retry: Problem['retry']): Problem => ({
  code,
  message: `${message}.`,
  next,
  retry,
})

const never = (code: string, message: string, next: string): Sent & { ok: false } => ({
  ok: false,
  problem: problemOf(code, message, next, 'never'),
  trouble: 'never',
})
