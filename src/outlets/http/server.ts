/** The HTTP server: listens, closes slow clients, and ends when told to. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Log } from '../../system/log.ts'
import { createApp } from './app.ts'
import { securityHeaders } from './headers.ts'
import { hostCheck } from './hosts.ts'
import { type Listen, listenProblem, noLogin, parseListen } from './listen.ts'
import { inboxLoginOf, type Login, loginOf } from './login.ts'
import { refusals } from './refusals.ts'
import { openRequests, type Requests } from './requests.ts'
import type { HttpLimits, HttpServer, HttpSettings, HttpSource } from './types.ts'

/** With the time between two looks: headers within 10 s, the whole request within 15 s. */
const usualLimits: HttpLimits = { headersMs: 9_000, requestMs: 14_000, keepAliveMs: 5_000, checkMs: 500 }
const mostConnections = 2_048
const mostHeaderBytes = 16 * 1024
/** What is under way when told to end gets this long. */
const closeMs = 1_500

/** Opens page, metrics and API. Refuses a wider address than loopback without a login. */
export async function openHttp(settings: HttpSettings, source: HttpSource, log: Log): Promise<Result<HttpServer>> {
  const listen = await parseListen(settings.listen)
  if (!listen.ok) return listen
  // Metrics alone, for whoever asks, are for whatever name they ask by.
  const isFree = settings.metricsOnly === true || settings.alertsOnly === true || settings.only !== undefined
  const isOpen = (login: Login | undefined): boolean => login === undefined && !listen.value.isLoopback && !isFree
  let login = loginOf(settings.users, settings.tokens)
  let inboxLogin = inboxLoginOf(settings.inboxTokens ?? [], login)
  if (isOpen(login)) return fail(noLogin(settings.listen))
  const requests = openRequests()
  const server = createSlowProofServer({ ...usualLimits, ...settings.limits }, requests)
  const problem = await listening(server, listen.value)
  if (problem !== undefined) return fail(problem)
  const { port } = server.address() as AddressInfo
  const checkOf = (hosts: readonly string[]) =>
    isFree ? () => true : hostCheck({ listenName: listen.value.name, port, hosts })
  let isHost = checkOf(settings.hosts)
  const { maxSeries, replaces, metricsOnly, alertsOnly, only } = settings
  const rules = {
    login: () => login,
    inboxLogin: () => inboxLogin,
    maxSeries,
    replaces,
    metricsOnly,
    alertsOnly,
    only,
    isHost: (host?: string) => isHost(host),
  }
  const app = createApp(rules, source, log, requests)
  const listener = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    errorHandler: () =>
      new Response(`${refusals.badRequest.message}\n`, {
        status: 400,
        headers: { ...securityHeaders, 'content-type': 'text/plain; charset=utf-8' },
      }),
  })
  server.on('request', listener)
  // Without a listener Node would answer these itself, without our headers.
  server.on('checkContinue', listener)
  server.on('checkExpectation', listener)
  server.on('error', (error) => log.error({ error }, 'the page has a problem with its connections'))
  return ok({
    url: `http://${urlHost(listen.value)}:${port}/`,
    reconfigure({ users, tokens, inboxTokens = [], hosts }) {
      const next = loginOf(users, tokens)
      if (isOpen(next)) return fail(noLogin(settings.listen))
      login = next
      inboxLogin = inboxLoginOf(inboxTokens, next)
      isHost = checkOf(hosts)
      return ok(undefined)
    },
    close: () => closed(server),
  })
}

function createSlowProofServer(limits: HttpLimits, requests: Requests): Server {
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: mostHeaderBytes,
    // The app answers a missing Host, with the headers of every other answer.
    requireHostHeader: false,
  })
  server.maxConnections = mostConnections
  server.maxRequestsPerSocket = 10_000
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const status = statusOf(error.code)
    requests.count(undefined, 'other', status)
    // A response that has begun cannot be followed by another.
    if (!socket.writable || error.code === 'ECONNRESET' || socket.bytesWritten > 0) return void socket.destroy()
    socket.end(rawRefusal(status), () => socket.destroy())
  })
  return server
}

const statusOf = (code: string | undefined): 400 | 408 | 431 =>
  code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
const reasons = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' } as const

/** For what is no HTTP, so that no request ever reaches the app. */
function rawRefusal(status: keyof typeof reasons): string {
  const body = `${reasons[status]}\n`
  const headers = {
    ...securityHeaders,
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(body.length),
    connection: 'close',
  }
  return `HTTP/1.1 ${status} ${reasons[status]}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${body}`
}

/** @returns Why it could not listen. A failure that nobody expects is thrown. */
function listening(server: Server, listen: Listen): Promise<Problem | undefined> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const problem = listenProblem(error, listen)
      if (problem === undefined) reject(error)
      else resolve(problem)
    }
    server.once('error', failed)
    server.listen({ port: listen.port, ...(listen.address !== undefined && { host: listen.address }) }, () => {
      server.off('error', failed)
      resolve(undefined)
    })
  })
}

const urlHost = ({ name, address }: Listen): string => {
  const host = name ?? (address === '::' || address === undefined ? 'localhost' : '127.0.0.1')
  return host.includes(':') ? `[${host}]` : host
}

/** Idle connections go at once, busy ones when they are done, all of them in two seconds. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), closeMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
