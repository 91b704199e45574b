import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Problem } from '../../../model/problem.ts'
import { Secret } from '../../../model/secret.ts'
import { childEnvironment } from '../../../system/environment.ts'
import { type ProcessResult, type ProcessSpec, runProcess } from '../../../system/process.ts'
import { type Redact, redactor } from '../../../system/redact.ts'
import { sshVariables } from '../../rclone/variables.ts'
import { type Called, neverRan } from '../called.ts'
import { findProgram } from '../find-program.ts'
import { prefixOf } from '../prefix.ts'
import type { Limits, OperationIo, RepositoryAccess } from '../tool.ts'
import { serverIn } from '../tool-process.ts'
import { classify } from './classify.ts'
import { destinationOf, remoteVariables, secretsOf, withoutRemote } from './destination.ts'
import { failureText, headline } from './log.ts'
import { type ProblemCode, problem } from './problems.ts'

/** One call of rclone. */
export interface Call {
  /** Command and its arguments. */
  readonly args: readonly string[]
  readonly onLine?: (line: string) => void
  readonly onErrorLine?: (line: string) => void
  readonly maxLineBytes?: number
  readonly progress?: () => number
}

/** Runs rclone: address by environment, password of its configuration by standard input, neither ever by argument. */
export async function callRclone(access: RepositoryAccess, io: OperationIo, call: Call): Promise<Called> {
  const redact = redactorFor(access)
  const prepared = prepare(access, io, call)
  if ('problem' in prepared) return { process: neverRan, text: '', redact, problem: prepared.problem }
  const process = await runProcess(prepared.spec)
  const said = failureText(process.stderrTail)
  const text = withoutRemote(redact(said))
  if (process.ended === 'exited' && process.exitCode === 0) return { process, text, redact }
  // By what it really said: a secret such as "wrong" would black out the words that name the cause.
  return { process, text, redact, problem: problemOf(access, io, process, classify(process, said), text) }
}

function redactorFor(access: RepositoryAccess): Redact {
  return redactor([access.password, ...Object.values(access.environment), ...secretsOf(access.url.reveal())])
}

export const programOf = (access: Pick<RepositoryAccess, 'program'>): string => access.program ?? 'rclone'

function prepare(
  access: RepositoryAccess,
  io: OperationIo,
  call: Call,
): { readonly spec: ProcessSpec } | { readonly problem: Problem } {
  const config = configOf(access)
  if (config !== undefined && !existsSync(config))
    return { problem: problem('rclone.no-config', { repository: access.name, file: config }) }
  const environment = environmentFor(access, io, config)
  const prefix = prefixOf(io.limits)
  for (const name of prefix.programs) {
    // Behind a prefix the system would name the prefix, not what is missing.
    const found = findProgram(name, environment.PATH as string | undefined)
    if (!found.ok) return { problem: problem(`rclone.${found.code}`, { program: name }) }
  }
  const program = findProgram(programOf(access), environment.PATH as string | undefined)
  if (!program.ok) return { problem: problem(`rclone.${program.code}`, { program: programOf(access) }) }
  const [command = program.path, ...args] = [...prefix.args, program.path]
  return {
    spec: {
      command,
      args: [...args, ...call.args.slice(0, 1), ...commonArguments, ...bandwidth(io.limits), ...call.args.slice(1)],
      environment,
      ...(access.password === undefined ? {} : { input: new Secret(`${lineOf(access.password)}\n`) }),
      signal: io.signal,
      ...(io.timeLimitMs === undefined ? {} : { timeLimitMs: io.timeLimitMs }),
      ...(io.stallLimitMs === undefined ? {} : { stallLimitMs: io.stallLimitMs }),
      ...(io.onSpawn === undefined ? {} : { onSpawn: io.onSpawn }),
      ...(call.onLine === undefined ? {} : { onLine: call.onLine }),
      ...(call.onErrorLine === undefined ? {} : { onErrorLine: call.onErrorLine }),
      ...(call.maxLineBytes === undefined ? {} : { maxLineBytes: call.maxLineBytes }),
      ...(call.progress === undefined ? {} : { progress: call.progress }),
    },
  }
}

const lineOf = (password: Secret): string => password.reveal().replace(/\r?\n$/, '')

/** The file that `config` names; absent: rclone looks for its own. */
function configOf(access: RepositoryAccess): string | undefined {
  const { file } = (access.own?.config ?? {}) as { readonly file?: unknown }
  return typeof file === 'string' ? resolve(file) : undefined
}

const commonArguments = ['--use-json-log', '--ask-password=false']

/**
 * In KiB a second, upload before download; rounded up, because 0 would mean no limit. One figure limits all there is, also from
 * disk to disk, where neither is up: what a run downloads beside its upload are listings.
 */
function bandwidth(limits: Limits | undefined): readonly string[] {
  const { uploadBytesPerSecond: up, downloadBytesPerSecond: down } = limits ?? {}
  if (up === undefined && down === undefined) return []
  const say = (bytes: number | undefined): string =>
    bytes === undefined ? 'off' : `${Math.max(1, Math.ceil(bytes / 1024))}K`
  return [down === undefined ? `--bwlimit=${say(up)}` : `--bwlimit=${say(up)}:${say(down)}`]
}

/** Would win over what Muster sets, or let rclone write where nobody looks. */
const ours =
  /^RCLONE_(?:CONFIG|CONFIG_PASS|PASSWORD_COMMAND|CONFIG_MUSTER_DESTINATION_\w+|LOG_\w+|RC\w*|DUMP\w*|VERBOSE)$/

function environmentFor(
  access: RepositoryAccess,
  io: OperationIo,
  config: string | undefined,
): Record<string, string | Secret> {
  const given = Object.fromEntries(Object.entries(access.environment).filter(([name]) => !ours.test(name)))
  return childEnvironment<string | Secret>({
    ...given,
    ...remoteVariables(destinationOf(access.url.reveal())),
    ...(config === undefined ? {} : { RCLONE_CONFIG: config }),
    // rclone hands its own standard input on to the command, so that the password stands in no environment either.
    ...(access.password === undefined ? {} : { RCLONE_PASSWORD_COMMAND: 'cat' }),
    ...(access.cacheDir === undefined ? {} : { RCLONE_CACHE_DIR: access.cacheDir }),
    ...sshVariables(access.ssh),
    ...(io.limits?.cpus === undefined ? {} : { GOMAXPROCS: String(io.limits.cpus) }),
  })
}

function problemOf(
  access: RepositoryAccess,
  io: OperationIo,
  process: ProcessResult,
  code: ProblemCode,
  text: string,
): Problem {
  const limitMs = code === 'rclone.stalled' ? io.stallLimitMs : io.timeLimitMs
  const context = {
    repository: access.name,
    program: programOf(access),
    ...serverIn(access),
    ...(process.exitCode === undefined ? {} : { exitCode: process.exitCode }),
    ...(process.signal === undefined ? {} : { signal: process.signal }),
    ...(process.cause === undefined ? {} : { cause: process.cause }),
    ...(limitMs === undefined ? {} : { limitSeconds: limitMs / 1000 }),
  }
  return problem(code, context, headline(text))
}
