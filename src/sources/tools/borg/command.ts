import type { Problem } from '../../../model/problem.ts'
import { Secret } from '../../../model/secret.ts'
import { childEnvironment } from '../../../system/environment.ts'
import { type ProcessResult, type ProcessSpec, runProcess } from '../../../system/process.ts'
import { type Redact, redactor } from '../../../system/redact.ts'
import { withoutAdvice } from '../../ssh-end.ts'
import { type Called as AnyCalled, neverRan } from '../called.ts'
import type { OperationIo, RepositoryAccess } from '../tool.ts'
import { endContext, type Following, followed, locate, serverIn } from '../tool-process.ts'
import { addressOf, localFolder } from './address.ts'
import { classify, failureText, headline, isWarning } from './classify.ts'
import { shellWords } from './command-text.ts'
import { emptyCache } from './empty-cache.ts'
import { holderContext, locksIn } from './locks.ts'
import { type ProblemCode, problem } from './problems.ts'
import { settingsOf } from './settings.ts'
import { sshCause } from './ssh-cause.ts'

/** One call of borg on a repository. */
export interface Call extends Following {
  /** Command and its arguments; `::` and `::name` stand for the repository and an archive in it. */
  readonly args: readonly string[]
  /** Times are printed in UTC, which is what borg 1.x stores; without it they and `{now}` are of the zone of this machine. */
  readonly inUtc?: boolean
  /** It needs no cache, and so waits for nobody who holds that of this machine. */
  readonly withoutCache?: boolean
}

export interface Called extends AnyCalled {
  /** It did its work and warned. */
  readonly warned: boolean
}

/** Runs borg on a repository: address by environment, passphrase by descriptor, never by argument. It is never asked anything. */
export async function callBorg(access: RepositoryAccess, io: OperationIo, call: Call): Promise<Called> {
  const redact = redactorFor(access)
  const { password } = access
  const prepared = prepare(access, io, call)
  if ('problem' in prepared) return { process: neverRan, text: '', redact, problem: prepared.problem, warned: false }
  const process = await runProcess(prepared.spec)
  const text = redact(failureText(process.stderrTail))
  if (process.ended === 'exited' && process.exitCode === 0) return { process, text, redact, warned: false }
  // By what it really said: a passphrase such as "wrong" would black out the words that name the cause.
  const found = classify(process, process.stderrTail)
  const code = found === 'borg.password' && password === undefined ? 'borg.no-password' : found
  const warned = process.ended === 'exited' && isWarning(process.exitCode)
  const cause = code === 'borg.network' && !/^Remote: ssh: /m.test(text) ? await sshCause(access, io) : undefined
  const said = cause === undefined ? text : redact(cause.text)
  return { process, text: said, redact, problem: problemOf(access, io, process, cause?.code ?? code, said), warned }
}

function redactorFor(access: RepositoryAccess): Redact {
  return redactor([access.password, ...Object.values(access.environment)])
}

export const programOf = (access: Pick<RepositoryAccess, 'program'>): string => access.program ?? 'borg'

function prepare(
  access: RepositoryAccess,
  io: OperationIo,
  call: Call,
): { readonly spec: ProcessSpec } | { readonly problem: Problem } {
  const password = access.password?.reveal().replace(/\r?\n$/, '')
  if (password === '' || (password !== undefined && /[\r\n]/.test(password)))
    return { problem: problem('borg.no-password', { repository: access.name }) }
  const environment = environmentFor(access, call)
  const located = locate(programOf(access), io.limits, environment.PATH)
  if (!located.ok) return { problem: problem(`borg.${located.code}`, { program: located.program }) }
  const [verb = '', ...rest] = call.args
  return {
    spec: {
      ...followed(io, call),
      command: located.command,
      args: [...located.args, verb, '--log-json', ...commonArguments(access, io), ...rest],
      environment,
      input: new Secret(`${password ?? ''}\n`),
      // At INT borg 1.2 goes on until it has saved what it has so far, which may take minutes.
      stopSignal: 'SIGTERM',
    },
  }
}

const kibibyte = 1024

function commonArguments(access: RepositoryAccess, io: OperationIo): readonly string[] {
  const { remotePath } = settingsOf(access)
  const up = io.limits?.uploadBytesPerSecond
  return [
    ...(remotePath === undefined ? [] : [`--remote-path=${remotePath}`]),
    // KiB a second; rounded up, because 0 would mean no limit.
    ...(up === undefined ? [] : [`--upload-ratelimit=${Math.max(1, Math.ceil(up / kibibyte))}`]),
  ]
}

const cacheFor = ({ cacheDir }: RepositoryAccess, { withoutCache }: Call): Record<string, string> => {
  const folder = withoutCache === true ? emptyCache() : cacheDir
  return folder === undefined ? {} : { BORG_CACHE_DIR: folder }
}

/** Whatever would win over ours, or make borg ask. */
const ours =
  /^BORG_(?:REPO|PASSPHRASE|PASSCOMMAND|PASSPHRASE_FD|NEW_PASSPHRASE|EXIT_CODES|LOGGING_CONF|.*_IS_OK|.*_DOING)$/

function environmentFor(access: RepositoryAccess, call: Call): Record<string, string | Secret> & { PATH?: string } {
  const own = settingsOf(access)
  const given = Object.fromEntries(Object.entries(access.environment).filter(([name]) => !ours.test(name)))
  return childEnvironment<string | Secret>({
    BORG_RSH: shellWords(access.ssh?.argv ?? ['ssh', '-o', 'BatchMode=yes']),
    ...given,
    BORG_REPO: new Secret(addressOf(access.url.reveal())),
    // Without a passphrase an empty one, which some key files have: else borg would ask.
    BORG_PASSPHRASE_FD: '0',
    // Known to 1.4 and later; before, every warning is 1 and every error 2.
    BORG_EXIT_CODES: 'modern',
    BORG_SHOW_SYSINFO: 'no',
    BORG_RELOCATED_REPO_ACCESS_IS_OK: own.relocated === true ? 'yes' : 'no',
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: own.unencrypted === true ? 'yes' : 'no',
    BORG_CHECK_I_KNOW_WHAT_I_AM_DOING: 'NO',
    BORG_DELETE_I_KNOW_WHAT_I_AM_DOING: 'NO',
    ...(own.baseDir === undefined ? {} : { BORG_BASE_DIR: own.baseDir }),
    ...cacheFor(access, call),
    ...(own.keyFile === undefined ? {} : { BORG_KEY_FILE: own.keyFile }),
    ...(call.inUtc === true ? { TZ: 'UTC' } : {}),
  }) as Record<string, string | Secret> & { PATH?: string }
}

function problemOf(
  access: RepositoryAccess,
  io: OperationIo,
  process: ProcessResult,
  code: ProblemCode,
  text: string,
): Problem {
  const holder = code === 'borg.locked' ? holderIn(localFolder(access.url.reveal())) : {}
  const context = {
    repository: access.name,
    program: programOf(access),
    ...serverIn(access),
    ...endContext(process, io, code === 'borg.stalled'),
    ...holder,
  }
  const whose =
    holder.holderPid === undefined ? '' : ` It is held by process ${holder.holderPid} on ${holder.holderHost}.`
  return problem(code, context, headline(withoutAdvice(text)) + whose)
}

/** borg does not say who holds the lock; its files do, where they can be seen. */
function holderIn(folder: string | undefined): Record<string, string | number> {
  const [lock] =
    folder === undefined ? [] : locksIn(folder).toSorted((a, b) => Number(b.exclusive) - Number(a.exclusive))
  return lock === undefined ? {} : holderContext(lock, new Date())
}
