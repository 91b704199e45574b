/**
 * A stand-in for HashiCorp Vault, which cannot be had here: what its public API documents say of key/value stores of both
 * versions, tokens, AppRole and the sealed state. Source: developer.hashicorp.com/vault/api-docs, "KV", "AppRole", "Token",
 * "/sys/internal/ui/mounts", and "HTTP status codes".
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createHttps, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Question } from '../../src/config/secrets/vault/request.ts'

type Secrets = Record<string, Record<string, unknown>>

export interface Lease {
  /** Seconds; 0 never ends. */
  readonly ttl: number
  /** Beyond this, counted from its making, no renewal leads. */
  readonly maxTtl?: number
  readonly renewable?: boolean
}

interface Token extends Lease {
  readonly madeAt: number
  endsAt: number
}

export interface StandIn {
  readonly mounts: Record<string, { version: 1 | 2; secrets: Secrets }>
  readonly tokens: Map<string, Token>
  readonly role: { roleId: string; secretId: string; lease: Lease }
  /** Paths that no token may read. */
  readonly denied: Set<string>
  sealed: boolean
  /** Tokens may not ask which version a mount is. */
  hidesMounts: boolean
  namespace: string | undefined
  /** What was asked, `GET kv/data/x`. */
  readonly asked: string[]
  addToken(name: string, lease: Lease): void
  answer(question: {
    method: string
    path: string
    token: string | undefined
    namespace?: string | undefined
    body?: unknown
  }): { status: number; body: unknown }
}

/** @param nowMs The clock that leases run by. */
export function makeStandIn(nowMs: () => number = Date.now): StandIn {
  const denied403 = { status: 403, body: { errors: ['permission denied'] } }
  const missing404 = { status: 404, body: { errors: [] } }
  const standIn: StandIn = {
    mounts: {},
    tokens: new Map(),
    role: { roleId: 'role-1', secretId: 'secret-1', lease: { ttl: 3600, renewable: true } },
    denied: new Set(),
    sealed: false,
    hidesMounts: false,
    namespace: undefined,
    asked: [],
    addToken(name, lease) {
      const madeAt = nowMs()
      standIn.tokens.set(name, { ...lease, madeAt, endsAt: lease.ttl === 0 ? Infinity : madeAt + lease.ttl * 1000 })
    },
    answer({ method, path, token: given, namespace, body }) {
      standIn.asked.push(`${method} ${path}`)
      if (standIn.sealed) return { status: 503, body: { errors: ['Vault is sealed'] } }
      if (namespace !== standIn.namespace) return denied403
      if (path === 'auth/approle/login' && method === 'POST') return login(body)
      const token = standIn.tokens.get(given ?? '')
      if (token === undefined || token.endsAt <= nowMs()) return denied403
      const left = token.endsAt === Infinity ? 0 : Math.floor((token.endsAt - nowMs()) / 1000)
      if (path === 'auth/token/lookup-self' && method === 'GET')
        return { status: 200, body: { data: { ttl: left, renewable: token.renewable ?? false } } }
      if (path === 'auth/token/renew-self' && method === 'POST') return renew(token)
      const mount = /^sys\/internal\/ui\/mounts\/(.+)$/.exec(path)?.[1]
      if (mount !== undefined) return tellMount(mount)
      return method === 'GET' ? read(path) : { status: 405, body: { errors: [] } }
    },
  }

  const login = (body: unknown) => {
    const { role_id: roleId, secret_id: secretId } = (body ?? {}) as Record<string, unknown>
    const { role } = standIn
    if (roleId !== role.roleId || secretId !== role.secretId)
      return { status: 400, body: { errors: ['invalid role or secret ID'] } }
    const name = `s.${randomUUID()}`
    standIn.addToken(name, role.lease)
    const { ttl, renewable = false } = role.lease
    return { status: 200, body: { auth: { client_token: name, lease_duration: ttl, renewable } } }
  }

  const renew = (token: Token) => {
    if (token.renewable !== true) return { status: 400, body: { errors: ['lease is not renewable'] } }
    const latest = token.maxTtl === undefined ? Infinity : token.madeAt + token.maxTtl * 1000
    token.endsAt = Math.min(latest, nowMs() + token.ttl * 1000)
    const left = Math.floor((token.endsAt - nowMs()) / 1000)
    return { status: 200, body: { auth: { lease_duration: left, renewable: true } } }
  }

  const tellMount = (name: string) => {
    const mount = standIn.mounts[name]
    if (mount === undefined || standIn.hidesMounts) return denied403
    const options = mount.version === 2 ? { version: '2' } : null
    return { status: 200, body: { data: { type: 'kv', path: `${name}/`, options } } }
  }

  const read = (path: string) => {
    if (standIn.denied.has(path)) return denied403
    const name = Object.keys(standIn.mounts).find((one) => path.startsWith(`${one}/`))
    const mount = standIn.mounts[name ?? '']
    if (name === undefined || mount === undefined) return denied403
    const below = path.slice(name.length + 1)
    const key = mount.version === 2 ? /^data\/(.+)$/.exec(below)?.[1] : below
    const found = key === undefined ? undefined : mount.secrets[key]
    if (found === undefined) return missing404
    return { status: 200, body: { data: mount.version === 2 ? { data: found, metadata: { version: 1 } } : found } }
  }

  return standIn
}

/** Asked without a socket. */
export const askOf = (standIn: StandIn) => async (question: Question) => {
  const { method, path, token, body } = question
  const { status, body: answered } = standIn.answer({ method, path, token: token?.reveal(), body })
  if (status === 503) throw new Error('a sealed Vault is asked over a socket')
  return { ok: true as const, value: { status, body: answered } }
}

export interface ServedStandIn extends AsyncDisposable {
  readonly address: string
}

/** The stand-in behind a port of this machine. `tls`: key and certificate. */
export async function serveStandIn(standIn: StandIn, tls?: ServerOptions): Promise<ServedStandIn> {
  const listener: RequestListener = (request, response) => {
    void bodyOf(request).then((body) => {
      const { status, body: answered } = standIn.answer({
        method: request.method ?? '',
        path: decodeURIComponent((request.url ?? '').replace(/^\/v1\//, '')),
        token: one(request.headers['x-vault-token']),
        namespace: one(request.headers['x-vault-namespace']),
        body,
      })
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answered))
    })
  }
  const server = tls === undefined ? createHttp(listener) : createHttps(tls, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const one = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header)

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  const text = Buffer.concat(parts).toString()
  return text === '' ? undefined : JSON.parse(text)
}
