/** Runs the program as a user does, from source. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const main = join(import.meta.dirname, '../../src/main.ts')

export interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export function muster(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; node?: readonly string[] } = {},
): Said {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', ...options.env }
  const { status, stdout, stderr } = spawnSync(process.execPath, [...(options.node ?? []), main, ...args], {
    cwd: options.cwd ?? '/',
    env,
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { code: status, out: stdout, err: stderr }
}
