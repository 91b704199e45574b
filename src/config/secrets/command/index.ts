import { fail, ok } from '../../../model/problem.ts'
import { Secret } from '../../../model/secret.ts'
import { childEnvironment } from '../../../system/environment.ts'
import { runProcess } from '../../../system/process.ts'
import type { SecretProvider } from '../provider.ts'

const timeLimitMs = 60_000

/** Takes what a program prints as the secret. Neither its output nor its error text is ever repeated (test K11). */
export const provider: SecretProvider<'command'> = {
  kind: 'command',
  async load({ command }, io) {
    const [program = '', ...args] = command
    const lines: string[] = []
    const result = await runProcess({
      command: program,
      args,
      environment: childEnvironment({}, io.env),
      timeLimitMs,
      onLine: (line) => {
        if (lines.length < 100) lines.push(line)
      },
    })
    const text = lines.join('\n').replace(/\n+$/, '')
    if (result.ended === 'exited' && result.exitCode === 0 && text !== '') return ok({ secret: new Secret(text) })
    const what =
      result.ended === 'spawn-failed'
        ? `could not be started (${result.cause ?? 'unknown reason'})`
        : result.ended === 'timed-out'
          ? `gave no answer within ${timeLimitMs / 1000} s`
          : result.exitCode === 0
            ? 'printed nothing'
            : `ended with ${result.exitCode === undefined ? `signal ${result.signal}` : `exit code ${result.exitCode}`}`
    return fail({
      code: 'secret.command',
      message: `The secret command ${program} ${what}.`,
      next: `Run it by hand as the user that runs Muster: ${program} …`,
      retry: 'next-run',
      context: { program },
    })
  },
}
