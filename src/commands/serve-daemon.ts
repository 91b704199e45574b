/** `muster serve`: the daemon with its page, its signals and its reloads. */
import { type Daemon, startDaemon } from '../app/daemon.ts'
import { loadServerSecrets } from '../app/server-secrets.ts'
import { openStandings } from '../app/standing/keeper.ts'
import { sayFinding } from '../config/finding.ts'
import { loadConfig } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import { openHttp } from '../outlets/http/server.ts'
import type { HttpServer } from '../outlets/http/types.ts'
import { openJsonLog } from '../system/json-log.ts'
import { type Log, openLog } from '../system/log.ts'
import { preferSmallHeap } from '../system/memory.ts'
import { exitCodes } from './exit.ts'
import { interruptible, type OpenApp, openConfig, openWith, tellProblem } from './open.ts'
import type { ServeOptions } from './serve.ts'

export async function serve(options: ServeOptions): Promise<number> {
  const level = options.logLevel === 'warn' ? 'info' : options.logLevel
  const log = process.stderr.isTTY === true ? openLog(level) : openJsonLog(level)
  const { file, config } = openConfig(options)
  const listening = (given: Config): Config =>
    options.listen === undefined ? given : { ...given, server: { ...given.server, listen: options.listen } }
  await using app = await openWith(listening(config), file, log)
  const stop = interruptible()
  const served = await serveApp(app, log, stop.signal, () => {
    const loaded = reloaded(file)
    return loaded.ok ? ok(listening(loaded.value)) : loaded
  })
  if (!served.ok) {
    tellProblem(served.problem)
    return exitCodes.failed
  }
  if (options.quiet !== true)
    process.stdout.write(
      `Muster ${served.value.http.url}  (metrics at ${served.value.http.url}metrics; Ctrl-C ends it)\n`,
    )
  await served.value.daemon.done
  await served.value.http.close()
  return exitCodes.fine
}

/**
 * Starts page and daemon over an open app; the caller awaits `daemon.done`, then closes `http`.
 * @param first Done after the page is up and before any schedule runs.
 */
export async function serveApp(
  app: OpenApp,
  log: Log,
  signal: AbortSignal,
  load: () => Result<OpenApp['config']>,
  first: (url: string) => Promise<void> = async () => {},
): Promise<Result<{ daemon: Daemon; http: HttpServer }>> {
  const secrets = await loadServerSecrets(app.config.server, app.env)
  if (!secrets.ok) return secrets
  const loadedAt = app.now()
  const standings = openStandings()
  // The page first: a port that is taken is told before any work begins.
  let daemon: Daemon | undefined
  let page: HttpServer | undefined
  const reloadOnce = async (): Promise<Result<void>> => {
    const reloaded = await putInForce(app, load(), daemon, page)
    if (reloaded.ok) {
      log.info({}, 'configuration reloaded')
      return reloaded
    }
    daemon?.complain(reloaded.problem)
    log.error({}, `${reloaded.problem.message} ${reloaded.problem.next}`)
    return reloaded
  }
  // One after the other: the last to ask has the last word.
  let turn: Promise<unknown> = Promise.resolve()
  const reload = (): Promise<Result<void>> => {
    const mine = turn.then(reloadOnce)
    turn = mine.catch(() => undefined)
    return mine
  }
  // Before anything is waited for: an unhandled HUP would end the process.
  process.on('SIGHUP', () => void reload().catch((error: unknown) => log.error({ error }, 'the reload failed')))
  process.on('SIGUSR1', () => daemon?.readNow())
  const http = await openHttp(
    {
      listen: app.config.server.listen,
      hosts: app.config.server.hosts,
      ...secrets.value,
      maxSeries: app.config.metrics.maxSeries,
    },
    {
      standing: () => daemon?.standing() ?? standings.whole(app, { configLoadedAt: loadedAt }),
      figures: () => daemon?.figures() ?? standings.figures(app, { configLoadedAt: loadedAt }),
      runs: (filter) => app.ledger.runs(filter),
      snapshots: (repository) => app.ledger.snapshots(repository),
      isReady: () => daemon?.isReady() === true,
      reload,
      readNow: () => daemon?.readNow(),
    },
    log,
  )
  if (!http.ok) return http
  page = http.value
  await first(http.value.url)
  // What is known already is told before anything new is looked for.
  await standings.figures(app, { configLoadedAt: loadedAt })
  preferSmallHeap()
  daemon = startDaemon({ ...app, log }, signal, standings)
  return ok({ daemon, http: http.value })
}

/** @returns Why not all of it holds now. Secrets are loaded first, so that nothing has changed when one cannot be had. */
async function putInForce(
  app: OpenApp,
  config: Result<Config>,
  daemon: Daemon | undefined,
  page: HttpServer | undefined,
): Promise<Result<void>> {
  if (!config.ok) return config
  const secrets = await loadServerSecrets(config.value.server, app.env)
  if (!secrets.ok) return secrets
  const answered = page?.reconfigure({ hosts: config.value.server.hosts, ...secrets.value }) ?? ok(undefined)
  if (!answered.ok) return answered
  daemon?.reconfigure(config.value)
  const { listen } = config.value.server
  return listen === app.config.server.listen ? answered : fail(needsRestart(app.config.server.listen, listen))
}

const needsRestart = (now: string, wanted: string): Problem => ({
  code: 'config.needs-restart',
  message: `The configuration was reloaded, but the page still listens on ${now}; server.listen is ${wanted} now.`,
  next: 'Restart `muster serve`, or put the old value back.',
  retry: 'never',
})

/** The file as it is now. A bad one changes nothing; what is wrong with it is in the problem. */
function reloaded(file: string): Result<OpenApp['config']> {
  const loaded = loadConfig(file, process.env)
  if (loaded.config !== undefined) return ok(loaded.config)
  return fail({
    code: 'config.bad',
    message: `The configuration was not reloaded; the old one stays in force. ${loaded.errors.map((error) => sayFinding(loaded.file, error)).join(' ')}`,
    next: 'Correct the file (muster config check) and reload again.',
    retry: 'never',
  })
}
