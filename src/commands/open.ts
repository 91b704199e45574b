/** Opens what a command works with: configuration and ledger; tells what is wrong with either. */
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { type App, stateFolder } from '../app/context.ts'
import { openLedger } from '../app/open-ledger.ts'
import { sayFinding } from '../config/finding.ts'
import type { Importer } from '../config/import/importer.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import type { Pushgateway } from '../config/schema/metrics.ts'
import type { Config } from '../config/schema.ts'
import type { Problem } from '../model/problem.ts'
import { type Log, type LogLevel, openLog } from '../system/log.ts'
import { markOf } from '../system/self.ts'
import type { CommonOptions } from './common.ts'
import { exitCodes } from './exit.ts'

/** Ends a command with a message that was told already. */
export class Told extends Error {
  readonly code: number

  constructor(code: number) {
    super('told')
    this.code = code
  }
}

export interface OpenApp extends App, AsyncDisposable {
  readonly file: string
  /** The folder of the ledger. */
  readonly state: string
  readonly importer?: Importer
}

export interface OpenConfig {
  readonly file: string
  readonly config: Config
  /** The program whose configuration it is; absent with a muster.yaml. */
  readonly importer?: Importer
  /** Where metrics and health are served without a login; only from the configuration of another program. */
  readonly bind?: string
  /** How much is told, and where, as that configuration says. */
  readonly log?: { readonly level: LogLevel; readonly file?: string }
}

export type ConfigOptions = Pick<CommonOptions, 'config' | 'from' | 'quiet'> & {
  readonly cron?: string
  readonly serves?: true
  /** Backups were to be made: who is to be told of failures is told that none are. */
  readonly tells?: true
}

/** Reads muster.yaml, or what `--from` names. */
export async function readConfig({
  from,
  config,
  cron,
  serves,
}: ConfigOptions): Promise<
  LoadedConfig & Partial<OpenConfig> & { readonly tell?: Config['notify']; readonly gateway?: Pushgateway }
> {
  if (from === undefined) return loadConfig(config, process.env)
  const { loadForeign } = await import('../config/import/load.ts')
  return loadForeign(from, config, { ...(cron !== undefined && { cron }), ...(serves && { serves }) }, process.env)
}

/** The configuration; what is wrong with it goes to standard error, all at once. @throws Told */
export async function openConfig(options: ConfigOptions): Promise<OpenConfig> {
  const { file, config, importer, bind, log, errors, warnings, tell, gateway } = await readConfig(options)
  for (const warning of options.quiet === true ? [] : warnings)
    process.stderr.write(`warning: ${sayFinding(file, warning)}\n`)
  if (config !== undefined) {
    // Relative paths count from the folder of the file, wherever cron or systemd starts us.
    if (importer?.reads !== 'environment') process.chdir(dirname(file))
    return { file, config, ...(importer && { importer }), ...(bind !== undefined && { bind }), ...(log && { log }) }
  }
  for (const error of errors) process.stderr.write(`${sayFinding(file, error)}\n`)
  if (errors.length > 1) process.stderr.write(`${errors.length} errors; nothing was started.\n`)
  if (options.tells === true) {
    const problem = { message: 'No backup was made: the configuration is wrong.', next: errors[0]?.next ?? '' }
    const lines = errors.map((error) => sayFinding(file, error))
    await tellStart({ notify: tell, gateway, code: exitCodes.usage }, problem, lines)
  }
  throw new Told(exitCodes.usage)
}

interface Hearers {
  readonly notify?: Config['notify'] | undefined
  readonly gateway?: Pushgateway | undefined
  /** With which this process ends. */
  readonly code: number
}

/** Tells those who hear of failures that nothing was started, all at once. */
async function tellStart(
  { notify = {}, gateway, code }: Hearers,
  problem: Pick<Problem, 'message' | 'next'>,
  lines: readonly string[],
): Promise<void> {
  if (Object.keys(notify).length === 0 && gateway === undefined) return
  const { tellRefused } = await import('../app/telling/refused.ts')
  const ended = { code, startedAt: new Date(performance.timeOrigin), env: process.env }
  for (const untold of await tellRefused({ notify, gateway }, problem, lines, ended)) tellProblem(untold)
}

/** @throws Told */
export async function openApp(
  options: CommonOptions & Pick<ConfigOptions, 'tells'>,
  log: Log = openLog(options.logLevel),
): Promise<OpenApp> {
  return openWith(await openConfig(options), log)
}

/** What `openWith` may be asked for beside the usual. */
export interface OpenWish {
  /** Where the ledger is; default: as the configuration says. */
  readonly state?: string
  readonly verifiedLater?: boolean
}

/** @throws Told */
export async function openWith(
  { config, file, importer }: OpenConfig,
  log: Log,
  wish: OpenWish = {},
): Promise<OpenApp> {
  const state = wish.state ?? (await placeOf(config, importer, log))
  const ledger = await openLedger(state, new Date(), wish.verifiedLater === true)
  if (!ledger.ok) {
    tellProblem(ledger.problem)
    // With no ledger there is no outbox.
    if (importer?.isScript === true) {
      const { refusedGateway } = await import('../app/telling/refused-push.ts')
      const hearers = { notify: config.notify, gateway: refusedGateway(config), code: exitCodes.failed }
      await tellStart(hearers, ledger.problem, [ledger.problem.message])
    }
    throw new Told(exitCodes.failed)
  }
  if (ledger.value.degraded !== undefined) tellProblem(ledger.value.degraded)
  return {
    file,
    state,
    config,
    ...(importer && { importer }),
    ledger: ledger.value,
    env: process.env,
    now: () => new Date(),
    log,
    self: markOf(process.pid),
    user: userName(),
    [Symbol.asyncDispose]: () => ledger.value[Symbol.asyncDispose](),
  }
}

/** The state folder. Where the environment is all there is, one that can be written, and a word about one that does not last. */
async function placeOf(config: Config, importer: Importer | undefined, log: Log): Promise<string> {
  if (importer?.reads !== 'environment' || config.state !== undefined) return stateFolder(config.state, process.env)
  const { fleetingState, writableState } = await import('../app/state-place.ts')
  const state = writableState(process.env)
  const warning = fleetingState(state)
  if (warning !== undefined) log.info({ state }, warning)
  return state
}

export function tellProblem(problem: Problem): void {
  process.stderr.write(`${problem.message}\n    → ${problem.next}\n`)
}

/** Names that are not in the configuration end the command. @throws Told */
export function mustKnow(
  kind: 'job' | 'repository' | 'notifier' | 'report',
  names: readonly string[],
  known: readonly string[],
): void {
  const unknown = names.filter((name) => !known.includes(name))
  for (const name of unknown)
    process.stderr.write(`There is no ${kind} ${JSON.stringify(name)}.\n    → Known: ${known.join(', ') || '(none)'}\n`)
  if (unknown.length > 0) throw new Told(exitCodes.usage)
}

/** Runs a command's work; what was told already only sets the exit code. */
export async function ended(work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work()
  } catch (error) {
    if (!(error instanceof Told)) throw error
    process.exitCode = error.code
  }
}

/** npm, a launcher and the sender of a signal to the whole group may each pass the same Ctrl-C on. */
const sameSignalMs = 500

/** Aborted by the first INT or TERM; a second one that is not the same again ends the process at once. */
export function interruptible(): AbortController {
  const controller = new AbortController()
  let firstAt = 0
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const again = controller.signal.aborted
      if (again && performance.now() - firstAt > sameSignalMs) process.exit(exitCodes.interrupted)
      if (!again) firstAt = performance.now()
      controller.abort()
    })
  }
  return controller
}

function userName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}
