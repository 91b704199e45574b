/** Servers that are stopped in the middle: given up after the limit of silence, and good again when they go on. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import { Connections } from '../../src/sources/storage/connections.ts'
import { openStorage } from '../../src/sources/storage/open.ts'
import { makePlace } from '../real/place.ts'
import { until } from '../real/wait.ts'
import { serveRest } from './servers.ts'
import { serveRcloneSftp } from './sftp.ts'

interface Stoppable extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  readonly options?: readonly string[]
}

const threadsOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/task`).map(
    (thread) => /\) (\w)/.exec(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'))?.[1] ?? '',
  )

async function stopped(server: Stoppable, connections?: Connections): Promise<void> {
  const meter = { requests: 0, bytes: 0 }
  const io = { signal: new AbortController().signal, silenceLimitMs: 400, meter, ...(connections && { connections }) }
  const access = { url: new Secret(server.url), environment: {}, options: server.options ?? [] }
  const opened = await openStorage(access, io)
  if (!opened.ok) throw new Error(opened.fault.detail)
  await using storage = opened.value
  expect(await storage.list('keys')).toEqual({ ok: true, value: [] })
  process.kill(server.pid, 'SIGSTOP')
  await until('all its threads to stop', () => threadsOf(server.pid).every((state) => state === 'T'))
  const startedAt = performance.now()
  try {
    expect(await storage.list('keys')).toEqual({
      ok: false,
      fault: { kind: 'unreachable', detail: 'silent for 0.4 s' },
    })
    // Four tries, with pauses of three and a half seconds between them; over shared connections four more until it is alone.
    expect(performance.now() - startedAt).toBeLessThan(25_000)
  } finally {
    process.kill(server.pid, 'SIGCONT')
  }
  expect(await storage.list('keys')).toEqual({ ok: true, value: [] })
}

for (const shared of [false, true])
  it(`rest-server${shared ? ', over shared connections' : ''}`, async () => {
    using place = makePlace()
    mkdirSync(place.at('repository', 'keys'), { recursive: true })
    await using server = await serveRest(place.path)
    await using connections = new Connections()
    await stopped(
      { ...server, url: `rest:http://127.0.0.1:${server.port}/repository` },
      shared ? connections : undefined,
    )
  })

it('rclone serve sftp', async () => {
  using place = makePlace()
  mkdirSync(place.at('repository', 'keys'), { recursive: true })
  await using server = await serveRcloneSftp(place.at('repository'), place.at('keys'))
  await stopped(server)
})
