/** Files that hold secrets and that others may use, and files that are not there: nothing is read. */
import { existsSync, statSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import type { ConfigFinding } from './finding.ts'
import type { LoadedConfig } from './load.ts'

/** Relative paths count from the folder of the configuration. One that is not there is told when it is needed. */
export function secretFileWarnings({
  file: config,
  secretFiles = [],
  authorityFiles = [],
}: LoadedConfig): ConfigFinding[] {
  const open = secretFiles.flatMap(({ file, ...place }) => {
    const secret = resolve(dirname(config), file)
    const mode = statSync(secret, { throwIfNoEntry: false })?.mode ?? 0
    if ((mode & 0o077) === 0) return []
    const who = (mode & 0o007) !== 0 ? 'everybody on this machine' : 'its group'
    const octal = (mode & 0o777).toString(8).padStart(4, '0')
    return [{ ...place, message: `${secret} may be used by ${who} (mode ${octal})`, next: `chmod 600 ${secret}` }]
  })
  // A relative one counts from the folder of whoever runs Muster, which may be another one than here.
  const missing = authorityFiles
    .filter(({ file }) => isAbsolute(file) && !existsSync(file))
    .map(({ file, ...place }) => ({
      ...place,
      message: `there is no file ${file} that this user can see, and without it nothing is sent`,
      next: 'Put the certificates of the authority there, or correct the path.',
    }))
  return [...open, ...missing]
}
