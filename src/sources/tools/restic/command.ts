import type { Problem } from '../../../model/problem.ts'
import { Secret } from '../../../model/secret.ts'
import { childEnvironment } from '../../../system/environment.ts'
import { type ProcessResult, type ProcessSpec, runProcess } from '../../../system/process.ts'
import { type Redact, redactor } from '../../../system/redact.ts'
import { sshVariables } from '../../rclone/variables.ts'
import { withoutAdvice } from '../../ssh-end.ts'
import { type Called, neverRan } from '../called.ts'
import { isAtLeast } from '../program-file.ts'
import type { OperationIo, RepositoryAccess } from '../tool.ts'
import { endContext, type Following, followed, locate, serverIn } from '../tool-process.ts'
import { classify, failureText, headline, holderOf } from './classify.ts'
import { limitArguments } from './limits.ts'
import { type ProblemCode, problem } from './problems.ts'
import { secretsOf, splitRestUrl } from './rest-url.ts'
import { sftpOptions } from './sftp.ts'
import { sshCause } from './ssh-cause.ts'
import { loadVersion } from './version.ts'

/** One call of restic on a repository. */
export interface Call extends Following {
  /** Command and its arguments. */
  readonly args: readonly string[]
  /** Reports of progress are wanted; without it restic prints none to a pipe. */
  readonly reports?: boolean
}

/** Runs restic on a repository: address by environment, password by standard input, never by argument. */
export async function callRestic(access: RepositoryAccess, io: OperationIo, call: Call): Promise<Called> {
  const redact = redactorFor(access)
  const prepared = await prepare(access, io, call)
  if ('problem' in prepared) return { process: neverRan, text: '', redact, problem: prepared.problem }
  const process = await runProcess(prepared.spec)
  const said = failureText(process.stderrTail)
  const text = redact(said)
  if (process.ended === 'exited' && process.exitCode === 0) return { process, text, redact }
  // By what it really said: a password such as "wrong" would black out the words that name the cause.
  const code = classify(process, said)
  const cause = code === 'restic.network' && process.ended === 'exited' ? await sshCause(access, io) : undefined
  if (cause === undefined) return { process, text, redact, problem: problemOf(access, io, process, code, text) }
  const told = redact(cause.text)
  return { process, text: told, redact, problem: problemOf(access, io, process, cause.code, told) }
}

function redactorFor(access: RepositoryAccess): Redact {
  return redactor([access.password, ...Object.values(access.environment), ...secretsOf(access.url.reveal())])
}

export const programOf = (access: Pick<RepositoryAccess, 'program'>): string => access.program ?? 'restic'

async function prepare(
  access: RepositoryAccess,
  io: OperationIo,
  call: Call,
): Promise<{ readonly spec: ProcessSpec } | { readonly problem: Problem }> {
  const password = access.password?.reveal().replace(/\r?\n$/, '') ?? ''
  if (password === '' || /[\r\n]/.test(password))
    return { problem: problem('restic.no-password', { repository: access.name }) }
  const environment = await environmentFor(access, io, call)
  const located = locate(programOf(access), io.limits, environment.PATH)
  if (!located.ok) return { problem: problem(`restic.${located.code}`, { program: located.program }) }
  const options = await optionsFor(access, io)
  return {
    spec: {
      ...followed(io, call),
      command: located.command,
      args: [...located.args, ...call.args.slice(0, 1), ...commonArguments(options, io), ...call.args.slice(1)],
      environment,
      input: new Secret(`${password}\n`),
    },
  }
}

/** Versions before 0.17 may have no arguments for ssh: they are given the whole command. */
async function optionsFor(access: RepositoryAccess, io: OperationIo): Promise<readonly string[]> {
  if (access.ssh === undefined) return access.options
  const version = await loadVersion(programOf(access), io)
  return sftpOptions(access.url.reveal(), access.options, access.ssh, version.ok && isAtLeast(version.value, '0.17.0'))
}

function commonArguments(options: readonly string[], io: OperationIo): readonly string[] {
  return [...options.map((option) => `--option=${option}`), ...limitArguments(io.limits)]
}

/** Other ways to name repository or password would win over ours, or make restic refuse. */
const ours = ['RESTIC_REPOSITORY_FILE', 'RESTIC_PASSWORD', 'RESTIC_PASSWORD_FILE', 'RESTIC_PASSWORD_COMMAND']

async function environmentFor(
  access: RepositoryAccess,
  io: OperationIo,
  call: Call,
): Promise<Record<string, string | Secret> & { PATH?: string }> {
  const given = Object.fromEntries(Object.entries(access.environment).filter(([name]) => !ours.includes(name)))
  return childEnvironment({
    ...given,
    ...(await repositoryVariables(access, io)),
    ...(access.ssh?.own === undefined ? {} : sshVariables(access.ssh)),
    ...(access.cacheDir === undefined ? {} : { RESTIC_CACHE_DIR: access.cacheDir }),
    ...(io.limits?.cpus === undefined ? {} : { GOMAXPROCS: String(io.limits.cpus) }),
    ...(call.reports ? { RESTIC_PROGRESS_FPS: io.live ? '4' : '1' } : {}),
  })
}

/** 0.16.1 and later take the credentials of a `rest:` address apart from it, so that no message can show them. */
async function repositoryVariables(access: RepositoryAccess, io: OperationIo): Promise<Record<string, Secret>> {
  const split = splitRestUrl(access.url.reveal())
  const version = split.username === undefined ? undefined : await loadVersion(programOf(access), io)
  if (version === undefined || !version.ok || !isAtLeast(version.value, '0.16.1'))
    return { RESTIC_REPOSITORY: access.url }
  return {
    RESTIC_REPOSITORY: new Secret(split.url),
    RESTIC_REST_USERNAME: new Secret(split.username ?? ''),
    ...(split.password === undefined ? {} : { RESTIC_REST_PASSWORD: new Secret(split.password) }),
  }
}

function problemOf(
  access: RepositoryAccess,
  io: OperationIo,
  process: ProcessResult,
  code: ProblemCode,
  text: string,
): Problem {
  const context = {
    repository: access.name,
    program: programOf(access),
    ...serverIn(access),
    ...endContext(process, io, code === 'restic.stalled'),
    ...(code === 'restic.locked' ? holderOf(text) : {}),
  }
  return problem(code, context, headline(withoutAdvice(text)))
}
