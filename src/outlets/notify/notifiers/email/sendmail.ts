import { createTransport } from 'nodemailer'
import { childEnvironment } from '../../../../system/environment.ts'
import type { Outgoing, SendIo, Sent } from '../../notifier.ts'
import { handOver } from '../../program.ts'
import type { Settings } from './index.ts'
import { mailOf } from './mail.ts'

/** The whole mail on standard input, recipients in its head. */
export async function bySendmail(
  settings: Settings,
  [command = '', ...args]: readonly string[],
  outgoing: Outgoing,
  io: SendIo,
): Promise<Sent> {
  const writer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  const { message } = await writer.sendMail(mailOf(settings, outgoing))
  return handOver({ command, args, environment: childEnvironment({}, io.env), input: message.toString() }, io)
}
