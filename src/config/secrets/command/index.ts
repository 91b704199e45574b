import { fail, ok } from '../../../model/problem.ts'
import { Secret } from '../../../model/secret.ts'
import { childEnvironment } from '../../../system/environment.ts'
import { type ProcessResult, runProcess } from '../../../system/process.ts'
import type { SecretProvider } from '../provider.ts'

/** A secret is at most this long; a program that prints more is the wrong one, and is ended. */
const maxCharacters = 64 * 1024

/** Takes what a program prints as the secret. Neither its output nor its error text is ever repeated. */
export const commandProvider = (timeLimitMs: number): SecretProvider<'command'> => ({
  kind: 'command',
  async load({ command }, io) {
    const [program = '', ...args] = command
    const lines: string[] = []
    let length = 0
    const enough = new AbortController()
    const result = await runProcess({
      command: program,
      args,
      environment: childEnvironment({}, io.env),
      timeLimitMs,
      graceMs: 2_000,
      signal: enough.signal,
      onLine: (line) => {
        length += line.length + 1
        if (length > maxCharacters) enough.abort()
        else lines.push(line)
      },
    })
    const text = lines.join('\n').replace(/\n+$/, '')
    const good = result.ended === 'exited' && result.exitCode === 0 && !enough.signal.aborted
    if (good && text !== '') return ok({ secret: new Secret(text) })
    const what = enough.signal.aborted
      ? `printed too much; a secret has at most ${maxCharacters} characters`
      : howItEnded(result, timeLimitMs)
    return fail({
      code: 'secret.command',
      message: `The secret command ${program} ${what}.`,
      next: `Run it by hand as the user that runs Muster: ${program} …`,
      retry: 'next-run',
      context: { program },
    })
  },
})

function howItEnded(result: ProcessResult, timeLimitMs: number): string {
  if (result.ended === 'spawn-failed') return `could not be started (${result.cause ?? 'unknown reason'})`
  if (result.ended === 'timed-out') return `gave no answer within ${timeLimitMs / 1000} s`
  if (result.exitCode === 0) return 'printed nothing'
  return `ended with ${result.exitCode === undefined ? `signal ${result.signal}` : `exit code ${result.exitCode}`}`
}

export const provider = commandProvider(60_000)
