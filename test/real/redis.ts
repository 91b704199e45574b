/** A real Redis of its own, as NethServer 8 sets one up: anybody may read, nobody but the administrator write. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createClient } from '@redis/client'
import { freePort } from '../readers/servers.ts'
import { makePlace } from './place.ts'
import { program } from './programs.ts'
import { until } from './wait.ts'

export interface RealRedis extends AsyncDisposable {
  readonly url: string
  readonly socket: string
  /** As the administrator. */
  run(...command: string[]): Promise<unknown>
  /** Empties it, and sets hashes (objects), sets (lists) and texts. */
  fill(keys: Readonly<Record<string, Readonly<Record<string, string>> | readonly string[] | string>>): Promise<void>
  /** What came from others while it lasted, a line each. */
  monitored<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly commands: readonly string[][] }>
}

const admin = 'PASSWORD-of-the-administrator'

export async function startRedis(): Promise<RealRedis> {
  const place = makePlace()
  const port = await freePort()
  const socket = place.at('redis.sock')
  const server = spawn(
    program('redis-server'),
    ['--port', String(port), '--bind', '127.0.0.1', '--unixsocket', socket, '--dir', place.path, '--save', ''],
    { stdio: 'ignore' },
  )
  const url = `redis://127.0.0.1:${port}`
  const client = createClient({ url, RESP: 2, socket: { reconnectStrategy: () => 50 } })
  client.on('error', () => {})
  await client.connect()
  await client.sendCommand(['ACL', 'SETUSER', 'admin', 'on', `>${admin}`, '~*', '&*', '+@all'])
  await client.sendCommand(['AUTH', 'admin', admin])
  // Source: ns8-core, the rights of its user `default`.
  await client.sendCommand(
    [
      'ACL',
      'SETUSER',
      'default',
      'on',
      'nopass',
      'resetkeys',
      '~cluster/*',
      '~node/*',
      '~module/*',
      'allchannels',
      '-@all',
    ].concat(['+@read', '+@connection', '+subscribe', '+psubscribe']),
  )
  const run = (...command: string[]): Promise<unknown> => client.sendCommand(command)
  return {
    url,
    socket,
    run,
    fill: async (keys) => {
      await run('FLUSHALL')
      for (const [key, value] of Object.entries(keys)) {
        if (typeof value === 'string') await run('SET', key, value)
        else if (Array.isArray(value)) await run('SADD', key, ...value)
        else await run('HSET', key, ...Object.entries(value).flat())
      }
    },
    monitored: async (work) => {
      const monitor = client.duplicate({ username: 'admin', password: admin })
      monitor.on('error', () => {})
      await monitor.connect()
      const lines: string[] = []
      await monitor.monitor((line) => lines.push(String(line)))
      const result = await work()
      await run('ECHO', 'done')
      await until('MONITOR has seen it all', () => lines.some((line) => /"ECHO" "done"$/.test(line)))
      monitor.destroy()
      const commands = lines.map((line) => [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) => word ?? ''))
      return { result, commands: commands.filter(([name]) => name !== 'ECHO') }
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      const gone = once(server, 'exit')
      server.kill('SIGKILL')
      await gone
      place[Symbol.dispose]()
    },
  }
}
