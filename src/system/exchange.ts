/** One HTTP request to somebody who is told something, and the beginning of the answer. */
import { readFile } from 'node:fs/promises'
import { Agent, errors, request } from 'undici'
import { Secret } from '../model/secret.ts'

export interface Exchange {
  /** May hold a secret: it is never told. */
  readonly url: Secret
  readonly method: 'POST' | 'PUT' | 'GET' | 'DELETE'
  readonly headers?: Readonly<Record<string, string | Secret | undefined>>
  readonly body?: string | Uint8Array
  /** File with the certificates of the authorities that are trusted, in place of those of this machine. */
  readonly ca?: string | undefined
  /** Trusts any certificate. */
  readonly insecure?: boolean
  /** Of the answer; what comes behind is not read. */
  readonly mostAnswerBytes?: number
}

export interface ExchangeIo {
  readonly signal: AbortSignal
  readonly timeLimitMs: number
}

export type Exchanged =
  | {
      readonly kind: 'answered'
      readonly host: string
      readonly status: number
      readonly text: string
      readonly bytes: Uint8Array
      /** More than `mostAnswerBytes` came. */
      readonly isCut: boolean
      /** What it asked to wait, in milliseconds. */
      readonly retryAfterMs?: number
      /** By the clock of the other side. */
      readonly at?: Date
    }
  | { readonly kind: 'unreachable'; readonly host: string; readonly why: string }
  /** Nothing was sent: the address is no URL, or the file with authorities cannot be read. */
  | { readonly kind: 'address' }
  | { readonly kind: 'ca'; readonly file: string; readonly why: string }

const usualAnswerBytes = 4096

/** Redirects are not followed: they would take credentials elsewhere. Never throws. */
export async function exchange(
  { url, method, headers = {}, body, ca, insecure = false, mostAnswerBytes = usualAnswerBytes }: Exchange,
  io: ExchangeIo,
): Promise<Exchanged> {
  const target = URL.parse(url.reveal())
  if (target === null || !/^https?:$/.test(target.protocol)) return { kind: 'address' }
  let agent: Agent
  try {
    const trust = { ...(ca !== undefined && { ca: await readFile(ca, 'utf8') }), rejectUnauthorized: !insecure }
    agent = new Agent({ connect: { ...trust, timeout: io.timeLimitMs } })
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error)
    return { kind: 'ca', file: ca ?? '', why }
  }
  const { host } = target
  try {
    const answer = await request(target, {
      method,
      headers: plain(headers),
      ...(body !== undefined && { body }),
      dispatcher: agent,
      signal: AbortSignal.any([io.signal, AbortSignal.timeout(io.timeLimitMs)]),
      headersTimeout: io.timeLimitMs,
      bodyTimeout: io.timeLimitMs,
    })
    const { bytes, isCut } = await beginOf(answer.body, mostAnswerBytes)
    const retryAfterMs = retryAfterOf(answer.headers['retry-after'])
    const at = new Date(String(answer.headers.date))
    return {
      kind: 'answered',
      host,
      status: answer.statusCode,
      text: bytes.toString('utf8'),
      bytes,
      isCut,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(!Number.isNaN(at.getTime()) && { at }),
    }
  } catch (error) {
    return { kind: 'unreachable', host, why: whyOf(error) }
  } finally {
    // Kept connections would hold the process up; messages are rare.
    void agent.destroy().catch(() => undefined)
  }
}

/** A bearer token, or a user and password, as a header. */
export function authorizationOf(
  token: Secret | undefined,
  user: string | undefined,
  password: Secret | undefined,
): Secret | undefined {
  if (token !== undefined) return new Secret(`Bearer ${token.reveal()}`)
  if (user === undefined) return undefined
  return new Secret(`Basic ${Buffer.from(`${user}:${password?.reveal() ?? ''}`).toString('base64')}`)
}

/** Codes of OpenSSL for a certificate whose authority is not among the trusted ones. */
const unknownAuthority =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(?:_LOCALLY)?|CERT_UNTRUSTED)$/

/** Whether somebody cannot be reached because a file with authorities is missing, or an authority in it. */
export const isOfUnknownAuthority = (why: string): boolean => unknownAuthority.test(why)

/** Statuses that say "not now": the same may be taken later. */
const again = [408, 425, 429]
export const isLater = (status: number): boolean => status >= 500 || again.includes(status)

const plain = (headers: NonNullable<Exchange['headers']>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? value : value.reveal()]],
    ),
  )

async function beginOf(
  body: AsyncIterable<Buffer>,
  most: number,
): Promise<{ readonly bytes: Buffer; readonly isCut: boolean }> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size > most) break
  }
  return { bytes: Buffer.concat(chunks).subarray(0, most), isCut: size > most }
}

/** Seconds, or a date. Nobody is waited for longer than an hour. */
function retryAfterOf(header: string | string[] | undefined): number | undefined {
  const text = Array.isArray(header) ? header[0] : header
  if (text === undefined) return undefined
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.min(3_600_000, Math.max(0, seconds * 1000)) : undefined
}

function whyOf(error: unknown): string {
  const { name, code, cause } = error as { name?: string; code?: string; cause?: { code?: string } }
  const timed =
    name === 'TimeoutError' ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError
  return timed ? 'no answer in time' : (code ?? cause?.code ?? (error instanceof Error ? error.message : String(error)))
}
