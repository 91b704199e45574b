/** Files that hold secrets and that others may use: looked at by their mode alone, nothing is read. */
import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ConfigFinding } from './finding.ts'
import type { LoadedConfig } from './load.ts'

/** Relative paths count from the folder of the configuration. One that is not there is told when it is needed. */
export function secretFileWarnings({ file: config, secretFiles = [] }: LoadedConfig): ConfigFinding[] {
  return secretFiles.flatMap(({ file, ...place }) => {
    const secret = resolve(dirname(config), file)
    const mode = statSync(secret, { throwIfNoEntry: false })?.mode ?? 0
    if ((mode & 0o077) === 0) return []
    const who = (mode & 0o007) !== 0 ? 'everybody on this machine' : 'its group'
    const octal = (mode & 0o777).toString(8).padStart(4, '0')
    return [{ ...place, message: `${secret} may be used by ${who} (mode ${octal})`, next: `chmod 600 ${secret}` }]
  })
}
