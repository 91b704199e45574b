/** One HTTP request to whoever takes messages, and what its answer means. */
import { readFile } from 'node:fs/promises'
import { Agent, errors, request } from 'undici'
import type { Problem } from '../../model/problem.ts'
import type { Secret } from '../../model/secret.ts'
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

const mostAnswerBytes = 4096
const again = [408, 425, 429]

/** Redirects are not followed: they would take credentials elsewhere. Never throws. */
export async function post(
  { url, method = 'POST', headers = {}, body, ca, isFinal, refusal }: Post,
  io: SendIo,
): Promise<Sent> {
  const target = URL.parse(url.reveal())
  if (target === null || !/^https?:$/.test(target.protocol))
    return never('notify.address', 'its address is no URL', 'Correct its url in the configuration.')
  const dispatcher = await agentOf(ca)
  if (!dispatcher.ok) return dispatcher.sent
  try {
    const answer = await request(target, {
      method,
      headers: plain(headers),
      ...(body !== undefined && { body }),
      dispatcher: dispatcher.agent,
      signal: AbortSignal.any([io.signal, AbortSignal.timeout(io.timeLimitMs)]),
      headersTimeout: io.timeLimitMs,
      bodyTimeout: io.timeLimitMs,
    })
    const text = await beginOf(answer.body)
    const { statusCode: status } = answer
    const said = oneLine(`HTTP ${status} ${text}`.trim()).slice(0, 300)
    if (status >= 200 && status < 300) {
      const why = refusal?.(text)
      return why === undefined
        ? { ok: true, answer: said }
        : { ...never('notify.refused', `it refused the message: ${why}`, fixOf(status)), answer: said }
    }
    const final = isFinal?.(status) ?? (status < 500 && !again.includes(status))
    const problem = problemOf(
      'notify.refused',
      `${target.host} answered ${said}`,
      fixOf(status),
      final ? 'never' : 'soon',
    )
    const retryAfterMs = retryAfterOf(answer.headers['retry-after'])
    return {
      ok: false,
      problem,
      trouble: final ? 'never' : 'later',
      answer: said,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    }
  } catch (error) {
    return { ok: false, problem: unreachable(target.host, error), trouble: 'unreachable' }
  } finally {
    // Kept connections would hold the process up; messages are rare.
    void dispatcher.agent.destroy().catch(() => undefined)
  }
}

const plain = (headers: NonNullable<Post['headers']>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? value : value.reveal()]],
    ),
  )

async function agentOf(ca: string | undefined): Promise<{ ok: true; agent: Agent } | { ok: false; sent: Sent }> {
  try {
    return { ok: true, agent: new Agent({ connect: ca === undefined ? {} : { ca: await readFile(ca, 'utf8') } }) }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    return {
      ok: false,
      sent: never(
        'notify.ca',
        `the file with certificates ${ca} cannot be read: ${code}`,
        'Correct `ca` in the configuration.',
      ),
    }
  }
}

async function beginOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size > mostAnswerBytes) break
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, mostAnswerBytes)
}

/** Seconds, or a date. Nobody is waited for longer than an hour. */
function retryAfterOf(header: string | string[] | undefined): number | undefined {
  const text = Array.isArray(header) ? header[0] : header
  if (text === undefined) return undefined
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.min(3_600_000, Math.max(0, seconds * 1000)) : undefined
}

const fixOf = (status: number): string =>
  status === 401 || status === 403
    ? 'Correct its token or password.'
    : status === 404
      ? 'Correct its url and topic or channel.'
      : status === 413
        ? 'The message is too large for it.'
        : status >= 500 || again.includes(status)
          ? 'It is tried again by itself.'
          : 'Look at what it answered, and try: muster notify test'

function unreachable(host: string, error: unknown): Problem {
  const { name, code, cause } = error as { name?: string; code?: string; cause?: { code?: string } }
  const timed =
    name === 'TimeoutError' ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError
  const why = timed
    ? 'no answer in time'
    : (code ?? cause?.code ?? (error instanceof Error ? error.message : String(error)))
  return problemOf(
    'notify.unreachable',
    `${host} cannot be reached: ${why}`,
    'It is tried again until it can. Look at its server and the network.',
    'soon',
  )
}

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
