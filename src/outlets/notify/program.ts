/** A message handed to a program of the machine or its user. */
import { type ProcessSpec, runProcess } from '../../system/process.ts'
import { oneLine } from '../../system/text.ts'
import type { SendIo, Sent } from './notifier.ts'

/** Exit code 0 means that it was taken. Never throws. */
export async function handOver(
  spec: Pick<ProcessSpec, 'command' | 'args' | 'environment' | 'input'>,
  { signal, timeLimitMs, redact = (text) => text }: SendIo,
): Promise<Sent> {
  const lines: string[] = []
  const onLine = (line: string): void => void lines.push(line)
  const result = await runProcess({ ...spec, signal, timeLimitMs, onLine })
  const said = oneLine(redact([...lines.slice(-3), result.stderrTail].join(' ')).trim()).slice(-300)
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
      message: `The program ${spec.command} ${how}${said === '' ? '' : `: ${said}`}.`,
      next: missing ? 'Correct its path in the configuration.' : 'Run it by hand and look at what it says.',
      retry: missing ? 'never' : 'soon',
    },
  }
}
