/** Why a connection closed: ssh tells it, but borg ends before it has read that, about as often as not. So ssh is asked again. */
import { childEnvironment } from '../../../system/environment.ts'
import { runProcess } from '../../../system/process.ts'
import type { OperationIo, RepositoryAccess } from '../tool.ts'
import { behindSsh } from './classify.ts'
import type { ProblemCode } from './problems.ts'
import { settingsOf } from './settings.ts'

const timeLimitMs = 15_000

/** @returns What ssh says when it is to start borg on the server, and the code for it; undefined where it says nothing of use. */
export async function sshCause(
  access: RepositoryAccess,
  io: Pick<OperationIo, 'signal'>,
): Promise<{ readonly code: ProblemCode; readonly text: string } | undefined> {
  const target = sshTarget(access.url.reveal())
  const [command, ...options] = access.ssh?.argv ?? ['ssh', '-o', 'BatchMode=yes']
  if (target === undefined || command === undefined || 'BORG_RSH' in access.environment) return undefined
  const port = target.port === undefined ? [] : ['-p', target.port]
  const ended = await runProcess({
    command,
    args: [...options, ...port, target.host, settingsOf(access).remotePath ?? 'borg', '--version'],
    environment: childEnvironment<string>({}),
    signal: io.signal,
    timeLimitMs,
  })
  const code = behindSsh(ended.stderrTail)
  return code === undefined ? undefined : { code, text: ended.stderrTail }
}

/** Host with its user, and port, of `ssh://user@host:port/path` or `user@host:path`. */
export function sshTarget(url: string): { readonly host: string; readonly port?: string } | undefined {
  const [, host, port] = /^ssh:\/\/((?:[^/@]+@)?(?:\[[^\]]+\]|[^/:]+))(?::(\d+))?\//.exec(url) ?? []
  const found = host ?? /^((?:[^/@:]+@)?(?:\[[^\]]+\]|[^/:]+)):(?!\/\/)/.exec(url)?.[1]
  if (found === undefined || found.startsWith('-')) return undefined
  return { host: found.replace(/[[\]]/g, ''), ...(port !== undefined && { port }) }
}
