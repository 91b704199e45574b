/** Keys and deadlines of backups that other programs run. */
import type { Finding } from '../../model/finding.ts'
import type { App } from '../context.ts'
import { loadPingKeys } from '../pings/keys.ts'
import { error, fine, warning } from './findings.ts'

export async function examinePings({ config, env }: App): Promise<readonly Finding[]> {
  const pings = Object.entries(config.pings)
  if (pings.length === 0) return []
  const { unusable } = await loadPingKeys(config.pings, env)
  const endless = pings.filter(([, { schedule, maxAge }]) => schedule === undefined && maxAge === undefined)
  return [
    ...(unusable.length === 0
      ? [fine('pings', `${pings.length} key${pings.length === 1 ? '' : 's'} there, each of its own`)]
      : unusable.map(({ name, problem: { message, next, code } }) =>
          error(`job ${name}`, `nobody can tell of it: ${message}`, next, code),
        )),
    ...endless.map(([name]) =>
      warning(
        `job ${name}`,
        'has neither schedule nor maxAge: nobody notices when it stops',
        `Add schedule: or maxAge: to pings.${name}.`,
      ),
    ),
  ]
}
