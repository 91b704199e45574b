/** Where alerts are posted: `POST /alert` and `/api/v1/alerts`. An Alertmanager posts again what was answered 5xx, and nothing else. */
import type { IncomingMessage } from 'node:http'
import type { Hono } from 'hono'
import type { Ctx, Env } from './bindings.ts'
import { refusals, refuse } from './refusals.ts'
import type { HttpSource } from './types.ts'

export const alertPaths: ReadonlySet<string> = new Set(['/alert', '/api/v1/alerts'])

/** 10,000 alerts are 7 MB. */
const mostBodyBytes = 10 * 1024 * 1024
/** Of a body that is not wanted. */
const mostPassingBytes = 64 * 1024 * 1024
const mostPassingMs = 2_000
/** Of bodies that are being read or kept, all together: so much memory they may take. */
const mostHeldBytes = 32 * 1024 * 1024

export function addAlerts(app: Hono<Env>, source: HttpSource): void {
  let held = 0
  const hold = (bytes: number): boolean => {
    held += bytes
    return held <= mostHeldBytes
  }
  const post = async (c: Ctx): Promise<Response> => {
    if (source.takeAlerts === undefined) return refuse(c, 404, refusals.noInbox, away)
    if (!source.isReady()) return refuse(c, 503, refusals.starting, { 'retry-after': '5', ...away })
    const announced = Number(c.req.header('content-length') ?? 0)
    // Who only says that much is coming takes no place of others.
    if (announced <= mostBodyBytes && held + announced > mostHeldBytes) return overloaded(c)
    let mine = 0
    try {
      const body = await bodyOf(c, announced, (bytes) => {
        mine += bytes
        return hold(bytes)
      })
      if (body === 'large') return refuse(c, 413, refusals.tooManyAlerts, away)
      if (body === 'overloaded') return overloaded(c)
      if (body === 'gone') return refuse(c, 400, refusals.badRequest)
      const taken = await source.takeAlerts(body)
      if (taken.state === 'kept') return c.json({ status: 'success', alerts: taken.alerts }, 200, noStore)
      if (taken.state === 'bad') return refuse(c, 400, taken.problem)
      return refuse(c, 503, taken.problem, { 'retry-after': String(taken.afterSeconds) })
    } finally {
      hold(-mine)
    }
  }
  for (const path of alertPaths) app.post(path, post)
}

type Body = Uint8Array | 'large' | 'overloaded' | 'gone'

/** @param hold Told how much more is in memory. @returns False when that is too much. */
async function bodyOf(c: Ctx, announced: number, hold: (bytes: number) => boolean): Promise<Body> {
  const { incoming } = c.env ?? {}
  return incoming === undefined ? new Uint8Array(await c.req.arrayBuffer()) : read(incoming, announced, hold)
}

/** By events: what is iterated over and left takes its connection with it, before anything could be answered. */
function read(incoming: IncomingMessage, announced: number, hold: (bytes: number) => boolean): Promise<Body> {
  return new Promise((resolve) => {
    let chunks: Uint8Array[] = []
    let bytes = 0
    let refused: 'large' | 'overloaded' | undefined
    let timer: NodeJS.Timeout | undefined
    const end = (body: Body): void => {
      clearTimeout(timer)
      incoming.off('data', onData).off('end', onEnd).off('close', onGone)
      resolve(body)
    }
    // Who is still sending does not hear an answer: the rest is let by, so much and so long as is bearable.
    const refuse = (why: 'large' | 'overloaded'): void => {
      refused = why
      chunks = []
      timer = setTimeout(() => end(why), mostPassingMs)
    }
    const onData = (chunk: Uint8Array): void => {
      bytes += chunk.byteLength
      if (refused !== undefined) {
        if (bytes > mostPassingBytes) end(refused)
        return
      }
      chunks.push(chunk)
      const fits = hold(chunk.byteLength)
      if (bytes > mostBodyBytes) refuse('large')
      else if (!fits) refuse('overloaded')
    }
    const onEnd = (): void => {
      if (refused !== undefined) end(refused)
      else end(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes))
    }
    const onGone = (): void => end('gone')
    if (announced > mostBodyBytes) refuse('large')
    incoming.on('data', onData).on('end', onEnd).on('close', onGone)
  })
}

const noStore = { 'cache-control': 'no-store' }
/** What is still to come of a body that is not wanted is not read. */
const away = { connection: 'close' }
const overloaded = (c: Ctx) => refuse(c, 503, refusals.overloaded, { 'retry-after': '2', ...away })
