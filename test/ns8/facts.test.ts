import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import { ns8Facts } from '../../src/sources/platforms/ns8/facts.ts'
import { readCommands } from '../../src/sources/platforms/ns8/redis.ts'
import type { Ns8Settings } from '../../src/sources/platforms/ns8/settings.ts'
import { deep } from '../real/deep.ts'
import { type RealRedis, startRedis } from '../real/redis.ts'
import { tcpStandIn } from '../real/tcp-stand-in.ts'

let redis: RealRedis
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis[Symbol.asyncDispose]())

const now = new Date('2026-11-25T12:00:00Z')
const seconds = (agoS: number): number => now.getTime() / 1000 - agoS
const iso = (agoS: number): string => new Date(now.getTime() - agoS * 1000).toISOString()
const ask = (
  ids: readonly string[],
  settings: Partial<Ns8Settings['redis']> = {},
  signal: AbortSignal = new AbortController().signal,
) =>
  ns8Facts({ ids, now, recentWindowMs: 3_600_000 }, { redis: { url: redis.url, timeout: 5_000, ...settings } }, signal)

const cluster = {
  'cluster/module_node': { mail1: '1', nextcloud1: '2', samba1: '2', traefik1: '1' },
  'module/mail1/ui_name': 'Mail of the house',
  'cluster/backup_repository/48ce000a': {
    url: 's3:https://KEY:SECRET-of-s3@s3.example.com/bucket',
    name: 'S3',
    provider: 'generic-s3',
    password: 'SECRET-of-restic',
  },
  'cluster/backup_sequence': '2',
}
const plan = { repository: '48ce000a', name: 'Daily', schedule: '*-*-* 02:00:00', enabled: '1', retention: '7' }
const shapes = {
  upTo319: {
    ...cluster,
    'cluster/backup/1': plan,
    'module/mail1/backups': ['1', '2'],
    'module/nextcloud1/backups': ['1'],
    'module/samba1/backups': ['1'],
    'module/traefik1/backups': ['2'],
    'module/mail1/backup_status/1': { errors: '0', start: String(seconds(120)), end: String(seconds(60)) },
    'module/nextcloud1/backup_status/1': { errors: '1', start: String(seconds(120)), end: String(seconds(30)) },
  },
  from320: {
    ...cluster,
    'cluster/backup/1': { ...plan, instances: 'mail1 nextcloud1 samba1 removed9' },
    'node/1/backup_status/1': { mail1: JSON.stringify({ errors: 0, start: seconds(120), end: seconds(60) }) },
    'node/2/backup_status/1': { nextcloud1: JSON.stringify({ errors: 1, start: seconds(120), end: seconds(30) }) },
  },
  monitor: {
    'cluster/backup/1/status': { result: 'error', timestamp: iso(20) },
    'module/mail1/backup/1/status': { result: 'success', timestamp: iso(60) },
    'module/nextcloud1/backup/1/status': { result: 'error', timestamp: iso(30), error: 'Fatal: no space left' },
  },
}

describe('a real Redis, as anybody on a node may ask it', () => {
  it.each(['upTo319', 'from320'] as const)(
    '%s: each module of the plan, with its name, node and destination',
    async (shape) => {
      await redis.fill(shapes[shape])
      const facts = await ask(['1'])
      expect(facts.problem).toBeUndefined()
      expect(facts.plans).toEqual([
        {
          id: '1',
          name: 'Daily',
          schedule: '*-*-* 02:00:00',
          enabled: true,
          repository: 's3:https://s3.example.com/bucket',
        },
      ])
      expect(facts.parts.map(({ name, title, node, state }) => [name, title, node, state])).toEqual([
        ['mail1', 'Mail of the house', '1', 'ok'],
        ['nextcloud1', undefined, '2', 'failed'],
        ['samba1', undefined, '2', 'missing'],
      ])
      expect(facts.parts[1]?.at).toEqual(new Date(now.getTime() - 30_000))
      expect(JSON.stringify(facts)).not.toContain('SECRET')
      expect((await ask([])).parts).toEqual(facts.parts)
    },
  )

  it('the keys of ns8-backup-monitor, by the socket', async () => {
    await redis.fill(shapes.monitor)
    const facts = await ask(['1'], { url: undefined, socket: redis.socket })
    expect(facts.parts.map(({ name, state, message }) => [name, state, message])).toEqual([
      ['mail1', 'ok', undefined],
      ['nextcloud1', 'failed', 'Fatal: no space left'],
    ])
  })

  it('all of them at once: the newest of each module counts', async () => {
    await redis.fill({
      ...shapes.upTo319,
      ...shapes.from320,
      'module/nextcloud1/backup/1/status': { result: 'success', timestamp: iso(5) },
    })
    const facts = await ask(['1'])
    expect(facts.parts.map(({ name, state }) => [name, state])).toEqual([
      ['mail1', 'ok'],
      ['nextcloud1', 'ok'],
      ['samba1', 'missing'],
    ])
    expect(facts.notes.join('\n')).toMatch(/nextcloud1 has 3 statuses/)
  })

  it('says that there is nothing recent', async () => {
    await redis.fill({ 'module/mail1/backup_status/1': { errors: '0', end: String(seconds(90_000)) } })
    expect(await ask([])).toEqual({ plans: [], parts: [], notes: ['No recent backup status keys found in Redis'] })
  })

  it('with a user of its own', async () => {
    await redis.fill(shapes.from320)
    await redis.run(
      'ACL',
      'SETUSER',
      'muster',
      'on',
      '>PASSWORD-of-muster',
      '~cluster/*',
      '~node/*',
      '+@read',
      '+@connection',
    )
    const facts = await ask(['1'], { user: 'muster', password: new Secret('PASSWORD-of-muster') })
    // What only adorns it may be closed.
    expect(facts.problem).toBeUndefined()
    expect(facts.parts.map(({ state }) => state)).toEqual(['ok', 'failed', 'missing'])
    expect(facts.notes.join('\n')).toMatch(/ui_name could not be read: NOPERM/)
  })
})

describe('a Redis that does not tell: unknown, neither success nor a fault of anybody', () => {
  /** What a fault leaves: never a success of everything, never a part that is missing or failed by it. */
  const expectUnknown = (facts: Awaited<ReturnType<typeof ask>>, code: string): void => {
    expect(facts.problem?.code).toBe(code)
    expect(facts.problem?.next).not.toBe('')
    expect(facts.parts.filter(({ state }) => state === 'missing')).toEqual([])
  }

  it('absent, as a port and as a socket', async () => {
    expectUnknown(await ask(['1'], { url: 'redis://127.0.0.1:1' }), 'ns8.redis-unreachable')
    expectUnknown(await ask(['1'], { url: undefined, socket: `${redis.socket}.gone` }), 'ns8.redis-unreachable')
  })

  it('slow: paused, and silent from the first command on', async () => {
    await redis.fill(shapes.from320)
    const slow = redis.run('CLIENT', 'PAUSE', '600', 'ALL')
    const began = performance.now()
    expectUnknown(await ask(['1'], { timeout: 200 }), 'ns8.redis-slow')
    expect(performance.now() - began).toBeLessThan(600)
    await slow
    await using silent = await tcpStandIn(() => undefined)
    expectUnknown(
      await ask(['1'], { url: silent.url, timeout: 200, user: 'x', password: new Secret('y') }),
      'ns8.redis-slow',
    )
  })

  it('wrong type: the others are told all the same', async () => {
    await redis.fill({ ...shapes.upTo319, 'module/nextcloud1/backup_status/1': 'no hash' })
    const facts = await ask(['1'])
    expectUnknown(facts, 'ns8.redis-type')
    expect(facts.parts.map(({ name, state }) => [name, state])).toEqual([
      ['mail1', 'ok'],
      ['nextcloud1', 'unknown'],
      ['samba1', 'unknown'],
    ])
    expect(facts.problem?.message).toMatch(/module\/nextcloud1\/backup_status\/1/)
  })

  it('LOADING, READONLY, MASTERDOWN and no Redis at all (a stand-in says so)', async () => {
    for (const [said, code] of [
      ['-LOADING Redis is loading the dataset in memory', 'ns8.redis-loading'],
      ["-READONLY You can't write against a read only replica.", 'ns8.redis-readonly'],
      ["-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'ns8.redis-readonly'],
      ['HTTP/1.1 400 Bad Request', 'ns8.redis-refused'],
      [':1', 'ns8.redis-refused'],
    ] as const) {
      await using loading = await tcpStandIn(() => `${said}\r\n`)
      expectUnknown(await ask(['1'], { url: loading.url, timeout: 500 }), code)
      expect(loading.connections).toBe(1)
    }
  })

  it('login refused', async () => {
    const facts = await ask(['1'], { user: 'muster', password: new Secret('wrong-PASSWORD') })
    expectUnknown(facts, 'ns8.redis-login')
    expect(JSON.stringify(facts)).not.toContain('wrong-PASSWORD')
    await redis.run('ACL', 'SETUSER', 'default', 'off')
    expectUnknown(await ask(['1']), 'ns8.redis-login')
    await redis.run('ACL', 'SETUSER', 'default', 'on')
  })

  it('keys that are not to be read', async () => {
    await redis.fill(shapes.from320)
    await redis.run('ACL', 'SETUSER', 'narrow', 'on', 'nopass', '~cluster/*', '+@read', '+@connection')
    expectUnknown(await ask(['1'], { user: 'narrow', password: new Secret('x') }), 'ns8.redis-denied')
  })

  it('closed in the middle of an answer (a stand-in does)', async () => {
    await using closing = await tcpStandIn((command) =>
      command.startsWith('SCAN')
        ? '*2\r\n$1\r\n0\r\n*1\r\n$28\r\nmodule/mail1/backup_status/1\r\n'
        : { last: '$100\r\nhalf of' },
    )
    const facts = await ask(['1'], { url: closing.url })
    expectUnknown(facts, 'ns8.redis-closed')
    expect(closing.connections).toBe(1)
    expect(facts.parts.map(({ name, state }) => [name, state])).toEqual([['mail1', 'unknown']])
  })

  it('values and hashes beyond all reason are not fetched', async () => {
    await redis.fill(shapes.from320)
    await redis.run('HSET', 'node/2/backup_status/1', 'nextcloud1', 'x'.repeat(70_000))
    await redis.run('HSET', 'module/mail1/backup_status/1', ...Array.from({ length: 20_002 }, (_, at) => `f${at}`))
    const { result: facts, commands } = await redis.monitored(() => ask(['1']))
    expectUnknown(facts, 'ns8.redis-too-large')
    expect(facts.parts.map(({ name, state }) => [name, state])).toContainEqual(['nextcloud1', 'unknown'])
    expect(commands.filter(([name, key]) => name === 'HMGET' && key === 'node/2/backup_status/1')).toEqual([])
    expect(commands.filter(([name, key]) => name === 'HMGET' && key === 'module/mail1/backup_status/1')).toEqual([])
  })

  it('the largest value that Redis takes costs neither time nor memory', async () => {
    await redis.fill(shapes.from320)
    const before = process.memoryUsage().rss
    const bytes = deep ? 512 * 1024 ** 2 : 300e6
    await redis.run('SETRANGE', 'module/mail1/ui_name', String(bytes - 1), 'x')
    const facts = await ask(['1'])
    expect(facts.problem).toBeUndefined()
    expect(facts.notes.join('\n')).toMatch(new RegExp(`ui_name could not be read: .*${bytes} bytes`))
    expect(process.memoryUsage().rss - before).toBeLessThan(bytes / 2)
    await redis.run('DEL', 'module/mail1/ui_name')
  })
})

describe('ids from labels', () => {
  it('are no ids unless they are plain, and nothing else is ever sent, nor anything but what reads', async () => {
    await redis.fill(shapes.from320)
    const odd = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
      fc.constantFrom(
        '*',
        '[a-z]',
        '1\r\nFLUSHALL\r\n',
        '../1',
        '1 2',
        '-rf',
        '?',
        '1/status',
        'é',
        '\0',
        'x'.repeat(1 << 20),
      ),
    )
    const runs = deep ? 10_000 : 300
    const { result, commands } = await redis.monitored(async () => {
      for (const ids of fc.sample(fc.array(odd, { minLength: 1, maxLength: 50 }), runs / 25)) await ask(ids)
      return ask(['*', '1'])
    })
    expect(result.parts.map(({ name }) => name)).toEqual(['mail1', 'nextcloud1', 'samba1'])
    expect(result.notes.join('\n')).toMatch(/no id of a plan: \*/)
    const [asked, others] = [new Set<string>(), new Set<string>()]
    for (const [name = '', ...args] of commands) {
      asked.add(name)
      const key = name === 'MEMORY' ? args[1] : args[0]
      const isPlain =
        name === 'SCAN' ? /^\d+$/.test(args[0] ?? '') && args[2] === '*/backup*' : /^[\w/-]{1,150}$/.test(key ?? '')
      if (!isPlain || !(readCommands as readonly string[]).includes(name)) others.add([name, ...args].join(' '))
    }
    expect([...others]).toEqual([])
    expect(asked.size).toBeGreaterThan(5)
  })

  it('where none of them is one, what ended lately is told, and that nobody knows whether it is about that', async () => {
    const facts = await ask(['*'])
    expect(facts.problem?.code).toBe('ns8.plan-id')
    expect(facts.parts).toHaveLength(3)
  })

  it('nothing that reads is called that Redis itself has among what writes', async () => {
    const writing = (await redis.run('ACL', 'CAT', 'write')) as string[]
    expect(writing.filter((name) => readCommands.some((one) => one.toLowerCase() === name.split('|')[0]))).toEqual([])
  })
})
