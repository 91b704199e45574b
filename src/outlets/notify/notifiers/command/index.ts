/** A program of the user, with the message on its standard input. */
import { childEnvironment } from '../../../../system/environment.ts'
import type { Notifier } from '../../notifier.ts'
import { handOver } from '../../program.ts'
import { textOf } from '../../words.ts'

interface Settings {
  readonly run: readonly string[]
  readonly format: 'text' | 'json'
}

export const notifier: Notifier<Settings> = {
  kind: 'command',
  send: ({ run: [command = '', ...args], format }, { id, message }, io) =>
    handOver(
      {
        command,
        args,
        environment: childEnvironment(
          { MUSTER_DELIVERY_ID: id, MUSTER_TITLE: message.title, MUSTER_SEVERITY: message.severity },
          io.env,
        ),
        input: format === 'json' ? JSON.stringify({ id, ...message }) : `${message.title}\n\n${textOf(message)}\n`,
      },
      io,
    ),
}
