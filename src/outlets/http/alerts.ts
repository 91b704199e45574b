/** Where alerts are posted: `POST /alert` and `/api/v1/alerts`. An Alertmanager posts again what was answered 5xx, and nothing else. */
import type { Hono } from 'hono'
import type { Ctx, Env } from './bindings.ts'
import { refusals, refuse } from './refusals.ts'
import type { HttpSource } from './types.ts'

export const alertPaths: ReadonlySet<string> = new Set(['/alert', '/api/v1/alerts'])

/** 10,000 alerts are 7 MB. */
const mostBodyBytes = 10 * 1024 * 1024
/** Of bodies that are being read or kept, all together: so much memory they may take. */
const mostHeldBytes = 64 * 1024 * 1024

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
    if (announced > mostBodyBytes) return refuse(c, 413, refusals.tooManyAlerts, away)
    // Who only says that much is coming takes no place of others.
    if (held + announced > mostHeldBytes) return overloaded(c)
    let mine = 0
    try {
      const body = await bodyOf(c, (bytes) => {
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

/** @param hold Told how much more is in memory. @returns False when that is too much. */
async function bodyOf(c: Ctx, hold: (bytes: number) => boolean): Promise<Uint8Array | 'large' | 'overloaded' | 'gone'> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of c.env?.incoming ?? c.req.raw.body ?? []) {
      chunks.push(chunk as Uint8Array)
      bytes += (chunk as Uint8Array).byteLength
      const fits = hold((chunk as Uint8Array).byteLength)
      if (bytes > mostBodyBytes) return 'large'
      if (!fits) return 'overloaded'
    }
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes)
  } catch {
    return 'gone'
  }
}

const noStore = { 'cache-control': 'no-store' }
/** What is still to come of a body that is not wanted is not read. */
const away = { connection: 'close' }
const overloaded = (c: Ctx) => refuse(c, 503, refusals.overloaded, { 'retry-after': '2', ...away })
