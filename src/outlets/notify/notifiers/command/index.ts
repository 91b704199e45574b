/** A program of the user, with the message on its standard input. */
import { childEnvironment } from '../../../../system/environment.ts'
import { runProcess } from '../../../../system/process.ts'
import { oneLine } from '../../../../system/text.ts'
import type { Notifier } from '../../notifier.ts'
import { textOf } from '../../words.ts'

interface Settings {
  readonly run: readonly string[]
  readonly format: 'text' | 'json'
}

export const notifier: Notifier<Settings> = {
  kind: 'command',
  async send({ run: [command = '', ...args], format }, { id, message }, io) {
    const lines: string[] = []
    const result = await runProcess({
      command,
      args,
      environment: childEnvironment(
        { MUSTER_DELIVERY_ID: id, MUSTER_TITLE: message.title, MUSTER_SEVERITY: message.severity },
        io.env,
      ),
      input: format === 'json' ? JSON.stringify({ id, ...message }) : `${message.title}\n\n${textOf(message)}\n`,
      signal: io.signal,
      timeLimitMs: io.timeLimitMs,
      onLine: (line) => lines.push(line),
    })
    const said = oneLine([...lines.slice(-3), result.stderrTail].join(' ').trim()).slice(-300)
    if (result.ended === 'exited' && result.exitCode === 0) return { ok: true, answer: said || 'exit code 0' }
    const missing = result.ended === 'spawn-failed'
    const how = missing
      ? `cannot be started: ${result.cause}`
      : result.exitCode === undefined
        ? `was ended (${result.ended})`
        : `ended with ${result.exitCode}`
    return {
      ok: false,
      trouble: missing ? 'never' : 'later',
      answer: said,
      problem: {
        code: 'notify.command',
        message: `The program ${command} ${how}${said === '' ? '' : `: ${said}`}.`,
        next: missing ? 'Correct its path in the configuration.' : 'Run it by hand and look at what it says.',
        retry: missing ? 'never' : 'soon',
      },
    }
  },
}
