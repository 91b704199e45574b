/** Posts alerts as fast as they are taken, each one unlike all others, and remembers which were said to be kept. */
import { Agent, request } from 'node:http'

export interface Load {
  /** Values of the label `n` of alerts that were answered 2xx. */
  readonly kept: Set<string>
  readonly statuses: Map<number, number>
  /** Resolves when every connection gave up. */
  readonly done: Promise<void>
  stop(): void
}

export const startsAt = '2026-11-21T02:10:00Z'

export const labelsOf = (n: string): Record<string, string> => ({ alertname: 'BackupFailed', id: '7', n })

/** @param prefix Of the label `n`. @param each Alerts in a body. */
export function startLoad(url: string, prefix: string, { connections = 16, each = 1 } = {}): Load {
  const kept = new Set<string>()
  const statuses = new Map<number, number>()
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let isOver = false
  let count = 0
  const one = (): Promise<boolean> =>
    new Promise((resolve) => {
      const names = Array.from({ length: each }, () => `${prefix}-${count++}`)
      const body = JSON.stringify({ alerts: names.map((n) => ({ status: 'firing', labels: labelsOf(n), startsAt })) })
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const asked = request(`${url}alert`, { agent, method: 'POST', headers }, (answer) => {
        const status = answer.statusCode ?? 0
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (status === 200) for (const n of names) kept.add(n)
        answer.resume().on('close', () => resolve(true))
      })
      asked.on('error', () => resolve(false))
      asked.end(body)
    })
  const connection = async (): Promise<void> => {
    while (!isOver && (await one()));
  }
  const done = Promise.all(Array.from({ length: connections }, connection)).then(() => agent.destroy())
  return {
    kept,
    statuses,
    done,
    stop: () => {
      isOver = true
    },
  }
}
