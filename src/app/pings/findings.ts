/** What is wrong with the keys that a configuration names, before anything serves it: programs are not asked, and no variable. */
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ConfigFinding } from '../../config/finding.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { loadPingKeys } from './keys.ts'

/**
 * Files and plain texts are looked at; relative paths count from the folder of the configuration. One that cannot be read may be there for
 * the user who serves, and is a warning.
 */
export async function pingKeyFindings({
  file,
  config,
  secretFiles = [],
}: LoadedConfig): Promise<{ readonly errors: readonly ConfigFinding[]; readonly warnings: readonly ConfigFinding[] }> {
  const seen = Object.entries(config?.pings ?? {}).flatMap(([name, ping]) => {
    const { key } = ping
    if (typeof key === 'string') return [[name, ping] as const]
    const path = 'file' in key ? resolve(dirname(file), key.file) : undefined
    return path === undefined || isPipe(path) ? [] : [[name, { ...ping, key: { file: path } }] as const]
  })
  const { unusable } = await loadPingKeys(Object.fromEntries(seen), {})
  const found = unusable.map(({ name, problem: { code, message, next } }) => {
    const path = ['pings', name, 'key']
    const place = secretFiles.find((one) => one.path.join('\n') === path.join('\n'))
    const at = place?.line === undefined ? {} : { line: place.line, ...(place.column && { column: place.column }) }
    return { code, finding: { path, ...at, message, next } }
  })
  const isOf = (wanted: boolean) => found.filter(({ code }) => code.startsWith('ping.') === wanted)
  return {
    errors: isOf(true).map(({ finding }) => finding),
    warnings: isOf(false).map(({ finding }) => finding),
  }
}

/** What is read from it, nobody else gets; and it may be waited for. */
function isPipe(path: string): boolean {
  try {
    return statSync(path).isFIFO()
  } catch {
    return false
  }
}
