/** Shell code in a configuration, where its owner allowed it. */
import { spawnSync } from 'node:child_process'
import type { ConfigFinding } from '../finding.ts'

const timeLimitMs = 10_000
const mostBytes = 64 * 1024

/** What the code prints, its last line ends left out, as `$( )` would have it. */
export function printed(code: string, env: NodeJS.ProcessEnv): string | ConfigFinding {
  const ended = spawnSync('/bin/sh', ['-c', code], {
    env,
    timeout: timeLimitMs,
    maxBuffer: mostBytes,
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  })
  if (ended.status === 0) return ended.stdout.replace(/\n+$/, '')
  const how = ended.status === null ? 'did not end well' : `ended with exit code ${ended.status}`
  return { path: [], message: `its shell code ${how}`, next: 'Run it by hand in sh and see why.' }
}
