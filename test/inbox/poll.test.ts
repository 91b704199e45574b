import { strict as assert } from 'node:assert'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app/context.ts'
import { poll } from '../../src/app/inbox/poll.ts'
import { alertmanagerOf } from '../../src/app/inbox/polled.ts'
import { inboxOf } from '../../src/app/standing/inbox.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { troublesOf } from '../../src/model/trouble.ts'
import { makeStanding } from '../http/standings.ts'
import { makeApp, openedLedger } from '../notify/app.ts'
import { makePlace } from '../real/place.ts'
import { until } from '../real/wait.ts'
import { type Alertmanager, openAlertmanager } from './alertmanager.ts'

const config = { route: { receiver: 'none', group_wait: '1s' }, receivers: [{ name: 'none' }] }
const signal = new AbortController().signal
const minute = 60_000

const failed = { alertname: 'BackupFailed', id: '1', node: '1' }
const other = { alertname: 'HighLoad' }
const late = { alertname: 'backup_failed', id: '2' }

describe('an Alertmanager that is asked for its alerts', () => {
  const place = makePlace()
  let manager: Alertmanager
  let ledger: Ledger
  const appOf = (more: object = {}, now?: () => Date): App =>
    makeApp(JSON.stringify({ inbox: { poll: { url: manager.url, ...more } } }), ledger, now)
  const told = async () =>
    (await ledger.alerts({ most: 100 })).map(({ labels, status, way, group }) => [labels.alertname, status, way, group])
  const shows = (count: number) =>
    until('the Alertmanager shows it', async () => (await manager.api<unknown[]>('alerts')).length === count)

  beforeAll(async () => {
    manager = await openAlertmanager(place, config)
    ledger = await openedLedger(place.at('state'))
  })
  afterAll(async () => {
    await manager.kill()
    await ledger[Symbol.asyncDispose]()
    place[Symbol.dispose]()
  })

  it('gives those about backups once, by the name and start it has for them', async () => {
    const startsAt = new Date(Date.now() - minute).toISOString()
    await manager.post([{ labels: failed, startsAt, annotations: { summary: 'It failed' } }, { labels: other }])
    await shows(2)
    assert.equal(await poll(appOf(), signal), 1)
    assert.equal(await poll(appOf(), signal), 0)
    const [alert, ...others] = await ledger.alerts({ most: 100 })
    assert.equal(others.length, 0)
    const [theirs] = (await manager.api<{ fingerprint: string; labels: object }[]>('alerts')).filter(
      ({ labels }) => 'id' in labels,
    )
    expect(alert).toMatchObject({
      ...{ fingerprint: theirs?.fingerprint, labels: failed, annotations: { summary: 'It failed' } },
      ...{ startsAt: new Date(startsAt), status: 'firing', way: 'poll', group: 'plan/1', counts: true },
    })
    expect((await ledger.diagnoses({ most: 5 })).map(({ group, state }) => [group, state])).toEqual([
      ['plan/1', 'waiting'],
    ])
    expect(await inboxOf(appOf(), undefined)).toMatchObject({
      inbox: { totals: [{ way: 'poll', fate: 'firing', alerts: 1 }], alertmanager: { lastGood: expect.any(Date) } },
    })
  })

  it('is not believed about what fires no more right after it was started', async () => {
    await manager.kill()
    await poll(appOf(), signal)
    expect((await alertmanagerOf(appOf()))?.problem).toMatchObject({
      code: 'inbox.alertmanager',
      message: `The Alertmanager cannot be asked for its alerts: 127.0.0.1:${manager.port} cannot be reached: ECONNREFUSED.`,
    })
    manager = await openAlertmanager(place, config, manager.port)
    assert.equal(await poll(appOf(), signal), 0)
    expect((await alertmanagerOf(appOf()))?.problem).toBeUndefined()
    expect(await told()).toEqual([['BackupFailed', 'firing', 'poll', 'plan/1']])
  })

  it('says by its silence that one is over, also to a process that did not hear of it', async () => {
    const [known] = await ledger.alerts({ most: 1 })
    await manager.post([{ labels: failed, startsAt: known?.startsAt }, { labels: late }])
    await shows(2)
    assert.equal(await poll(appOf(), signal), 1)
    // What fires no more ends: so Prometheus tells it.
    await manager.post([{ labels: failed, startsAt: known?.startsAt, endsAt: new Date().toISOString() }])
    await shows(1)
    assert.equal(await poll(appOf(), signal), 1)
    assert.equal(await poll(appOf(), signal), 0)
    expect((await told()).sort()).toEqual([
      ['BackupFailed', 'firing', 'poll', 'plan/1'],
      ['BackupFailed', 'resolved', 'poll', 'plan/1'],
      ['backup_failed', 'firing', 'poll', 'plan/2'],
    ])
    expect((await ledger.alerts({ most: 9 })).find(({ status }) => status === 'resolved')?.endsAt).toBeInstanceOf(Date)
  })

  it('gives none that somebody silenced, nor takes one that is silenced for over', async () => {
    const matcher = (value: string) => ({ name: 'alertname', value, isRegex: false, isEqual: true })
    const [startsAt, endsAt] = [new Date(Date.now() - 1000), new Date(Date.now() + minute)]
    for (const name of ['backup_failed', 'NsBackupMissing'])
      await fetch(`${manager.url}/api/v2/silences`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ matchers: [matcher(name)], startsAt, endsAt, createdBy: 'me', comment: 'known' }),
      })
    await manager.post([{ labels: { alertname: 'NsBackupMissing' } }])
    const quiet = async () =>
      (await manager.api<{ status: { state: string } }[]>('alerts')).filter(
        ({ status }) => status.state === 'suppressed',
      )
    await until('both are silent', async () => (await quiet()).length === 2)
    const before = await told()
    assert.equal(await poll(appOf(), signal), 0)
    expect(await told()).toEqual(before)
  })

  it('that does not answer for 15 minutes is trouble, and an alert there is not over for that', async () => {
    await manager.kill()
    const before = await told()
    const troubleAt = async (ms: number) => {
      const app = appOf({}, () => new Date(Date.now() + ms))
      await poll(app, signal)
      const standing = makeStanding({ now: app.now(), repositories: [], jobs: [], ...(await inboxOf(app, undefined)) })
      return troublesOf(standing).map(({ key, kind, state }) => [key, kind, state])
    }
    expect(await troubleAt(14 * minute)).toEqual([])
    expect(await troubleAt(16 * minute)).toEqual([['alertmanager', 'alertmanager', 'failing']])
    expect(await told()).toEqual(before)
  })

  const answers: readonly (readonly [number, string, RegExp])[] = [
    [401, '', /answered HTTP 401.*/],
    [404, 'gone', /HTTP 404 gone/],
    [302, '', /HTTP 302/],
    [200, '<html>', /is no Alertmanager: the body is no JSON/],
    [200, '{}', /is no Alertmanager: the answer is no list/],
    [200, ' '.repeat(10 * 1024 * 1024 + 1), /more than 10 MiB/],
  ]
  for (const [status, body, want] of answers)
    it(`whose place is taken by what answers ${status} ${body.slice(0, 6).trim()} is told as such`, async () => {
      const asked: (string | undefined)[] = []
      const server = createServer((request, response) => {
        asked.push(request.headers.authorization)
        response.writeHead(status, { location: '/elsewhere' }).end(body)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix/`
      const before = await told()
      await poll(appOf({ url, token: 'hunter22' }), signal)
      const { problem } = (await alertmanagerOf(appOf())) ?? {}
      server.close()
      assert.match(problem?.message ?? '', want)
      assert.ok((problem?.next ?? '').length > 10 && !JSON.stringify(problem).includes('hunter22'))
      expect(asked).toEqual(['Bearer hunter22'])
      expect(await told()).toEqual(before)
    })
})
