/** Where alerts are posted: `POST /alert` and `/api/v1/alerts`. An Alertmanager posts again what was answered 5xx, and nothing else. */
import type { Hono } from 'hono'
import type { Ctx, Env } from './bindings.ts'
import { refusals, refuse } from './refusals.ts'
import type { HttpSource } from './types.ts'

export const alertPaths: ReadonlySet<string> = new Set(['/alert', '/api/v1/alerts'])

/** 10,000 alerts are 7 MB. */
const mostBodyBytes = 10 * 1024 * 1024
/** Of bodies that are being read, all together: so much memory they may take. */
const mostReadingBytes = 64 * 1024 * 1024

export function addAlerts(app: Hono<Env>, source: HttpSource): void {
  let reading = 0
  const post = async (c: Ctx): Promise<Response> => {
    if (source.takeAlerts === undefined) return refuse(c, 404, refusals.noInbox)
    if (!source.isReady()) return refuse(c, 503, refusals.starting, { 'retry-after': '5' })
    const announced = Number(c.req.header('content-length') ?? 0)
    if (announced > mostBodyBytes) return refuse(c, 413, refusals.tooManyAlerts, { connection: 'close' })
    if (reading + announced > mostReadingBytes)
      return refuse(c, 503, refusals.overloaded, { 'retry-after': '2', connection: 'close' })
    const body = await bodyOf(c, announced, (bytes) => {
      reading += bytes
    })
    if (body === 'large') return refuse(c, 413, refusals.tooManyAlerts, { connection: 'close' })
    if (body === 'overloaded') return refuse(c, 503, refusals.overloaded, { 'retry-after': '2', connection: 'close' })
    if (body === 'gone') return refuse(c, 400, refusals.badRequest)
    const taken = await source.takeAlerts(body)
    if (taken.state === 'kept') return c.json({ status: 'success', alerts: taken.alerts }, 200, noStore)
    if (taken.state === 'bad') return refuse(c, 400, taken.problem)
    return refuse(c, 503, taken.problem, { 'retry-after': String(taken.afterSeconds) })
  }
  for (const path of alertPaths) app.post(path, post)

  /** @param hold Told how much more, or less, is in memory. */
  async function bodyOf(
    c: Ctx,
    announced: number,
    hold: (bytes: number) => void,
  ): Promise<Uint8Array | 'large' | 'overloaded' | 'gone'> {
    const chunks: Uint8Array[] = []
    let bytes = 0
    hold(announced)
    let held = announced
    try {
      for await (const chunk of c.env?.incoming ?? c.req.raw.body ?? []) {
        chunks.push(chunk as Uint8Array)
        bytes += (chunk as Uint8Array).byteLength
        if (bytes > mostBodyBytes) return 'large'
        if (bytes > held) {
          hold(bytes - held)
          held = bytes
          if (reading > mostReadingBytes) return 'overloaded'
        }
      }
      return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes)
    } catch {
      return 'gone'
    } finally {
      hold(-held)
    }
  }
}

const noStore = { 'cache-control': 'no-store' }
