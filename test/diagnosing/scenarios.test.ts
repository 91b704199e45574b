/** What is found about alerts of a NethServer 8: real Redis in all its shapes, real restic on repositories in every state. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { App } from '../../src/app/context.ts'
import { lookInto } from '../../src/app/diagnosing/diagnosing.ts'
import { standingOf } from '../../src/app/standing.ts'
import type { SortedAlert } from '../../src/model/alert.ts'
import type { Finding } from '../../src/model/diagnosis.ts'
import { makeApp, openedLedger } from '../notify/app.ts'
import { makePlace } from '../real/place.ts'
import { type RealRedis, startRedis } from '../real/redis.ts'
import { makeNode, type Ns8Node } from './node-of-ns8.ts'
import { type ModuleScene, type Scene, scenes } from './scenarios.ts'

const place = makePlace()
const { signal } = new AbortController()
let redis: RealRedis
let node: Ns8Node
let app: App
let close: () => PromiseLike<void>

beforeAll(async () => {
  redis = await startRedis()
  node = await makeNode(place)
  const ledger = await openedLedger(place.at('state'))
  close = () => ledger[Symbol.asyncDispose]()
  app = makeApp(
    JSON.stringify({
      inbox: {},
      ns8: { redis: { url: redis.url, timeout: '3s' }, runagent: node.runagent },
      diagnose: { wait: '0s', probe: { timeout: '3s', atOnce: 2 } },
      notify: { mail: { kind: 'email', to: ['ops@example.com'] } },
    }),
    ledger,
  )
  app = { ...app, env: process.env }
}, 60_000)
afterAll(async () => {
  await close()
  await node[Symbol.asyncDispose]()
  await redis[Symbol.asyncDispose]()
  place[Symbol.dispose]()
})

type Keys = Record<string, Record<string, string> | string[] | string>

/** The same facts as each version writes them. */
function keysOf({ shape, modules, planOff }: Scene, now: Date): Keys {
  const at = ({ ago = 0 }: ModuleScene): Date => new Date(now.getTime() - ago * 60_000)
  const seconds = (scene: ModuleScene): number => Math.floor(at(scene).getTime() / 1000)
  const all = Object.entries(modules)
  const wrote = all.filter(([, { status }]) => status !== 'none')
  if (shape === 'assumed')
    return Object.fromEntries([
      ...wrote.map(([name, scene]) => [
        `module/${name}/backup/1/status`,
        {
          result: scene.status === 'ok' ? 'success' : 'error',
          timestamp: at(scene).toISOString(),
          error: scene.error ?? '',
        },
      ]),
      ...(planOff === true ? [['cluster/backup/1', { name: 'Daily', enabled: '' }]] : []),
    ])
  const plan = { repository: 'u-1', name: 'Daily', schedule: '*-*-* 03:00:00', enabled: planOff === true ? '' : '1' }
  const nodes = Object.fromEntries(all.map(([name, scene]) => [name, scene.node ?? '1']))
  const common: Keys = {
    'cluster/module_node': { traefik1: '1', ...nodes },
    'cluster/backup_repository/u-1': { name: 'box', url: 's3:box', provider: 'generic-s3' },
    ...Object.fromEntries(all.map(([name]) => [`module/${name}/ui_name`, `The ${name}`])),
  }
  const content = (scene: ModuleScene) => ({
    start: seconds(scene) - 60,
    end: seconds(scene),
    errors: scene.status === 'ok' ? 0 : 1,
    total_size: 4053660,
    total_file_count: 21744,
    snapshots_count: 1,
  })
  if (shape === 'module')
    return {
      ...common,
      'cluster/backup/1': plan,
      ...Object.fromEntries(all.map(([name]) => [`module/${name}/backups`, ['1', '2']])),
      ...Object.fromEntries(
        wrote.map(([name, scene]) => [
          `module/${name}/backup_status/1`,
          Object.fromEntries(Object.entries(content(scene)).map(([key, value]) => [key, String(value)])),
        ]),
      ),
    }
  const byNode = Map.groupBy(wrote, ([, scene]) => scene.node ?? '1')
  return {
    ...common,
    'cluster/backup/1': { ...plan, instances: all.map(([name]) => name).join(' ') },
    ...Object.fromEntries(
      [...byNode].map(([name, own]) => [
        `node/${name}/backup_status/1`,
        Object.fromEntries(own.map(([module, scene]) => [module, JSON.stringify(content(scene))])),
      ]),
    ),
  }
}

async function findingFor(scene: Scene, at: number): Promise<Finding> {
  const now = app.now()
  const { labels = scene.shape === 'assumed' ? { backup_id: '1' } : { id: '1', name: 'Daily', node: '1' } } = scene
  await redis.fill(keysOf(scene, now))
  node.set(
    Object.fromEntries(Object.entries(scene.modules).map(([name, { repository }]) => [name, repository ?? 'sound'])),
  )
  const alert: SortedAlert = {
    fingerprint: String(at),
    status: 'firing',
    labels: { alertname: scene.alert ?? (scene.shape === 'assumed' ? 'NsBackupFailed' : 'BackupFailed'), ...labels },
    annotations: {},
    startsAt: now,
    counts: true,
    group: `g${at}`,
    way: 'webhook',
    receivedAt: now,
    truncated: 0,
  }
  await app.ledger.digest({ intakes: [], alerts: [alert], now, waitMs: 0, opensWhenResolved: true })
  const diagnosis = await app.ledger.claimDiagnosis(app.now(), 60_000)
  if (diagnosis === undefined) throw new Error('nothing waits')
  const gone = {
    ...app.config,
    ns8: app.config.ns8 && { ...app.config.ns8, redis: { ...app.config.ns8.redis, url: 'redis://127.0.0.1:1' } },
  }
  const mine = scene.redisGone === true ? { ...app, config: gone } : app
  await lookInto(mine, diagnosis, () => standingOf(app, { configLoadedAt: now }), signal)
  const [done] = await app.ledger.diagnoses({ most: 1 })
  if (done?.finding === undefined) throw new Error('nothing was found')
  return done.finding
}

it(`${scenes.length} of them: outcome and cause are right, and nothing that failed is called fine`, {
  timeout: 300_000,
}, async () => {
  const wrong: string[] = []
  for (const [at, scene] of scenes.entries()) {
    const { outcome, cause, evidence, probes } = await findingFor(scene, at)
    // Never, not once in a hundred.
    if (outcome === 'SUCCESS' || cause === 'false alarm')
      expect([scene.what, scene.outcome]).toEqual([scene.what, 'SUCCESS'])
    if (outcome !== scene.outcome || cause !== scene.cause)
      wrong.push(
        `${scene.shape}: ${scene.what}: ${outcome}, ${cause} (${probes.map(({ soundness, problem }) => `${soundness} ${problem?.message ?? ''}`).join()}; ${evidence[0]?.text})`,
      )
  }
  expect(wrong).toEqual([])
  expect(scenes.length).toBeGreaterThanOrEqual(60)
  const deliveries = await app.ledger.deliveries({ most: 1000 })
  expect(deliveries).toHaveLength(scenes.length)
  expect(JSON.stringify(deliveries)).not.toContain('canary')
})
