/** All that `/metrics` tells, for a receiver of OTLP. */
import type { Standing } from '../../model/standing.ts'
import type { Family } from '../../outlets/metrics/family.ts'
import { partsOf } from '../../outlets/metrics/parts.ts'
import { merged } from '../../outlets/metrics/push/merge.ts'
import { otlpBody } from '../../outlets/metrics/push/otlp.ts'
import { ownFamilies } from '../../outlets/metrics/render.ts'
import { sections } from '../../outlets/metrics/sections.ts'
import type { App } from '../context.ts'

export async function otlpOf(app: App, standing: Standing): Promise<Uint8Array> {
  // Counters go on over restarts; since when they do nobody noted before it was first asked here.
  const { since } = await app.ledger.scheduleMark('otlp', app.now())
  const { maxSeries } = app.config.metrics
  const parts = partsOf(standing)
  // Of itself it could only tell that it is on its way.
  const pushes = (standing.pushes ?? []).filter(({ target }) => target !== 'otlp')
  const lists: (readonly Family[])[] = [ownFamilies({ ...standing, pushes })]
  for (const { steps } of sections) for (const part of parts) lists.push(...steps(part, maxSeries))
  return otlpBody(merged(lists), { version: standing.version, host: app.self.host, now: app.now(), since })
}
