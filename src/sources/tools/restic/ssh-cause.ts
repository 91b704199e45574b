/** Why a connection closed: ssh tells it, but restic may end before it has passed that on. So ssh is asked again. */
import { childEnvironment } from '../../../system/environment.ts'
import { runProcess } from '../../../system/process.ts'
import { toArguments } from '../../../system/ssh/place.ts'
import type { OperationIo, RepositoryAccess } from '../tool.ts'
import { classify, failureText } from './classify.ts'
import type { ProblemCode } from './problems.ts'
import { sshPlace } from './sftp.ts'

const timeLimitMs = 15_000
/** What only ssh can tell. */
const telling: readonly ProblemCode[] = ['restic.host-key', 'restic.denied']

/** @returns What ssh says when it is to start SFTP on the server, and the code for it; undefined where it says nothing of use. */
export async function sshCause(
  access: RepositoryAccess,
  io: Pick<OperationIo, 'signal'>,
): Promise<{ readonly code: ProblemCode; readonly text: string } | undefined> {
  const [command, ...options] = access.ssh?.argv ?? []
  const place = sshPlace(access.url.reveal(), access.options)
  if (command === undefined || place === undefined) return undefined
  const ended = await runProcess({
    command,
    args: [...options, ...toArguments(place), '-s', 'sftp'],
    environment: childEnvironment<string>({}),
    signal: io.signal,
    timeLimitMs,
  })
  const text = failureText(ended.stderrTail)
  const code = classify(ended, text)
  return telling.includes(code) ? { code, text } : undefined
}
