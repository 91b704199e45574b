/** NethServer 8 as a whole: an alert that is looked into, and backups that fail without one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app/context.ts'
import { startDiagnosing } from '../../src/app/diagnosing/diagnosing.ts'
import { standingOf } from '../../src/app/standing.ts'
import type { Diagnosis } from '../../src/model/diagnosis.ts'
import { followNs8 } from '../../src/sources/platforms/ns8/index.ts'
import { askAbout } from '../diagnosing/ask.ts'
import { makeApp, openedLedger } from '../notify/app.ts'
import { makePlace, type Place } from '../real/place.ts'
import { type RealRedis, startRedis } from '../real/redis.ts'
import { tcpStandIn } from '../real/tcp-stand-in.ts'
import { until } from '../real/wait.ts'
import { type Modules, makeModules, removePacks } from './modules.ts'

let place: Place
let redis: RealRedis
let modules: Modules
let app: App & AsyncDisposable

beforeAll(async () => {
  place = makePlace()
  redis = await startRedis()
  modules = await makeModules(place)
  modules.add('mail1')
  modules.add('nextcloud1', removePacks)
  const ledger = await openedLedger(place.at('state'))
  const text = JSON.stringify({
    ns8: { redis: { url: redis.url, password: 'canary-of-redis' }, runagent: modules.runagent },
    diagnose: { wait: '0s', probe: { check: true } },
    notify: { mail: { kind: 'email', to: ['ops@example.com'] } },
  })
  await redis.run('ACL', 'SETUSER', 'default', '>canary-of-redis')
  const env = { ...process.env, MUSTER_STATE: place.at('state') }
  app = { ...makeApp(text, ledger), env, [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose]() }
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await redis[Symbol.asyncDispose]()
  place[Symbol.dispose]()
})

const write = (mail: number, nextcloud: number): Promise<void> => {
  // After whatever was looked into before.
  const end = Math.ceil(app.now().getTime() / 1000) + 1
  const start = end - 60
  const json = (errors: number): string => JSON.stringify({ start, end, errors })
  return redis.fill({
    'cluster/module_node': { mail1: '1', nextcloud1: '1' },
    'cluster/backup/1': { name: 'Daily', instances: 'mail1 nextcloud1', enabled: '1' },
    'node/1/backup_status/1': { mail1: json(mail), nextcloud1: json(nextcloud) },
  })
}

const ask = (labels: Record<string, string>): Promise<Diagnosis> => askAbout(app, labels)

describe('an alert of NethServer 8', () => {
  it('comes back with its modules, and what is wrong with the repository of the one that failed', async () => {
    await write(0, 1)
    const done = await ask({ alertname: 'BackupFailed', id: '1', name: 'Daily', node: '1' })
    expect(done.finding).toMatchObject({
      outcome: 'PARTIAL',
      cause: 'tool error',
      plans: [{ id: '1', name: 'Daily' }],
      parts: [
        { name: 'mail1', state: 'ok' },
        { name: 'nextcloud1', state: 'failed', errors: 1 },
      ],
      probes: [{ part: 'nextcloud1', soundness: 'damaged' }],
    })
  })

  it('is a false alarm where everything ended well, and nothing is known where Redis does not tell', async () => {
    await write(0, 0)
    expect((await ask({ alertname: 'BackupFailed', id: '1' })).finding?.outcome).toBe('SUCCESS')
    await redis.run('ACL', 'SETUSER', 'default', 'off')
    const done = await ask({ alertname: 'BackupFailed', id: '1' })
    await redis.run('ACL', 'SETUSER', 'default', 'on')
    expect(done.finding).toMatchObject({ outcome: 'UNKNOWN', parts: [], probes: [] })
    expect(JSON.stringify(done)).not.toContain('canary')
  })
})

describe('an alarm that nobody calls off', () => {
  it('is over when everything ended well since', async () => {
    await write(1, 1)
    await ask({ alertname: 'BackupFailed', id: '1' })
    const open = async (): Promise<number> =>
      (await app.ledger.incidents({})).filter(({ kind }) => kind === 'alert').length
    expect(await open()).toBeGreaterThan(0)
    await write(0, 0)
    const stop = new AbortController()
    const working = diagnosing(stop)
    await until('it is over', async () => (await open()) === 0)
    stop.abort()
    await working
  })
})

const diagnosing = (stop: AbortController): Promise<void> =>
  startDiagnosing(
    () => app,
    () => standingOf(app, { configLoadedAt: app.now() }),
    stop.signal,
    () => {},
  ).done

const event = (id: unknown): string => JSON.stringify({ node_id: 1, module_id: 'mail1', backup_id: id })
const tell = (id: unknown): Promise<unknown> => redis.run('PUBLISH', 'node/1/event/backup-status-changed', event(id))

describe('a backup that fails, and nobody sends an alert', () => {
  it('is looked into all the same; one that ended well is not', async () => {
    const stop = new AbortController()
    const working = diagnosing(stop)
    await write(0, 0)
    await until('it listens', async () => Number(await tell(1)) > 0)
    await write(0, 2)
    await tell(1)
    const waiting = () => app.ledger.diagnoses({ group: 'plan/1', states: ['waiting'], most: 1 })
    await until('it is to be looked into', async () => (await waiting()).length === 1)
    stop.abort()
    await working
  })

  it('is heard of again after Redis was away, with growing pauses; what is no event is none', async () => {
    const stop = new AbortController()
    const heard: string[] = []
    const problems: string[] = []
    await using away = await tcpStandIn(() => ({ last: '' }))
    const target = { redis: { url: away.url, timeout: 1_000 } }
    const following = followNs8(target, (plan) => heard.push(plan), stop.signal, {
      firstPauseMs: 20,
      onProblem: ({ code }) => problems.push(code),
    })
    await until('it tried several times', () => away.connections >= 3)
    expect(new Set(problems)).toEqual(new Set(['ns8.redis-closed']))
    target.redis.url = redis.url
    await redis.run('ACL', 'SETUSER', 'default', 'nopass')
    const hears = async (id: unknown): Promise<boolean> => {
      await tell(id)
      return heard.includes(String(id))
    }
    await until('it listens', () => hears(7))
    for (const odd of ['*', '../1', null, { a: 1 }, -1, 'x'.repeat(5_000)]) await tell(odd)
    await redis.run('PUBLISH', 'module/mail1/event/backup-status-changed', 'no JSON')
    await redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await until('it listens again', () => hears('2'))
    expect([...new Set(heard)]).toEqual(['7', '2'])
    stop.abort()
    await following
  })
})
