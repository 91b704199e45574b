import type { LogLevel } from '../system/log.ts'

/** How much is told in the place of a script: what it told, and with `DEBUG=true` all. Undefined where `--from` names no script. */
export async function scriptLogLevel(from: string | undefined): Promise<LogLevel | undefined> {
  if (from === undefined) return undefined
  const { importerOf } = await import('../config/import/load.ts')
  if (importerOf(from.split(':')[0] ?? '')?.isScript !== true) return undefined
  return process.env.DEBUG === 'true' ? 'debug' : 'info'
}
