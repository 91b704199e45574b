/** Telling a gateway, in the place of a script, that nothing could be started: else it keeps what the run before told. */
import { setTimeout as pause } from 'node:timers/promises'
import { Metrics, type Pushgateway } from '../../config/schema/metrics.ts'
import type { Config } from '../../config/schema.ts'
import type { Schema } from '../../config/schema-walk.ts'
import { fillingOf, groupOf, pathOf } from '../../model/grouping.ts'
import { renderFamilies } from '../../outlets/metrics/exposition.ts'
import { nameSettings } from '../../outlets/metrics/names/settings.generated.ts'
import { linesOf } from '../../outlets/metrics/names/sidecar/index.ts'
import { pushGroup } from '../../outlets/metrics/push/gateway.ts'
import type { Pushed } from '../../outlets/metrics/push/pushed.ts'
import type { ReceiverSettings } from '../../outlets/metrics/push/send.ts'
import { redactor } from '../../system/redact.ts'
import { loadSettings } from '../loaded-settings.ts'

/** With all that is tried again. */
const mostMs = 10_000
/** Between tries, of whoever is told. */
export const pausesMs = [1_000, 3_000]

/** The gateway of a configuration with one job, its group filled in; undefined where it does not have the names of a script. */
export function refusedGateway({ metrics, jobs }: Pick<Config, 'metrics' | 'jobs'>): Pushgateway | undefined {
  const { pushgateway } = metrics
  const [name = '', { tags = [], host } = {}] = Object.entries(jobs)[0] ?? []
  if (pushgateway === undefined || host === undefined) return undefined
  const own = nameSettings.sidecar
  const { job = own.job, instance = own.instance, grouping } = pushgateway
  const filled = groupOf({ job, instance, grouping }, fillingOf({ job: name, tags, host, hostname: host }))
  return { ...pushgateway, job: filled.job, instance: filled.instance }
}

/**
 * Pushes the three lines of a script that failed, without ledger: there may be none. Never throws, and takes ten seconds at most.
 *
 * @param gateway With its group filled in.
 * @param code Exit code of this process.
 */
export async function pushRefused(
  gateway: Pushgateway,
  { code, startedAt, env }: { readonly code: number; readonly startedAt: Date; readonly env: NodeJS.ProcessEnv },
): Promise<Pushed> {
  const loaded = await loadSettings({ env }, Metrics as Schema, { pushgateway: gateway })
  if (!loaded.ok) return { ok: false, problem: loaded.problem, trouble: 'never' }
  const signal = AbortSignal.timeout(mostMs)
  const redact = redactor(loaded.value.secrets)
  const { job = '', instance = '', grouping } = gateway
  const key = pathOf({ job, ...(instance !== '' && { instance }), ...grouping })
  const body = renderFamilies(linesOf(startedAt, new Date(), code), 'prometheus')
  const settings = loaded.value.settings.pushgateway as unknown as ReceiverSettings
  for (let at = 0; ; at += 1) {
    const sent = await pushGroup(settings, { key, method: gateway.method ?? 'post', body }, signal)
    if (sent.ok) return sent
    const pauseMs = pausesMs[at]
    if (sent.trouble === 'never' || signal.aborted || pauseMs === undefined)
      return { ...sent, problem: { ...sent.problem, message: redact(sent.problem.message) } }
    await pause(pauseMs)
  }
}
