/** Questions to an HTTP server, for every backend that speaks HTTP: limits of size and silence, and what went wrong in one of our words. */
import {
  type Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type Fault, type Fetched, fault, fetched, type StorageIo } from './storage.ts'

/** A server that sends nothing for so long is taken for gone. */
export const silenceLimitMs = 60_000

export interface Server {
  readonly scheme: 'http' | 'https'
  /** Where to connect: a host and port, or a socket of this machine. */
  readonly to: { readonly host: string; readonly port: number } | { readonly socketPath: string }
  /** For the `Host` header. */
  readonly authority: string
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Question {
  /** With the query, as it goes over the wire. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly mostBytes: number
  readonly method?: 'GET' | 'POST'
  readonly content?: string
  /** The repository, where the answer is short: it may then share a connection with questions about others. */
  readonly shared?: string
}

export type Ask = (question: Question) => Promise<Fetched<Answer>>

/** Asks one server, each question on a connection of its own. Any status is an answer; faults are what comes before one. */
export function askerOf(server: Server, agent: HttpAgent, { signal, meter, ...io }: StorageIo): Ask {
  const request = server.scheme === 'https' ? httpsRequest : httpRequest
  const limitMs = io.silenceLimitMs ?? silenceLimitMs
  return ({ path, headers, mostBytes, method = 'GET', content }) =>
    new Promise((resolve) => {
      meter.requests += 1
      const failed = (error: unknown): void => resolve(faultOf(error))
      const asked = request({
        ...server.to,
        method,
        path,
        agent,
        signal,
        timeout: limitMs,
        headers: { host: server.authority, ...headers },
      })
      asked.on('timeout', () => asked.destroy(new SilentServer(limitMs)))
      asked.on('error', failed)
      asked.on('response', (response) => {
        bodyOf(response, mostBytes).then((body) => {
          if (body === undefined) {
            asked.destroy()
            return resolve(fault('too-large', `more than ${mostBytes} bytes`))
          }
          meter.bytes += body.length
          return resolve(fetched({ status: response.statusCode ?? 0, headers: response.headers, body }))
        }, failed)
      })
      asked.end(content)
    })
}

class SilentServer extends Error {
  readonly code: string

  constructor(limitMs: number) {
    super()
    this.code = `silent for ${limitMs / 1000} s`
  }
}

/** @returns undefined when it is larger than allowed. */
async function bodyOf(response: IncomingMessage, mostBytes: number): Promise<Buffer | undefined> {
  if (Number(response.headers['content-length'] ?? 0) > mostBytes) return undefined
  const parts: Buffer[] = []
  let size = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length
    if (size > mostBytes) return undefined
    parts.push(part)
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts)
}

/** By the codes of OpenSSL and Node.js for a certificate, and of the system for the rest. */
export function faultOf(error: unknown): { readonly ok: false; readonly fault: Fault } {
  const { code = 'unknown', message = '' } = error as NodeJS.ErrnoException
  if (/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/.test(code))
    return fault('tls', code === 'EPROTO' ? 'no TLS' : code)
  if (code === 'EACCES' || code === 'EPERM') return fault('denied', code)
  return fault('unreachable', /^E[A-Z]+$/.test(code) ? message || code : code)
}

/** What a status means when no more is known. Permanent: 401 403 404 416 507. Source: restic `internal/backend/rest/rest.go`. */
export function statusFault(answer: Answer): { readonly ok: false; readonly fault: Fault } {
  const { status } = answer
  const said = `HTTP ${status}`
  if (status === 401 || status === 403) return fault('denied', said)
  if (status === 404) return fault('missing', said)
  if (status === 416) return fault('cut', said)
  if (status === 507) return fault('full', said)
  if (status >= 300 && status < 400) return fault('unsupported', `${said} to another address`)
  // Too many requests, or not in time: like a server that is not well.
  if (status === 408 || status === 425 || status === 429 || status >= 500) return fault('unreachable', said)
  return fault('unsupported', isRclone(answer) ? `${said} of rclone` : said)
}

export const isRclone = ({ headers }: Answer): boolean => String(headers.server ?? '').startsWith('rclone/')
