/** Counts requests by route, method and status: closed sets all three, so that no client can make series. */
import { counter, type Family } from '../metrics/family.ts'

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

export interface Requests {
  /** `route`: a pattern such as `/jobs/:name`; undefined for a path that no route has. */
  count(route: string | undefined, method: string, code: number): void
  family(): Family
}

export function openRequests(): Requests {
  const counts = new Map<string, { labels: Readonly<Record<string, string>>; value: number }>()
  return {
    count(route, method, code) {
      const labels = { route: route ?? 'other', method: methods.has(method) ? method : 'other', code: String(code) }
      const key = JSON.stringify(labels)
      counts.set(key, { labels, value: (counts.get(key)?.value ?? 0) + 1 })
    },
    family: () =>
      counter(
        'muster_http_requests',
        'Requests answered, by route, method and status.',
        [...counts.values()].map(({ labels, value }) => [labels, value]),
      ),
  }
}
