/**
 * Many short questions on few connections, each sent without waiting for the answer to the last (HTTP/1.1 pipelining). Only for
 * what may be asked twice: whatever goes wrong here is asked again on a connection of its own, which then tells the cause.
 */
import type { Dispatcher } from 'undici'
import type { Certificates } from './agent.ts'
import { type Answer, faultOf, type Question, type Server } from './ask.ts'
import { type Fetched, fault, fetched, type StorageIo } from './storage.ts'

const connections = 8
/** So many questions are on their way on one connection. */
const depth = 64
/** Who is silent for longer holds up those behind: the connection is given up, they move to another, and it gets one of its own. */
const stallMs = 4_000
/** For so long, a repository that stalled is not pipelined again, nor is a server that cannot be. */
const pauseMs = 3_600_000
/** So many repositories may stall in that time, until the server, or what stands before it, is taken for unable. */
const mostStalled = 5
/** Connections that end without any answer between: a server that restarts ends a few, one that cannot do this ends them all. */
const mostClosed = 50
/** A server often closes idle connections itself, and says when; a question that meets such an end is asked again. */
const idleMs = 120_000

export interface Pipeline {
  /** @returns undefined when it has to be asked in another way. */
  ask(question: Question, authority: string, io: StorageIo): Promise<Fetched<Answer> | undefined>
  /** An answer was none to what was asked: whatever is on its way may be wrong as well. */
  distrust(): void
  close(): Promise<void>
}

export async function openPipeline(
  { scheme }: Server,
  { host, port }: { readonly host: string; readonly port: number },
  certificates: Certificates | undefined,
): Promise<Pipeline> {
  // Loaded by those alone who share connections: a daemon.
  const { Pool } = await import('./pool.ts')
  const origin = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`
  const options = {
    connections,
    pipelining: depth,
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
    keepAliveTimeout: idleMs,
    // HTTP/2 of Node.js has a window so small that many listings take ten times as long.
    allowH2: false,
    connect: { timeout: 10_000, ...certificates },
  }
  return pipelineOn(() => new Pool(origin, options))
}

function pipelineOn(openPool: () => Dispatcher): Pipeline {
  let pool = openPool()
  const pausedUntil = new Map<string, number>()
  let unableUntil = 0
  let closed = 0
  /** Whoever waits on these connections is set free, to ask in another way. */
  const distrust = (): void => {
    if (performance.now() < unableUntil) return
    unableUntil = performance.now() + pauseMs
    pausedUntil.clear()
    closed = 0
    void pool.destroy()
    pool = openPool()
  }
  const stalled = (place: string): void => {
    pausedUntil.set(place, performance.now() + pauseMs)
    if (pausedUntil.size >= mostStalled) distrust()
  }
  const mayAsk = (place: string): boolean => {
    const now = performance.now()
    for (const [one, until] of pausedUntil) if (until < now) pausedUntil.delete(one)
    return now >= unableUntil && !pausedUntil.has(place)
  }
  return {
    async ask({ shared, ...question }, authority, io) {
      if (shared === undefined || !mayAsk(shared)) return undefined
      const answer = await dispatched(pool, question, authority, io)
      if (answer === 'stalled') stalled(shared)
      else if (answer !== 'closed') closed = 0
      else if (++closed >= mostClosed) distrust()
      return typeof answer === 'string' ? undefined : answer
    },
    distrust,
    close: () => pool.destroy(),
  }
}

type Outcome = Fetched<Answer> | 'stalled' | 'closed'

function dispatched(
  pool: Dispatcher,
  { path, headers, mostBytes }: Question,
  authority: string,
  { signal, meter }: StorageIo,
): Promise<Outcome> {
  return new Promise((resolve) => {
    meter.requests += 1
    const parts: Buffer[] = []
    let [status, size] = [0, 0]
    let received: Answer['headers'] = {}
    let controller: Dispatcher.DispatchController | undefined
    const settle = (answer: Outcome): void => {
      signal.removeEventListener('abort', onAbort)
      resolve(answer)
    }
    const onAbort = (): void => {
      controller?.abort(new Error('ended'))
      settle(fault('unreachable', 'ended'))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    pool.dispatch(
      // Blocking ones would wait for those before them.
      { path, method: 'GET', headers: { host: authority, ...headers }, blocking: false },
      {
        onRequestStart(started) {
          controller = started
          if (signal.aborted) onAbort()
        },
        onResponseStart(_, code, given) {
          status = code
          received = given
        },
        onResponseData(_, part) {
          size += part.length
          parts.push(part)
          if (size <= mostBytes) return
          settle(fault('too-large', `more than ${mostBytes} bytes`))
          controller?.abort(new Error('too large'))
        },
        onResponseEnd() {
          meter.bytes += size
          const body = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
          settle(fetched({ status, headers: received, body }))
        },
        onResponseError: (_, error) => settle(outcomeOf(error)),
      },
    )
  })
}

function outcomeOf(error: NodeJS.ErrnoException): Outcome {
  const { code = '', syscall = '' } = error
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'stalled'
  const fault = faultOf(error)
  // No server, no name, no trust: another connection would meet the same.
  const isOfConnecting = ['connect', 'getaddrinfo'].includes(syscall) || code === 'UND_ERR_CONNECT_TIMEOUT'
  return isOfConnecting || fault.fault.kind === 'tls' ? fault : 'closed'
}
