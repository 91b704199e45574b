/** An open server over a hand-built standing. */

import { ok } from '../../src/model/problem.ts'
import type { Standing } from '../../src/model/standing.ts'
import { openHttp } from '../../src/outlets/http/server.ts'
import type { HttpServer, HttpSettings, HttpSource } from '../../src/outlets/http/types.ts'
import { openLog } from '../../src/system/log.ts'
import { makeDelivery, makeDiagnosis, makeIncident, makeRun, makeSnapshots, now } from './standings.ts'

export const openSettings: HttpSettings = {
  listen: '127.0.0.1:0',
  hosts: [],
  users: new Map(),
  tokens: [],
  maxSeries: 2000,
}

export const sourceOf = (standing: Standing, rest: Partial<HttpSource> = {}): HttpSource => ({
  standing: async () => standing,
  figures: rest.standing ?? (async () => standing),
  runs: async ({ job = 'documents', most }) =>
    Array.from({ length: Math.min(most, 3) }, (_, at) => makeRun({ id: `run-${at}`, job })),
  snapshots: async () => makeSnapshots(12),
  diagnoses: async () => [makeDiagnosis()],
  deliveries: async () => [makeDelivery({ refusals: 1, parts: ['1/2'] })],
  takeAlerts: async () => ({ state: 'kept', alerts: 0 }),
  incidents: async () => [makeIncident(), makeIncident({ number: 2, closedAt: now })],
  isReady: () => true,
  reload: async () => ok(undefined),
  readNow: () => {},
  ping: async () => ({ state: 'taken' }),
  knowsPing: () => true,
  ...rest,
})

export type Serving = HttpServer & AsyncDisposable

/** A server on a free port, closed by `await using`. */
export async function serving(source: HttpSource, settings: Partial<HttpSettings> = {}): Promise<Serving> {
  const opened = await openHttp({ ...openSettings, ...settings }, source, openLog('silent'))
  if (!opened.ok) throw new Error(opened.problem.message)
  return { ...opened.value, [Symbol.asyncDispose]: opened.value.close }
}
