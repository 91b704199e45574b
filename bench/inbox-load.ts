/** Posts bodies of alerts over kept connections as fast as they are answered: forked, so that nobody's time is its time. */
import { connect, type Socket } from 'node:net'

export interface LoadWish {
  readonly port: number
  readonly path: string
  readonly shape: 'webhook' | 'api'
  /** Alerts in a body. */
  readonly each: number
  readonly connections: number
  readonly seconds: number
  /** Of the first body; every alert of all bodies is another one. */
  readonly first: number
}

export interface LoadAnswer {
  readonly seconds: number
  readonly statuses: Readonly<Record<string, number>>
  /** Milliseconds of each request that was answered 2xx. */
  readonly ms: readonly number[]
  /** Numbers of bodies that were answered 2xx. */
  readonly kept: readonly number[]
  /** Until which number bodies were sent. */
  readonly next: number
}

export const startsAt = '2026-11-21T02:10:00.000Z'
const mark = 'ffffffffffffffff'

/** What tells one alert from all others; as the fingerprint it says which it is. */
export const nameOf = (body: number, alert: number, each: number): string =>
  (body * each + alert).toString(16).padStart(16, '0')

const alertOf = (shape: LoadWish['shape']) => ({
  ...(shape === 'webhook' && { status: 'firing', fingerprint: mark }),
  labels: {
    ...{ alertname: 'BackupFailed', severity: 'critical', id: '1', name: 'Daily', instance: '10.5.4.1:9100' },
    ...{ job: 'providers', node: '1', service: 'backup', target_type: 'node', n: mark },
  },
  annotations: {
    summary_en: 'Backup failed',
    description_en:
      'The backup Daily (1) failed on node 1. Look at the log of the last run to learn what went wrong there.',
  },
  startsAt,
  ...(shape === 'webhook' && { endsAt: '0001-01-01T00:00:00Z' }),
  generatorURL: 'http://127.0.0.1:9091/graph?g0.expr=node_backup_status+%3D%3D+0&g0.tab=1',
})

function templateOf({ shape, each, path }: LoadWish): {
  readonly request: Buffer
  readonly places: readonly number[][]
} {
  const alerts = Array.from({ length: each }, () => alertOf(shape))
  const around = {
    ...{ version: '4', groupKey: '{}/{}:{id="1"}', truncatedAlerts: 0, status: 'firing', receiver: 'muster' },
    ...{ groupLabels: { id: '1' }, commonLabels: {}, commonAnnotations: {}, externalURL: 'http://127.0.0.1:9093' },
  }
  const body = JSON.stringify(shape === 'api' ? alerts : { ...around, alerts })
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
  const request = Buffer.from(head + body)
  const all: number[] = []
  for (let at = request.indexOf(mark); at >= 0; at = request.indexOf(mark, at + 16)) all.push(at)
  const per = all.length / each
  return { request, places: Array.from({ length: each }, (_, at) => all.slice(at * per, (at + 1) * per)) }
}

async function load(wish: LoadWish): Promise<LoadAnswer> {
  const { each, connections, seconds, port, first } = wish
  const { request, places } = templateOf(wish)
  const statuses: Record<string, number> = {}
  const [ms, kept]: [number[], number[]] = [[], []]
  let next = first
  const began = performance.now()
  const end = began + seconds * 1000
  const one = (socket: Socket): Promise<void> =>
    new Promise((resolve) => {
      const own = Buffer.from(request)
      let [number, sentAt, wanted, got, status] = [0, 0, -1, 0, 0]
      let head = ''
      const send = (): void => {
        if (performance.now() >= end) return void socket.end()
        number = next++
        for (const [at, marks] of places.entries()) {
          const name = nameOf(number, at, each)
          for (const place of marks) own.write(name, place, 'latin1')
        }
        wanted = -1
        got = 0
        head = ''
        sentAt = performance.now()
        socket.write(own)
      }
      socket.on('data', (chunk) => {
        if (wanted < 0) {
          head += chunk.toString('latin1')
          const ended = head.indexOf('\r\n\r\n')
          if (ended < 0) return
          status = Number(head.slice(9, 12))
          wanted = Number(/content-length: (\d+)/i.exec(head.slice(0, ended))?.[1] ?? 0)
          got = head.length - ended - 4
        } else got += chunk.length
        if (got < wanted) return
        statuses[status] = (statuses[status] ?? 0) + 1
        if (status === 200) {
          ms.push(performance.now() - sentAt)
          kept.push(number)
        }
        send()
      })
      socket.on('error', () => {
        statuses.gone = (statuses.gone ?? 0) + 1
      })
      socket.on('close', () => resolve())
      socket.on('connect', send)
    })
  await Promise.all(Array.from({ length: connections }, () => one(connect(port, '127.0.0.1').setNoDelay())))
  return { seconds: (performance.now() - began) / 1000, statuses, ms, kept, next }
}

process.once('message', (wish: LoadWish) => {
  void load(wish).then((answer) => process.send?.(answer, () => process.exit()))
})
