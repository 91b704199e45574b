/** One request to Vault's HTTP API, and its answer as far as it is JSON. */
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { ok, type Result } from '../../../model/problem.ts'
import type { Secret } from '../../../model/secret.ts'
import type { VaultPlace } from './environment.ts'
import { refuse } from './problems.ts'

export interface Question {
  readonly method: 'GET' | 'POST'
  /** Below `/v1/`. */
  readonly path: string
  readonly token?: Secret
  readonly body?: object
}

export interface Answer {
  readonly status: number
  /** Parsed; undefined where it is no JSON. */
  readonly body: unknown
}

export type Ask = (question: Question) => Promise<Result<Answer>>

const mostBytes = 1024 * 1024

/** Any status is an answer but 429 and 503, which mean the same for every question. */
export function askerOf(place: VaultPlace, env: NodeJS.ProcessEnv, timeLimitMs: number): Ask {
  const address = place.address.origin
  return async (question) => {
    const limit = AbortSignal.timeout(timeLimitMs)
    try {
      let answer = await send(place, env, question, urlOf(place.address, question.path), limit)
      // A standby names the active one, once. Never from https to http.
      const moved = answer.status === 307 ? URL.parse(answer.location ?? '') : null
      if (moved !== null && (moved.protocol === 'https:' || moved.protocol === place.address.protocol))
        answer = await send(place, env, question, moved, limit)
      const { status, text } = answer
      if (status === 503 || status === 473) return refuse('vault.sealed', { address })
      if (status === 429) return refuse('vault.busy', { address })
      return ok({ status, body: parsed(text) })
    } catch (error) {
      if (limit.aborted) return refuse('vault.slow', { address, seconds: timeLimitMs / 1000 })
      const { code, name } = error as NodeJS.ErrnoException
      return error instanceof TooLarge
        ? refuse('vault.unexpected', { address, why: `more than ${mostBytes} bytes` })
        : refuse('vault.unreachable', { address, why: code ?? name })
    }
  }
}

function urlOf(base: URL, path: string): URL {
  const url = new URL(base)
  const segments = path.split('/').map(encodeURIComponent).join('/')
  url.pathname = `${base.pathname.replace(/\/$/, '')}/v1/${segments}`
  return url
}

interface Raw {
  readonly status: number
  readonly location: string | undefined
  readonly text: string
}

async function send(
  place: VaultPlace,
  env: NodeJS.ProcessEnv,
  { method, token, body }: Question,
  url: URL,
  signal: AbortSignal,
): Promise<Raw> {
  const isLocal = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  const common = isLocal ? {} : { proxyEnv: env }
  const isHttps = url.protocol === 'https:'
  const ca = isHttps && place.caFile !== undefined ? await readFile(place.caFile, 'utf8') : undefined
  // Loaded by those alone who have a Vault: the start of everybody else is spared it.
  const http = isHttps ? await import('node:https') : await import('node:http')
  const agent = new http.Agent({ ...common, ...(ca !== undefined && { ca }) })
  const content = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    accept: 'application/json',
    // Vault agents and proxies ask for it, so that no browser can be made to send the request.
    'x-vault-request': 'true',
    ...(place.namespace !== undefined && { 'x-vault-namespace': place.namespace }),
    ...(token && { 'x-vault-token': token.reveal() }),
    ...(content !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
  }
  return new Promise((resolve, reject) => {
    const asked = http.request(url, { method, headers, agent, signal })
    asked.on('error', reject)
    asked.on('response', (response) => {
      bodyOf(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, location: response.headers.location, text }),
        (error: unknown) => {
          asked.destroy()
          reject(error)
        },
      )
    })
    asked.end(content)
  })
}

class TooLarge extends Error {}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length
    if (size > mostBytes) throw new TooLarge()
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
