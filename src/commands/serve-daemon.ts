/** `muster serve`: flags in, the daemon with its page until it is told to end. */
import { appendFileSync } from 'node:fs'
import { verifySoon } from '../app/verify.ts'
import { sayFinding } from '../config/finding.ts'
import type { Importer } from '../config/import/importer.ts'
import type { Config } from '../config/schema.ts'
import { fail, ok, type Result } from '../model/problem.ts'
import { openJsonLog } from '../system/json-log.ts'
import { type Log, openLog } from '../system/log.ts'
import { parseCompatListen } from './compat-listen.ts'
import { exitCodes } from './exit.ts'
import { interruptible, type OpenConfig, openConfig, openWith, readConfig, tellProblem } from './open.ts'
import { scriptLogLevel } from './script-log.ts'
import type { ServeOptions } from './serve.ts'
import { serveApp } from './serve-app.ts'

export async function serve(options: ServeOptions): Promise<number> {
  // Whoever read the log may go away; backups do not end for that.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const fault = flagFault(options)
  if (fault !== undefined) return refusedFlags(fault)
  const compat = parseCompatListen(options.compatListen)
  if (!compat.ok) return refusedFlags([compat.problem.message, compat.problem.next])
  const opened = await openConfig({ ...options, serves: true, tells: true })
  const { file, config, importer, bind } = opened
  const log = await serveLog(options, opened.log)
  const strange = (['bind', 'cron'] as const).find(
    (flag) => options[flag] !== undefined && importer?.serves?.flags.includes(flag) !== true,
  )
  if (strange !== undefined) return refusedFlags([`--${strange} is no flag of ${importer?.system}.`, 'Leave it out.'])
  const bound = options.bind ?? (options.listen === undefined ? bind : undefined)
  const listen = bound ?? options.listen
  const listening = (given: Config): Config =>
    listen === undefined ? given : { ...given, server: { ...given.server, listen } }
  await using app = await openWith({ file, config: listening(config), ...(importer && { importer }) }, log, {
    verifiedLater: true,
  })
  if (bound !== undefined)
    log.info(
      { listen },
      `${listen} answers whoever asks, without a login, and only ${importer?.serves === undefined ? 'takes alerts' : 'with metrics and health'}`,
    )
  else if (importer?.serves !== undefined && listen === undefined)
    log.info(
      { listen: config.server.listen },
      `listening on ${config.server.listen} alone; --bind :9121 serves metrics to all`,
    )
  const stop = interruptible()
  const served = await serveApp(app, log, stop.signal, {
    load: async () => {
      const loaded = await reloaded(file, importer, options.cron, log)
      return loaded.ok ? ok(listening(loaded.value)) : loaded
    },
    ...(importer?.serves && { replaces: importer }),
    metricsOnly: bound !== undefined && importer?.serves !== undefined,
    alertsOnly: bound !== undefined && importer?.serves === undefined,
    exactUrls: options.compatExact === true,
    compat: compat.value,
  })
  void verifySoon({ ...app, log }, stop.signal)
  if (!served.ok) {
    tellProblem(served.problem)
    return exitCodes.failed
  }
  if (options.quiet !== true)
    process.stdout.write(
      `Muster ${served.value.http.url}  (metrics at ${served.value.http.url}metrics; Ctrl-C ends it)\n`,
    )
  if (options.quiet !== true)
    for (const [at, { system }] of compat.value.entries())
      process.stdout.write(`${system} ${served.value.compat[at]?.url}\n`)
  await served.value.daemon.done
  await Promise.all([served.value.http, ...served.value.compat].map((server) => server.close()))
  return exitCodes.fine
}

/** What `--log-level` says counts before what the file of another program does. */
async function serveLog({ logLevel, from }: ServeOptions, theirs: OpenConfig['log']): Promise<Log> {
  const usual = (await scriptLogLevel(from)) ?? theirs?.level ?? 'info'
  const level = logLevel === 'warn' ? usual : logLevel
  const file = theirs?.file
  // Opened for each line: whoever turns logs over need tell nobody.
  if (file !== undefined) return openJsonLog(level, { write: (text) => appendFileSync(file, text) })
  return process.stderr.isTTY === true ? openLog(level) : openJsonLog(level)
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

/** As `--from` has it. */
const fromOf = ({ system, reads }: Importer, file: string): string => (reads === 'file' ? `${system}:${file}` : system)

/** The file as it is now. A bad one changes nothing; what is wrong with it is in the problem. */
async function reloaded(
  file: string,
  importer: Importer | undefined,
  cron: string | undefined,
  log: Log,
): Promise<Result<Config>> {
  const named = importer === undefined ? { config: file } : { from: fromOf(importer, file), serves: true as const }
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
