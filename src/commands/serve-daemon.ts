/** `muster serve`: the daemon with its page, its signals and its reloads. */
import { isAnyKnown, lastCollection } from '../app/collection.ts'
import { type Daemon, startDaemon } from '../app/daemon.ts'
import { loadServerSecrets } from '../app/server-secrets.ts'
import { standingOf } from '../app/standing.ts'
import { sayFinding } from '../config/finding.ts'
import type { Importer } from '../config/import/importer.ts'
import { forgetSecrets } from '../config/secrets/load.ts'
import { fail, ok, type Result } from '../model/problem.ts'
import { openHttp } from '../outlets/http/server.ts'
import type { HttpServer } from '../outlets/http/types.ts'
import { openJsonLog } from '../system/json-log.ts'
import { type Log, openLog } from '../system/log.ts'
import { exitCodes } from './exit.ts'
import { interruptible, type OpenApp, openConfig, openWith, readConfig, tellProblem } from './open.ts'
import type { ServeOptions } from './serve.ts'

/** What is known is told after so long, even if a server that hangs holds up the first collection. */
const startLimitMs = 60_000

export async function serve(options: ServeOptions): Promise<number> {
  const level = options.logLevel === 'warn' ? 'info' : options.logLevel
  const log = process.stderr.isTTY === true ? openLog(level) : openJsonLog(level)
  const fault = flagFault(options)
  if (fault !== undefined) return refusedFlags(fault)
  const { file, config, importer } = await openConfig(options)
  const strange = (['bind', 'cron'] as const).find(
    (flag) => options[flag] !== undefined && importer?.serves?.flags.includes(flag) !== true,
  )
  if (strange !== undefined) return refusedFlags([`--${strange} is no flag of ${importer?.system}.`, 'Leave it out.'])
  const listen = options.bind ?? options.listen
  await using app = await openWith(
    { ...config, server: { ...config.server, ...(listen !== undefined && { listen }) } },
    file,
    log,
  )
  if (options.bind !== undefined)
    log.info({ listen }, `--bind: ${listen} answers whoever asks, without a login, and only with metrics and health`)
  else if (importer?.serves !== undefined && listen === undefined)
    log.info(
      { listen: config.server.listen },
      `listening on ${config.server.listen} alone; --bind :9121 serves metrics to all`,
    )
  const stop = interruptible()
  const served = await serveApp(app, log, stop.signal, {
    load: () => reloaded(file, importer, options.cron, log),
    ...(importer?.serves && { replaces: importer }),
    metricsOnly: options.bind !== undefined,
    exactUrls: options.compatExact === true,
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

type Fault = readonly [message: string, next: string]

/** Flags that do not go together. */
function flagFault({ from, bind, cron, listen }: ServeOptions): Fault | undefined {
  if (from === undefined && bind !== undefined)
    return ['--bind is a flag of the program that --from replaces.', 'Use --listen, or server.listen in muster.yaml.']
  if (from === undefined && cron !== undefined)
    return ['--cron is a flag of the program that --from replaces.', 'Use read.every of a repository in muster.yaml.']
  if (bind !== undefined && listen !== undefined)
    return ['--bind and --listen say two things.', 'Use --listen for the page, --bind for metrics alone.']
  return undefined
}

function refusedFlags([message, next]: Fault): number {
  process.stderr.write(`${message}\n    → ${next}\n`)
  return exitCodes.usage
}

export interface ServeWish {
  /** The configuration as it is now. */
  load(): Promise<Result<OpenApp['config']>>
  /** Done after the page is up and before any schedule runs. */
  first?(url: string): Promise<void>
  /** The program whose place this takes. */
  readonly replaces?: Importer
  readonly metricsOnly?: boolean
  readonly exactUrls?: boolean
}

/** Starts page and daemon over an open app; the caller awaits `daemon.done`, then closes `http`. */
export async function serveApp(
  app: OpenApp,
  log: Log,
  signal: AbortSignal,
  wish: ServeWish,
): Promise<Result<{ daemon: Daemon; http: HttpServer }>> {
  const secrets = await loadServerSecrets(app.config.server, app.env)
  if (!secrets.ok) return secrets
  const loadedAt = app.now()
  const startedMs = performance.now()
  const says = wish.replaces?.serves?.says
  // What is known from before a restart is told at once.
  const mayTell = wish.replaces === undefined || (await isAnyKnown(app.ledger, Object.keys(app.config.repositories)))
  let current = app.config
  // The page first: a port that is taken is told before any work begins.
  let daemon: Daemon | undefined
  const reload = async (): Promise<Result<void>> => {
    const config = await wish.load()
    if (config.ok) {
      current = config.value
      forgetSecrets()
      daemon?.reconfigure(config.value, wish.replaces !== undefined)
      log.info({}, 'configuration reloaded')
      return ok(undefined)
    }
    daemon?.complain(config.problem)
    const prefix = says === undefined ? '' : `${says.badReload}: `
    log.error({}, `${prefix}${config.problem.message} ${config.problem.next}`)
    return config
  }
  const readNow = (): void => {
    if (says !== undefined && daemon?.isCollecting() === true) log.error({}, says.busy)
    else daemon?.readNow()
  }
  // Before anything is waited for: an unhandled HUP would end the process.
  process.on('SIGHUP', () => void reload())
  process.on('SIGUSR1', readNow)
  const http = await openHttp(
    {
      listen: app.config.server.listen,
      hosts: app.config.server.hosts,
      ...secrets.value,
      maxSeries: app.config.metrics.maxSeries,
      metricsOnly: wish.metricsOnly === true,
      ...(wish.replaces && { replaces: wish.replaces.system }),
    },
    {
      standing: () => (daemon === undefined ? standingOf(app, { configLoadedAt: loadedAt }) : daemon.standing()),
      runs: (filter) => app.ledger.runs(filter),
      snapshots: (repository) => app.ledger.snapshots(repository),
      isReady: () => daemon?.isReady() === true,
      reload,
      readNow,
      collectedAt: () => lastCollection(app.ledger),
      hasCollected: (at) => mayTell || at !== undefined || performance.now() - startedMs > startLimitMs,
      ...(wish.exactUrls === true && { urlOf: ({ name, location }) => current.repositories[name]?.url ?? location }),
    },
    log,
  )
  if (!http.ok) return http
  await wish.first?.(http.value.url)
  daemon = startDaemon({ ...app, config: current, log }, signal)
  return ok({ daemon, http: http.value })
}

/** The file as it is now. A bad one changes nothing; what is wrong with it is in the problem. */
async function reloaded(
  file: string,
  importer: Importer | undefined,
  cron: string | undefined,
  log: Log,
): Promise<Result<OpenApp['config']>> {
  const named = importer === undefined ? { config: file } : { from: `${importer.system}:${file}` }
  const loaded = await readConfig({ ...named, ...(cron !== undefined && { cron }) })
  for (const warning of loaded.warnings) log.warn({}, sayFinding(loaded.file, warning))
  if (loaded.config !== undefined) return ok(loaded.config)
  return fail({
    code: 'config.bad',
    message: `The configuration was not reloaded; the old one stays in force. ${loaded.errors.map((error) => sayFinding(loaded.file, error)).join(' ')}`,
    next: 'Correct the file (muster config check) and reload again.',
    retry: 'never',
  })
}
