/** Connections that repositories share: what one of them does must not hurt the others, nor what stands between. */
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ReaderMemory } from '../../src/sources/readers/restic/index.ts'
import { Connections } from '../../src/sources/storage/connections.ts'
import { openDelayProxy } from '../real/delay-proxy.ts'
import { accessTo, causeOf, goodReading } from './reading.ts'

/** Each has a snapshot of its own, so that an answer that belongs to another shows. */
const idOf = (name: string): string => hash('sha256', name, 'hex')
const names = Array.from({ length: 40 }, (_, at) => `r${at}`)
const known = [...names, 'hangs', 'denied'].map(idOf)
const listing = (path: string): string =>
  path.endsWith('/snapshots/') ? JSON.stringify([idOf(path.split('/')[1] ?? '')]) : '[]'

async function withServer<T>(
  server: Server,
  work: (url: (name: string) => string, memory: ReaderMemory) => Promise<T>,
) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => sockets.add(socket))
  await using connections = new Connections()
  try {
    const { port } = server.address() as AddressInfo
    return await work((name) => `rest:http://127.0.0.1:${port}/${name}/`, new ReaderMemory(connections))
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

let hanging = false
const cancelling = () => {
  const controller = new AbortController()
  return { signal: controller.signal, cancel: () => controller.abort() }
}
const serving = (before: RequestListener = () => {}): RequestListener => {
  return (request, response) => {
    before(request, response)
    const hangs = hanging && request.url?.startsWith('/hangs/') === true
    if (!response.writableEnded && !hangs) response.end(listing(request.url ?? ''))
  }
}

describe('repositories on one server', () => {
  it('share a few connections', async () => {
    let connected = 0
    const server = createServer(serving()).on('connection', () => {
      connected += 1
    })
    await withServer(server, async (url, memory) => {
      for (let round = 0; round < 3; round += 1) {
        const read = await Promise.all(names.map((name) => goodReading(accessTo(url(name)), { known, memory })))
        expect(read.every(({ requests }) => requests === 2)).toBe(true)
        // The first time each has to prove itself on a connection of its own.
        if (round === 0) connected = 0
      }
      expect(connected).toBeLessThanOrEqual(8)
    })
  })

  it('are not held up by one that hangs: moments at first, then not at all', async () => {
    await withServer(createServer(serving()), async (url, memory) => {
      const others = () => Promise.all(names.map((name) => goodReading(accessTo(url(name)), { known, memory })))
      await goodReading(accessTo(url('hangs')), { known, memory })
      await others()
      hanging = true
      const { signal, ...controller } = cancelling()
      const hangs = causeOf(accessTo(url('hangs')), { known, memory, signal })
      let startedAt = performance.now()
      await others()
      expect(performance.now() - startedAt).toBeLessThan(12_000)
      startedAt = performance.now()
      const hangsAgain = causeOf(accessTo(url('hangs')), { known, memory, signal })
      await others()
      expect(performance.now() - startedAt).toBeLessThan(1_500)
      controller.cancel()
      expect(await Promise.all([hangs, hangsAgain])).toEqual(['restic.interrupted', 'restic.interrupted'])
      hanging = false
    })
  })

  it('are asked again when a server closes after each answer', async () => {
    const closes: RequestListener = (_, response) => void response.setHeader('connection', 'close')
    await withServer(createServer(serving(closes)), async (url, memory) => {
      await Promise.all(names.map((name) => goodReading(accessTo(url(name)), { known, memory })))
    })
  })

  it('are read right where something between loses what is pipelined, and soon one after the other', async () => {
    // Answers one question of each packet, whatever else is in it.
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        const path = /^GET (\S+)/.exec(chunk.toString('latin1'))?.[1] ?? ''
        const body = listing(path)
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
      })
    })
    await withServer(server, async (url, memory) => {
      const all = async (): Promise<void> => {
        const read = names.map((name) => goodReading(accessTo(url(name)), { known, memory }))
        expect((await Promise.all(read)).map(({ snapshotIds }) => snapshotIds)).toEqual(
          names.map((name) => [idOf(name)]),
        )
      }
      await all()
      await all()
      await all()
      const startedAt = performance.now()
      await all()
      expect(performance.now() - startedAt).toBeLessThan(1_500)
    })
  }, 60_000)

  it('fail as ever: by status, without a server, cancelled', async () => {
    const denied: RequestListener = (request, response) => {
      if (request.url?.startsWith('/denied/')) response.writeHead(401).end()
    }
    await withServer(createServer(serving(denied)), async (url, memory) => {
      expect(await causeOf(accessTo(url('denied')), { known, memory })).toBe('restic.denied')
      expect(await causeOf(accessTo('rest:http://127.0.0.1:1/'), { known, memory })).toBe('restic.network')
      const signal = AbortSignal.abort()
      expect(await causeOf(accessTo(url('r1')), { known, memory, signal })).toBe('restic.interrupted')
    })
  })
})

describe('a slow line', () => {
  it('costs one round trip where nothing is new', async () => {
    const server = createServer(serving())
    await withServer(server, async (url, memory) => {
      const delayMs = 50
      await using line = await openDelayProxy((server.address() as AddressInfo).port, delayMs)
      const access = accessTo(url('r1').replace(/:\d+\//, `:${line.port}/`))
      await goodReading(access, { known, memory })
      const tookMs: number[] = []
      for (let round = 0; round < 3; round += 1) {
        const startedAt = performance.now()
        await goodReading(access, { known, memory })
        tookMs.push(performance.now() - startedAt)
      }
      // Two would take 200.
      expect(Math.min(...tookMs)).toBeLessThan(1.9 * 2 * delayMs)
    })
  })
})
