/** Asks rclone for its configuration. What it holds of secrets stays in memory, and goes nowhere from here. */
import { z } from 'zod'
import { Secret } from '../../model/secret.ts'
import { childEnvironment } from '../../system/environment.ts'
import { runProcess } from '../../system/process.ts'
import type { RcloneConfig } from './ssh-ends.ts'

/** `{"name": {"type": "sftp", "host": "…"}}`; of newer versions, some values are no texts. */
const Dump = z.record(z.string(), z.record(z.string(), z.unknown()))

const timeLimitMs = 30_000

export interface RcloneProgram {
  readonly program: string
  /** Before the command, such as `--config FILE`. */
  readonly args?: readonly string[]
  readonly environment: Readonly<Record<string, string | Secret>>
  /** Opens an encrypted configuration. */
  readonly password?: Secret
}

/** @returns Nothing where it cannot be had: whoever runs rclone then hears why from rclone itself, and no server is let in. */
export async function loadRcloneConfig(rclone: RcloneProgram, signal: AbortSignal): Promise<RcloneConfig> {
  const lines: string[] = []
  const password = rclone.password?.reveal().replace(/\r?\n$/, '')
  const ended = await runProcess({
    command: rclone.program,
    args: ['config', 'dump', '--ask-password=false', ...(rclone.args ?? [])],
    environment: childEnvironment<string | Secret>({
      ...rclone.environment,
      // rclone hands its own standard input on to the command.
      ...(password !== undefined && { RCLONE_PASSWORD_COMMAND: 'cat' }),
    }),
    ...(password !== undefined && { input: new Secret(`${password}\n`) }),
    signal,
    timeLimitMs,
    onLine: (line) => void lines.push(line),
    maxLineBytes: 1024 * 1024,
  })
  if (ended.ended !== 'exited' || ended.exitCode !== 0) return {}
  return parseDump(lines.join('\n'))
}

export function parseDump(text: string): RcloneConfig {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return {}
  }
  const dump = Dump.safeParse(value)
  if (!dump.success) return {}
  return Object.fromEntries(
    Object.entries(dump.data).map(([name, options]) => [
      name,
      Object.fromEntries(Object.entries(options).map(([key, option]) => [key, String(option)])),
    ]),
  )
}
