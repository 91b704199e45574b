/** From a rule of a real Prometheus by a real Alertmanager to an answer, with the configuration that Muster prints for it. */
import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { startServe } from '../e2e/daemon.ts'
import { makeWorkspace } from '../e2e/workspace.ts'
import { openPrometheus } from '../http/prometheus.ts'
import { freePort } from '../readers/servers.ts'
import { until } from '../real/wait.ts'
import { openAlertmanager } from './alertmanager.ts'

const rules = `
groups:
  - name: backup
    rules:
      - { alert: backup_failed, expr: 'vector(1)', labels: { severity: critical, id: '1', name: Daily, node: '1' } }
      - { alert: HighLoad, expr: 'vector(1)' }
`

describe('a rule that fires', () => {
  it('is answered once, silenced, and what is not about backups goes nowhere', async () => {
    const said: string[] = []
    const phone = createServer((asked, answer) => {
      let body = ''
      asked.on('data', (chunk) => {
        body += chunk
      })
      asked.on('end', () => {
        said.push(body)
        answer.end('{}')
      })
    })
    await new Promise<void>((resolve) => phone.listen(0, '127.0.0.1', resolve))
    using space = makeWorkspace()
    const [listen, managerPort] = [`127.0.0.1:${await freePort()}`, await freePort()]
    writeFileSync(space.place.at('hook.token'), 'canary-hook\n', { mode: 0o600 })
    writeFileSync(
      space.place.at('muster.yaml'),
      JSON.stringify({
        inbox: { tokens: [{ file: 'hook.token' }] },
        diagnose: { wait: '1s', alertmanager: { url: `http://127.0.0.1:${managerPort}` } },
        notify: {
          phone: { kind: 'ntfy', url: `http://127.0.0.1:${(phone.address() as AddressInfo).port}`, topic: 't' },
        },
        server: { listen },
      }),
    )
    const printed = await space.run(['alertmanager', '--whole'])
    expect(printed).toMatchObject({ code: 0, stderr: '' })
    const config = parse(printed.stdout)
    for (const route of config.route.routes) Object.assign(route, { group_wait: '100ms', group_interval: '1s' })
    await using manager = await openAlertmanager(space.place, config, managerPort)
    await using serve = await startServe(space, ['serve'])
    await using prometheus = await openPrometheus(serve.url, [], { rules, alertmanager: `127.0.0.1:${managerPort}` })
    assert.ok(await prometheus.query('ALERTS'))

    await using ledger = await space.ledger()
    await until('it is answered', () => said.length > 0, 30_000)
    const [diagnosis, ...others] = await ledger.diagnoses({ most: 5 })
    assert.equal(others.length, 0)
    expect(diagnosis).toMatchObject({ state: 'done', group: expect.stringMatching(/^group\//) })
    expect(diagnosis?.alerts.map(({ labels, status, way }) => [labels.alertname, labels.name, status, way])).toEqual([
      ['backup_failed', 'Daily', 'firing', 'webhook'],
    ])
    const [theirs] = await manager.api<{ fingerprint: string }[]>('alerts?filter=alertname=backup_failed')
    expect(diagnosis?.alerts[0]?.fingerprint).toBe(theirs?.fingerprint)
    assert.match(said[0] ?? '', /Daily|backup_failed/)
    await until('it is silent', async () => {
      const list = await manager.api<{ status: { silencedBy: string[] } }[]>('alerts?filter=alertname=backup_failed')
      return list[0]?.status.silencedBy.length === 1
    })
    const samples = await serve.metrics()
    expect(samples.get('muster_alerts_total{way="webhook",fate="firing"}')).toBe(1)
    expect(samples.get('muster_inbox_backlog_bodies')).toBe(0)
    expect(said.length).toBe(1)
    const end = await serve.stop('SIGTERM')
    expect(end.code).toBe(0)
    expect(end.stderr).not.toMatch(/canary-hook|"level":50/)
    phone.close()
    phone.closeAllConnections()
  })
})
