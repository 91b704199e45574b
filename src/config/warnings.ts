/** What a file may do but had better not. */

import { valueAt } from './explain.ts'
import type { ConfigFinding } from './finding.ts'

/** Secrets written into the file as plain text. */
export function warningsOf(raw: unknown): ConfigFinding[] {
  const found: ConfigFinding[] = []
  const look = (path: (string | number)[]) => {
    if (typeof valueAt(raw, path) !== 'string') return
    found.push({
      path,
      message: 'a secret in plain text: anybody who reads this file has it',
      next: 'Put it into a file of mode 0600 and write { file: PATH } here.',
    })
  }
  for (const [name] of entries(valueAt(raw, ['repositories']))) {
    look(['repositories', name, 'password'])
    for (const [variable] of entries(valueAt(raw, ['repositories', name, 'environment']))) {
      look(['repositories', name, 'environment', variable])
    }
    const url = valueAt(raw, ['repositories', name, 'url'])
    if (typeof url === 'string' && /\/\/[^/@\s]*:[^/@\s]+@/.test(url)) {
      found.push({
        path: ['repositories', name, 'url'],
        message: 'holds a password in plain text',
        next: 'Take it out of the URL and give it under environment, such as RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD.',
      })
    }
  }
  for (const [user] of entries(valueAt(raw, ['server', 'auth', 'users']))) look(['server', 'auth', 'users', user])
  const tokens = valueAt(raw, ['server', 'auth', 'tokens'])
  for (const [at] of entries(tokens)) look(['server', 'auth', 'tokens', Number(at)])
  return found
}

const entries = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : []
