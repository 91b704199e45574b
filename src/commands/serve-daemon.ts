/** `muster serve`: the daemon with its page, its signals and its reloads. */
import { type Daemon, startDaemon } from '../app/daemon.ts'
import { loadServerSecrets } from '../app/server-secrets.ts'
import { openStandings } from '../app/standing/keeper.ts'
import { verifySoon } from '../app/verify.ts'
import { sayFinding } from '../config/finding.ts'
import { loadConfig } from '../config/load.ts'
import { fail, ok, type Result } from '../model/problem.ts'
import { openHttp } from '../outlets/http/server.ts'
import type { HttpServer } from '../outlets/http/types.ts'
import { openJsonLog } from '../system/json-log.ts'
import { type Log, openLog } from '../system/log.ts'
import { stayLean } from '../system/memory.ts'
import { exitCodes } from './exit.ts'
import { interruptible, type OpenApp, openConfig, openWith, tellProblem } from './open.ts'
import type { ServeOptions } from './serve.ts'

export async function serve(options: ServeOptions): Promise<number> {
  const level = options.logLevel === 'warn' ? 'info' : options.logLevel
  const log = process.stderr.isTTY === true ? openLog(level) : openJsonLog(level)
  const { file, config } = openConfig(options)
  await using app = await openWith(
    { ...config, server: { ...config.server, ...(options.listen !== undefined && { listen: options.listen }) } },
    file,
    log,
    undefined,
    true,
  )
  const stop = interruptible()
  const served = await serveApp(app, log, stop.signal, () => reloaded(file))
  void verifySoon({ ...app, log }, stop.signal)
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
  const reload = (): Result<void> => {
    const config = load()
    if (config.ok) {
      daemon?.reconfigure(config.value)
      log.info({}, 'configuration reloaded')
      return ok(undefined)
    }
    daemon?.complain(config.problem)
    log.error({}, `${config.problem.message} ${config.problem.next}`)
    return config
  }
  // Before anything is waited for: an unhandled HUP would end the process.
  process.on('SIGHUP', () => void reload())
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
      reload: async () => reload(),
      readNow: () => daemon?.readNow(),
    },
    log,
  )
  if (!http.ok) return http
  await first(http.value.url)
  // What is known already is told before anything new is looked for.
  await standings
    .figures(app, { configLoadedAt: loadedAt })
    .catch((error: unknown) => log.error({ error }, 'how everything stands cannot be gathered yet'))
  stayLean()
  daemon = startDaemon({ ...app, log }, signal, standings)
  return ok({ daemon, http: http.value })
}

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
