/** Keys and deadlines of backups that other programs run. */
import type { Finding } from '../../model/finding.ts'
import type { App } from '../context.ts'
import { loadPingKeys } from '../pings/keys.ts'
import { error, fine, warning } from './findings.ts'

export async function examinePings({ config, env }: App): Promise<readonly Finding[]> {
  const pings = Object.entries(config.pings)
  if (pings.length === 0) return []
  const keys = await loadPingKeys(config.pings, env)
  const endless = pings.filter(([, { schedule, maxAge }]) => schedule === undefined && maxAge === undefined)
  return [
    keys.ok
      ? fine('pings', `${pings.length} key${pings.length === 1 ? '' : 's'} there, each of its own`)
      : error('pings', keys.problem.message, keys.problem.next, keys.problem.code),
    ...endless.map(([name]) =>
      warning(
        `job ${name}`,
        'has neither schedule nor maxAge: nobody notices when it stops',
        `Add schedule: or maxAge: to pings.${name}.`,
      ),
    ),
  ]
}
