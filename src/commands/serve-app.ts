/** The page and the daemon of `muster serve`, their signals and their reloads. */
import { isAnyKnown, lastCollection } from '../app/collection.ts'
import { type Daemon, startDaemon } from '../app/daemon.ts'
import { openIntake } from '../app/inbox/intake.ts'
import { openPings } from '../app/pings/inbox.ts'
import { loadPingKeys, type PingKeys, unheard } from '../app/pings/keys.ts'
import { loadServerSecrets } from '../app/server-secrets.ts'
import { openStandings } from '../app/standing/keeper.ts'
import type { Importer } from '../config/import/importer.ts'
import type { Config } from '../config/schema.ts'
import { forgetSecrets } from '../config/secrets/load.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import { openHttp } from '../outlets/http/server.ts'
import type { HttpServer, HttpSource } from '../outlets/http/types.ts'
import type { Log } from '../system/log.ts'
import { stayLean } from '../system/memory.ts'
import type { CompatListen } from './compat-listen.ts'
import type { OpenApp } from './open.ts'

/** What is known is told after so long, even if a server that hangs holds up the first collection. */
const startLimitMs = 60_000

const weekMs = 7 * 86_400_000

export interface ServeWish {
  /** The configuration as it is now. */
  load(): Promise<Result<Config>>
  /** Done after the page is up and before any schedule runs. */
  first?(url: string): Promise<void>
  /** The program whose place this takes. */
  readonly replaces?: Importer
  readonly metricsOnly?: boolean
  readonly alertsOnly?: boolean
  readonly exactUrls?: boolean
  /** Addresses that answer with the metrics of one system alone. */
  readonly compat?: readonly CompatListen[]
}

/** Starts page and daemon over an open app; the caller awaits `daemon.done`, then closes `http`. */
export async function serveApp(
  app: OpenApp,
  log: Log,
  signal: AbortSignal,
  wish: ServeWish,
): Promise<Result<{ daemon: Daemon; http: HttpServer; compat: readonly HttpServer[] }>> {
  const secrets = await loadServerSecrets(app.config, app.env)
  if (!secrets.ok) return secrets
  let keys = await loadPingKeys(app.config.pings, app.env)
  const loadedAt = app.now()
  const standings = openStandings()
  const startedMs = performance.now()
  const says = wish.replaces?.serves?.says
  // What is known from before a restart is told at once.
  const isKnown = await isAnyKnown(app.ledger, Object.keys(app.config.repositories))
  let current = app.config
  let daemon: Daemon | undefined
  let page: HttpServer | undefined
  const pings = openPings(
    () => ({ ...app, config: current, log }),
    keys,
    () => daemon?.wake(),
  )
  const intake = openIntake(
    () => ({ ...app, config: current, log }),
    () => signal.aborted,
    () => daemon?.wakeReceiving(),
  )
  const reloadOnce = async (): Promise<Result<void>> => {
    const loaded = await wish.load()
    const reloaded = loaded.ok ? await answering(app, loaded.value, page, keys) : loaded
    if (loaded.ok && reloaded.ok) {
      current = loaded.value
      keys = reloaded.value
      pings.reconfigure(keys)
      forgetSecrets()
      daemon?.reconfigure(loaded.value, wish.replaces !== undefined)
      log.info({}, 'configuration reloaded')
      complainOfKeys()
      const { listen } = loaded.value.server
      if (listen === app.config.server.listen) return ok(undefined)
      return complained(needsRestart(app.config.server.listen, listen))
    }
    return reloaded.ok ? ok(undefined) : complained(reloaded.problem)
  }
  const complained = (problem: Problem): Result<never> => {
    daemon?.complain(problem)
    const prefix = says === undefined ? '' : `${says.badReload}: `
    log.error({}, `${prefix}${problem.message} ${problem.next}`)
    return fail(problem)
  }
  /** Some of the file is not in force, and that is said as long as it is so. */
  const complainOfKeys = (): void => {
    for (const one of keys.unusable) {
      const problem = unheard([one])
      log.error({ job: one.name }, `${problem?.message} ${problem?.next}`)
    }
    const problem = unheard(keys.unusable)
    if (problem !== undefined) daemon?.complain(problem)
  }
  // One after the other: the last to ask has the last word.
  let turn: Promise<unknown> = Promise.resolve()
  const reload = (): Promise<Result<void>> => {
    const mine = turn.then(reloadOnce)
    turn = mine.catch(() => undefined)
    return mine
  }
  const readNow = (): void => {
    if (says !== undefined && daemon?.isCollecting() === true) log.error({}, says.busy)
    else daemon?.readNow()
  }
  // Before anything is waited for: an unhandled HUP would end the process.
  process.on('SIGHUP', () => void reload().catch((error: unknown) => log.error({ error }, 'the reload failed')))
  process.on('SIGUSR1', readNow)
  const source: HttpSource = {
    standing: () => daemon?.standing() ?? standings.whole(app, { configLoadedAt: loadedAt }),
    figures: () => daemon?.figures() ?? standings.figures(app, { configLoadedAt: loadedAt }),
    runs: (filter) => app.ledger.runs(filter),
    snapshots: (repository) => app.ledger.snapshots(repository),
    diagnoses: (most) => app.ledger.diagnoses({ most }),
    deliveries: (most) => app.ledger.deliveries({ most }),
    incidents: () => app.ledger.incidents({ closedSince: new Date(app.now().getTime() - weekMs) }),
    isReady: () => daemon?.isReady() === true,
    reload,
    readNow,
    ping: (request) => pings.take(request),
    knowsPing: pings.knows,
    // A reload may switch it on.
    get takeAlerts() {
      return current.inbox === undefined ? undefined : intake.take
    },
    collectedAt: () => lastCollection(app.ledger),
    hasCollected: (at) =>
      wish.replaces === undefined || isKnown || at !== undefined || performance.now() - startedMs > startLimitMs,
    ...(wish.exactUrls === true && { urlOf: ({ name, location }) => current.repositories[name]?.url ?? location }),
  }
  // The page first: a port that is taken is told before any work begins.
  const http = await openHttp(
    {
      listen: app.config.server.listen,
      hosts: app.config.server.hosts,
      ...secrets.value,
      maxSeries: app.config.metrics.maxSeries,
      metricsOnly: wish.metricsOnly === true,
      alertsOnly: wish.alertsOnly === true,
      ...(wish.replaces && { replaces: wish.replaces.system }),
    },
    source,
    log,
  )
  if (!http.ok) return http
  page = http.value
  const compat = await openCompat(wish.compat ?? [], source, log)
  if (!compat.ok) {
    await page.close()
    return compat
  }
  await wish.first?.(http.value.url)
  // What is known already is told before anything new is looked for.
  await standings
    .figures(app, { configLoadedAt: loadedAt })
    .catch((error: unknown) => log.error({ error }, 'how everything stands cannot be gathered yet'))
  stayLean()
  daemon = startDaemon({ ...app, config: current, log }, signal, { standings, isKnown, pings, intake })
  complainOfKeys()
  return ok({ daemon, http: http.value, compat: compat.value })
}

/** Opens all of them, or none. */
async function openCompat(
  wanted: readonly CompatListen[],
  source: HttpSource,
  log: Log,
): Promise<Result<readonly HttpServer[]>> {
  const open: HttpServer[] = []
  for (const { listen, system } of wanted) {
    const settings = { listen, hosts: [], users: new Map(), tokens: [], maxSeries: 0, only: system }
    const one = await openHttp(settings, source, log)
    if (!one.ok) {
      await Promise.all(open.map((server) => server.close()))
      return one
    }
    open.push(one.value)
    log.info({ listen }, `--compat-listen: ${listen} answers whoever asks, without a login, and only with ${system}`)
  }
  return ok(open)
}

/**
 * Puts the logins and names of a new configuration in force. All secrets are loaded first: where one cannot be had, nothing changes. A key
 * that could not be used before holds up nothing.
 */
async function answering(
  app: OpenApp,
  { server, inbox, pings }: Config,
  page: HttpServer | undefined,
  before: PingKeys,
): Promise<Result<PingKeys>> {
  const secrets = await loadServerSecrets({ server, inbox }, app.env)
  if (!secrets.ok) return secrets
  const keys = await loadPingKeys(pings, app.env)
  const worse = keys.unusable.find(({ name }) => before.unusable.every((one) => one.name !== name))
  if (worse !== undefined)
    return fail({ ...worse.problem, message: `pings.${worse.name}.key: ${worse.problem.message}` })
  const answers = page?.reconfigure({ hosts: server.hosts, ...secrets.value }) ?? ok(undefined)
  return answers.ok ? ok(keys) : answers
}

const needsRestart = (now: string, wanted: string): Problem => ({
  code: 'config.needs-restart',
  message: `The configuration was reloaded, but the page still listens on ${now}; server.listen is ${wanted} now.`,
  next: 'Restart `muster serve`, or put the old value back.',
  retry: 'never',
})
