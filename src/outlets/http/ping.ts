/** Where other programs tell of the backups they run. The key in the address is the login; it is in no answer, label or log. */
import { Hono } from 'hono'
import type { PingAnswer, PingForm, PingRequest } from '../../model/ping.ts'
import type { Ctx, Env } from './bindings.ts'
import type { HttpSource } from './types.ts'

const methods = ['GET', 'POST']
const noStore = { 'cache-control': 'no-store' }

/** Asked without a login, and with a body of their own to read. */
export const isPingPath = (path: string): boolean => path.startsWith('/ping/') || path.startsWith('/api/push/')

type Say = (c: Ctx, status: 200 | 400 | 404 | 413 | 503, text: string) => Response

/** In the words of Healthchecks, and in those of Uptime Kuma. */
const say: Readonly<Record<PingForm, Say>> = {
  healthchecks: (c, status, text) => c.text(text, status, noStore),
  'uptime-kuma': (c, status, text) =>
    status === 200 ? c.json({ ok: true }, 200, noStore) : c.json({ ok: false, msg: text }, status, noStore),
}

export function createPings(source: HttpSource, mostBodyBytes: number): Hono<Env> {
  const answer =
    (form: PingForm) =>
    async (c: Ctx): Promise<Response> => {
      const { key = '', signal } = c.req.param() as { key?: string; signal?: string }
      if (source.knowsPing?.(key) !== true) {
        // What else comes from somebody unknown is not read.
        if (c.req.method === 'POST') c.header('connection', 'close')
        return told(c, say[form], unknown)
      }
      const body = await bodyOf(c, mostBodyBytes)
      if (body === undefined) {
        c.header('connection', 'close')
        return say[form](c, 413, 'too large')
      }
      const request: PingRequest = { form, key, ...(signal !== undefined && { signal }), query: c.req.query(), body }
      return told(c, say[form], await (source.ping?.(request) ?? unknown))
    }
  const app = new Hono<Env>()
  for (const path of ['/ping/:key', '/ping/:key/', '/ping/:key/:signal']) app.on(methods, path, answer('healthchecks'))
  return app.on(methods, '/api/push/:key', answer('uptime-kuma'))
}

const unknown: PingAnswer = { state: 'unknown' }

function told(c: Ctx, sayIt: Say, answer: PingAnswer): Response {
  switch (answer.state) {
    case 'taken':
      return sayIt(c, 200, 'OK')
    case 'unknown':
      return sayIt(c, 404, 'not found')
    case 'refused':
      return sayIt(c, 400, answer.message)
    case 'busy':
      c.header('retry-after', String(answer.againInSeconds))
      return sayIt(c, 503, 'try again later')
  }
}

/** @returns Undefined where it is larger; no more than that is held. */
async function bodyOf(c: Ctx, mostBytes: number): Promise<Uint8Array | undefined> {
  if (Number(c.req.header('content-length') ?? 0) > mostBytes) return undefined
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of c.req.raw.body ?? []) {
      bytes += chunk.byteLength
      if (bytes > mostBytes) return undefined
      chunks.push(chunk)
    }
  } catch {
    // The client went away: what it told until then counts, though nobody hears the answer.
  }
  return Buffer.concat(chunks)
}
