import { childEnvironment } from '../../../../system/environment.ts'
import { htmlOf } from '../../html.ts'
import type { Outgoing, SendIo, Sent } from '../../notifier.ts'
import { handOver } from '../../program.ts'
import type { Settings } from './index.ts'
import { senderOf, subjectOf } from './mail.ts'

/** Where the program cannot be started. */
const noNs8 =
  'There is no NethServer 8 on this machine: take ns8 out, or run Muster on a node of it, where runagent is in PATH.'

/**
 * `runagent ns8-sendmail -s SUBJECT -f FROM RECIPIENT`, the body on standard input. It makes the mail itself, of one part, and
 * spoils lists of recipients: it is called once for each. Source: NethServer 8, ns8-core `ns8-sendmail`.
 */
export async function byNs8(settings: Settings, outgoing: Outgoing, io: SendIo): Promise<Sent> {
  let last: Sent = { ok: true, answer: '' }
  const parts = [...(outgoing.parts ?? [])]
  for (const recipient of settings.to) {
    if (parts.includes(recipient)) continue
    const args = ['ns8-sendmail', '-s', subjectOf(outgoing), '-f', senderOf(settings, outgoing), recipient]
    last = await handOver(
      { command: 'runagent', args, environment: childEnvironment({}, io.env), input: htmlOf(outgoing.message) },
      io,
    )
    if (!last.ok && last.trouble === 'never') return { ...last, parts, problem: { ...last.problem, next: noNs8 } }
    if (!last.ok) return { ...last, parts }
    parts.push(recipient)
  }
  return last
}
