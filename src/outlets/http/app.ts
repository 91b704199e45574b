/** The routes, and what every request passes before it reaches one. No socket here: tests ask the app itself. */
import { Hono } from 'hono'
import { routePath } from 'hono/route'
import type { Standing } from '../../model/standing.ts'
import type { Log } from '../../system/log.ts'
import { addAlerts, alertPaths } from './alerts.ts'
import { createApi } from './api/routes.ts'
import type { Ctx, Env } from './bindings.ts'
import { createCompat, onlyMetrics, replacedMetrics, signpost } from './compat.ts'
import { securityHeaders } from './headers.ts'
import type { Login } from './login.ts'
import { type Memo, memo } from './memo.ts'
import { isCrossOrigin } from './origin.ts'
import { createPages } from './page/routes.ts'
import { createPings, isPingPath } from './ping.ts'
import { refusals, refuse } from './refusals.ts'
import { openRequests, type Requests } from './requests.ts'
import { scrapeRoute } from './scrape.ts'
import type { HttpSource } from './types.ts'

export interface AppSettings {
  /** The login in force now. */
  login(): Login | undefined
  /** For who posts alerts. */
  inboxLogin?(): Login | undefined
  readonly maxSeries: number
  readonly replaces?: string | undefined
  readonly metricsOnly?: boolean | undefined
  /** Alerts and health alone. */
  readonly alertsOnly?: boolean | undefined
  /** The one system whose metrics are the answer to everything. */
  readonly only?: string | undefined
  isHost(host: string | undefined): boolean
}

/** Many who ask at once are told the same; who waits for a backup to show waits no longer than this. */
const keepMs = 250
const mostBodyBytes = 1024 * 1024
const noStore = { 'cache-control': 'no-store' }
/** Health checks tell nothing but whether Muster runs, and ask without a login. */
const openPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

export function createApp(
  settings: AppSettings,
  source: HttpSource,
  log: Log,
  requests: Requests = openRequests(),
): Hono<Env> {
  const app = new Hono<Env>()
  const standing = memo(() => source.standing(), keepMs)
  const figures = memo(() => source.figures(), keepMs)

  app.use(async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(securityHeaders)) c.res.headers.set(name, value)
    requests.count(routeOf(c), c.req.method, c.res.status)
  })
  app.use(async (c, next) => (await refusalFor(c, settings)) ?? next())

  if (settings.alertsOnly === true) addAlertsAlone(app, source)
  else if (settings.only === undefined) addRoutes(app, settings, source, { standing, figures, requests })
  else app.all('*', onlyMetrics(settings.only, source, figures))

  app.notFound((c) => (settings.metricsOnly === true && isGet(c) ? signpost(c) : refuse(c, 404, refusals.notFound)))
  app.onError((error, c) => {
    if (!source.isReady()) return starting(c)
    log.error({ error, route: routeOf(c) ?? 'other' }, 'a request failed unexpectedly')
    return refuse(c, 500, refusals.unexpected)
  })
  return app
}

function addHealth(app: Hono<Env>, source: HttpSource): void {
  app.get('/healthz', (c) => c.text('ok\n', 200, noStore))
  app.get('/readyz', (c) => (source.isReady() ? c.text('ready\n', 200, noStore) : starting(c)))
}

function addAlertsAlone(app: Hono<Env>, source: HttpSource): void {
  addHealth(app, source)
  addAlerts(app, source)
  refuseOtherMethods(app)
}

function addRoutes(
  app: Hono<Env>,
  settings: AppSettings,
  source: HttpSource,
  { standing, figures, requests }: Kept & { readonly requests: Requests },
): void {
  addHealth(app, source)
  app.get(
    '/metrics',
    settings.replaces === undefined
      ? scrapeRoute({ figures, maxSeries: settings.maxSeries, keepMs, own: () => [requests.family()] })
      : replacedMetrics(settings.replaces, source, figures),
  )
  app.route('/compat', createCompat(source, figures))
  if (settings.metricsOnly !== true) addOwnPages(app, source, { standing, figures })
  refuseOtherMethods(app)
}

const isGet = (c: Ctx): boolean => c.req.method === 'GET' || c.req.method === 'HEAD'

interface Kept {
  readonly standing: Memo<Standing>
  readonly figures: Memo<Standing>
}

/** The page, the API and what changes something. */
function addOwnPages(app: Hono<Env>, source: HttpSource, { standing, figures }: Kept): void {
  app.route('/', createPages(source, standing))
  app.route('/api/v1', createApi(source, standing))
  addAlerts(app, source)
  app.route('/', createPings(source, mostBodyBytes))
  app.post('/-/reload', async (c) => {
    const reloaded = await source.reload()
    standing.forget()
    figures.forget()
    return reloaded.ok ? c.json({ reloaded: true }, 200, noStore) : refuse(c, 409, reloaded.problem)
  })
  app.post('/-/read', (c) => {
    source.readNow()
    return c.json({ reading: true }, 202, noStore)
  })
}

/** What a request has to pass, in this order: nothing of it is read before it may come in. */
async function refusalFor(c: Ctx, { isHost, ...settings }: AppSettings): Promise<Response | undefined> {
  const login = settings.login()
  if (c.env?.incoming !== undefined && !c.env.incoming.url?.startsWith('/')) return refuse(c, 400, refusals.badRequest)
  if (!isHost(c.req.header('host'))) return refuse(c, 421, refusals.host)
  const hasOwn = settings.metricsOnly !== true && settings.only === undefined
  const isPing = hasOwn && isPingPath(c.req.path)
  const isAlert = hasOwn && alertPaths.has(c.req.path)
  const asked = isAlert && settings.inboxLogin !== undefined ? settings.inboxLogin() : login
  if (asked !== undefined && !openPaths.has(c.req.path) && !isPing && !asked.admits(c.req.header('authorization'))) {
    // A large body of somebody who may not post it is not read.
    const headers = { 'www-authenticate': asked.challenge, ...(isAlert && { connection: 'close' }) }
    return refuse(c, 401, asked.isOfInbox === true ? refusals.inboxLogin : refusals.login, headers)
  }
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return undefined
  if (isCrossOrigin((name) => c.req.header(name))) return refuse(c, 403, refusals.crossOrigin)
  if (isPing || (isAlert && c.req.method === 'POST')) return undefined
  return (await isTooLarge(c)) ? refuse(c, 413, refusals.tooLarge, { connection: 'close' }) : undefined
}

/** No route needs a body: one is read only to end it in good order, and no further than the limit. */
async function isTooLarge(c: Ctx): Promise<boolean> {
  if (Number(c.req.header('content-length') ?? 0) > mostBodyBytes) return true
  let bytes = 0
  try {
    for await (const chunk of c.req.raw.body ?? []) {
      bytes += chunk.byteLength
      if (bytes > mostBodyBytes) return true
    }
  } catch {
    // The client went away, or was sent away for being slow: nobody hears the answer.
  }
  return false
}

/** Every path with a route says which methods it takes, to whoever asks with another. */
function refuseOtherMethods(app: Hono<Env>): void {
  const methods = new Map<string, Set<string>>()
  for (const { path, method } of app.routes) {
    if (method === 'ALL') continue
    const known = methods.get(path) ?? new Set()
    methods.set(path, known.add(method))
    if (method === 'GET') known.add('HEAD')
  }
  for (const [path, allowed] of methods)
    app.all(path, (c) => refuse(c, 405, refusals.method, { allow: [...allowed].join(', ') }))
}

const starting = (c: Ctx) => refuse(c, 503, refusals.starting, { 'retry-after': '5' })

/** The pattern of the route that answers, undefined when none does. */
function routeOf(c: Ctx): string | undefined {
  const path = routePath(c, -1)
  return path.endsWith('*') ? undefined : path
}
