/**
 * A real Prometheus loads the printed rules and scrapes a real `muster serve` over repositories made to fail: what has to fire
 * fires, and nothing else does; and every query of every dashboard is answered.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Daemon, startServe } from '../e2e/daemon.ts'
import { openPrometheus, type Prometheus } from '../http/prometheus.ts'
import { until } from '../real/wait.ts'
import { type FailingSpace, lateHosts, makeFailingSpace } from './failing-space.ts'
import { Dashboard } from './grafana.ts'
import { muster } from './promtool.ts'

let space: FailingSpace
let daemon: Daemon
let prometheus: Prometheus
beforeAll(async () => {
  space = await makeFailingSpace()
  daemon = await startServe(space)
  const wish = ['--for', '0s', '--compat', 'restic-reporter']
  const rules = await muster(['rules', '--config', space.printedFor, ...wish])
  const target = new URL(daemon.url).host
  prometheus = await openPrometheus(daemon.url, [], {
    rules,
    jobs: [
      `{ job_name: reporter, metrics_path: /compat/restic-reporter/metrics, static_configs: [{ targets: ['${target}'] }] }`,
    ],
  })
}, 120_000)
afterAll(async () => {
  await prometheus[Symbol.asyncDispose]()
  await daemon[Symbol.asyncDispose]()
  space[Symbol.dispose]()
})

interface Alert {
  readonly state: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}
const alerts = async (): Promise<readonly Alert[]> =>
  ((await prometheus.api('alerts')) as { alerts: Alert[] }).alerts.filter(({ state }) => state === 'firing')

/** `MusterSetLate late a`: the name and what it is about. */
const firing = async (): Promise<readonly string[]> =>
  [
    ...new Set(
      (await alerts()).map(({ labels: { alertname, job, repository, host, operation, code, metric, url } }) =>
        [
          alertname,
          ...[url?.split('/').at(-1), job === 'muster' || job === 'reporter' ? undefined : job, repository, host],
          ...[operation, code, metric],
        ]
          .filter((word) => word !== undefined)
          .join(' '),
      ),
    ),
  ].sort()

const fires = async (wanted: readonly string[]): Promise<void> => {
  let found: readonly string[] = []
  await until(
    'the alerts',
    async () => {
      found = await firing()
      return JSON.stringify(found) === JSON.stringify([...wanted].sort())
    },
    60_000,
  ).catch(() => expect(found).toEqual([...wanted].sort()))
}

const self = (await import('node:os')).hostname()
const broken = [
  ...lateHosts.map((host) => `Backup set age too old late ${host}`),
  'Backup job failures',
  'Backup read failures secret',
  'Backup repository missing gone',
  // Three hosts of six: the others are beyond the cap, and told as such.
  ...lateHosts.slice(0, 3).map((host) => `MusterSetLate late ${host}`),
  'MusterSeriesDropped late',
  `MusterSetLate tardy ${self}`,
  'MusterJobLate slow tardy',
  'MusterSetAhead ahead ahead',
  'MusterHistoryFindings ahead',
  'MusterSetsMissing empty',
  'MusterRepositoryUnreadable secret',
  'MusterLockOld locked',
  'MusterCheckFailing broken check',
  'MusterUpkeepNeverDone broken check',
  'MusterJobFailing guarded disk backup',
  'MusterGuardStopped guarded disk backup guard.stopped',
  'MusterJobNeverRan never disk',
  'MusterRepositoryMissing gone',
  'MusterJobMissing removed disk',
]

describe('the rules in a real Prometheus', () => {
  it('fire for each that is made to fail, and for no other', { timeout: 120_000 }, async () => {
    await fires(broken)
    for (const { annotations } of await alerts()) {
      expect(Object.keys(annotations).sort()).toEqual(['description', 'reference', 'summary'])
      expect(JSON.stringify(annotations)).not.toMatch(/error (?:calling|executing|expanding)|no value|\{\{/i)
    }
    space.alter()
    await fires([...broken, 'MusterHistoryFindings altered'])
  })

  it('ask what every dashboard asks, and get an answer', { timeout: 120_000 }, async () => {
    const dashboards = (JSON.parse(await muster(['dashboard', '--all'])) as unknown[]).map((one) =>
      Dashboard.parse(one),
    )
    expect(dashboards.map(({ uid }) => uid)).toEqual(['muster-overview', 'muster-set', 'muster-repository'])
    const asked: { readonly panel: string; readonly path: () => string }[] = []
    for (const { uid, panels, templating, links } of dashboards) {
      const known = dashboards.map((one) => `/d/${one.uid}`)
      expect(links.every(({ url }) => known.includes(url))).toBe(true)
      const values = new Map<string, string>()
      const filled = (text: string): string => text.replaceAll(/\$(\w+)/g, (_, name: string) => values.get(name) ?? '?')
      for (const variable of templating.list) {
        if (variable.type === 'datasource') continue
        expect(variable.query.query).toBe(variable.definition)
        const [, of = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(variable.definition) ?? []
        const path = `label/${label}/values?match[]=${encodeURIComponent(filled(of))}`
        const found = (await prometheus.api(path)) as readonly string[]
        // Only where sets are told apart by them.
        if (label !== 'tags' && label !== 'paths') expect(found.length, variable.definition).toBeGreaterThan(0)
        values.set(variable.name, variable.allValue)
      }
      const ids = panels.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const panel of panels) {
        if (panel.type === 'row') continue
        for (const { expr, instant } of panel.targets) {
          const query = encodeURIComponent(filled(expr))
          const range = (now: number): string => `query_range?query=${query}&start=${now - 60}&end=${now}&step=2`
          const path = (): string => (instant ? `query?query=${query}` : range(Date.now() / 1000))
          asked.push({ panel: `${uid}: ${panel.title}`, path })
        }
      }
    }
    // A rate needs a few scrapes first.
    let unanswered = asked
    const silent = async (): Promise<readonly string[]> => {
      const still: typeof asked = []
      for (const one of unanswered) {
        const { result } = (await prometheus.api(one.path())) as { result: readonly unknown[] }
        if (result.length === 0) still.push(one)
      }
      unanswered = still
      return still.map(({ panel }) => panel).sort()
    }
    // A week has not passed, nor a day that a forecast takes; `check` and `prune` never ended well here.
    const never = [
      'muster-repository: Checks and prunes',
      'muster-repository: Growth a week',
      'muster-repository: Until the store is full',
    ]
    await until('all others are answered', async () => (await silent()).length <= never.length, 60_000)
    expect(await silent()).toEqual(never)
  })

  it('fire when the configuration cannot be loaded, and when Muster is gone', { timeout: 120_000 }, async () => {
    space.breakConfig()
    daemon.child.kill('SIGHUP')
    await until('the reload is told', async () => (await firing()).includes('MusterReloadFailed'), 30_000)
    await daemon.stop('SIGTERM')
    await until(
      'its end is told',
      async () => {
        const found = await firing()
        return ['MusterDown', 'MusterMissing', 'MusterRepositoryMissing fine', 'MusterJobMissing good disk'].every(
          (name) => found.includes(name),
        )
      },
      60_000,
    )
  })
})
