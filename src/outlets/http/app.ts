/** The routes, and what every request passes before it reaches one. No socket here: tests ask the app itself. */
import { Hono } from 'hono'
import { routePath } from 'hono/route'
import type { Log } from '../../system/log.ts'
import type { Ctx, Env } from './bindings.ts'
import { securityHeaders } from './headers.ts'
import type { Login } from './login.ts'
import { memo } from './memo.ts'
import { isCrossOrigin } from './origin.ts'
import { renderOverview } from './page/overview.ts'
import { style, stylePath } from './page/style.ts'
import { refusals, refuse } from './refusals.ts'
import { openRequests, type Requests } from './requests.ts'
import { scrapeRoute } from './scrape.ts'
import type { HttpSource } from './types.ts'

export interface AppSettings {
  readonly login: Login | undefined
  readonly maxSeries: number
  isHost(host: string | undefined): boolean
}

/** The standing costs SQL; nobody needs it fresher. */
const keepMs = 1000
const mostBodyBytes = 1024 * 1024
const openPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

export function createApp(
  settings: AppSettings,
  source: HttpSource,
  log: Log,
  requests: Requests = openRequests(),
): Hono<Env> {
  const app = new Hono<Env>()
  const standing = memo(() => source.standing(), keepMs)

  app.use(async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(securityHeaders)) c.res.headers.set(name, value)
    requests.count(routeOf(c), c.req.method, c.res.status)
  })
  app.use(async (c, next) => {
    if (c.env?.incoming !== undefined && !c.env.incoming.url?.startsWith('/'))
      return refuse(c, 400, refusals.badRequest)
    if (!settings.isHost(c.req.header('host'))) return refuse(c, 421, refusals.host)
    if (!openPaths.has(c.req.path) && settings.login?.admits(c.req.header('authorization')) === false) {
      return refuse(c, 401, refusals.login, { 'www-authenticate': settings.login.challenge })
    }
    if (!isSafe(c) && isCrossOrigin((name) => c.req.header(name))) return refuse(c, 403, refusals.crossOrigin)
    if (!isSafe(c) && (await isTooLarge(c))) return refuse(c, 413, refusals.tooLarge, { connection: 'close' })
    return next()
  })

  app.get('/healthz', (c) => c.text('ok\n', 200, { 'cache-control': 'no-store' }))
  app.get('/readyz', (c) => (source.isReady() ? c.text('ready\n', 200, { 'cache-control': 'no-store' }) : starting(c)))
  app.get('/metrics', scrapeRoute({ standing, maxSeries: settings.maxSeries, keepMs, own: () => [requests.family()] }))
  app.get('/', async (c) => c.html(renderOverview(await standing.get()), 200, { 'cache-control': 'no-store' }))
  app.get(`/${stylePath}`, (c) =>
    c.body(style, 200, {
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    }),
  )

  app.post('/-/reload', async (c) => {
    const reloaded = await source.reload()
    standing.forget()
    return reloaded.ok ? c.json({ reloaded: true }) : refuse(c, 409, reloaded.problem)
  })
  app.post('/-/read', (c) => {
    source.readNow()
    return c.json({ reading: true }, 202)
  })

  app.notFound((c) => refuse(c, 404, refusals.notFound))
  app.onError((error, c) => {
    if (!source.isReady()) return starting(c)
    log.error({ error, route: routeOf(c) ?? 'other' }, 'a request failed unexpectedly')
    return refuse(c, 500, refusals.unexpected)
  })
  return app
}

const starting = (c: Ctx) => refuse(c, 503, refusals.starting, { 'retry-after': '5' })

const isSafe = (c: Ctx): boolean => c.req.method === 'GET' || c.req.method === 'HEAD'

/** No route needs a body: one is read only to end it in good order, and no further than the limit. */
async function isTooLarge(c: Ctx): Promise<boolean> {
  if (Number(c.req.header('content-length') ?? 0) > mostBodyBytes) return true
  let bytes = 0
  for await (const chunk of c.req.raw.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > mostBodyBytes) return true
  }
  return false
}

/** The pattern of the route that answered, undefined when none did. */
function routeOf(c: Ctx): string | undefined {
  const path = routePath(c, -1)
  return path === '*' || path === '/*' ? undefined : path
}
