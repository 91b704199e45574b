import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { silenceAnswered } from '../../src/app/diagnosing/silencing.ts'
import { alertKey, type SortedAlert } from '../../src/model/alert.ts'
import type { Diagnosis, Finding } from '../../src/model/diagnosis.ts'
import { silence, silencesOf } from '../../src/outlets/alertmanager/silence.ts'
import { fingerprintOf } from '../../src/sources/inbox/alertmanager/index.ts'
import { makeWorkspace, type Workspace } from '../e2e/workspace.ts'
import { makeDiagnosis } from '../http/standings.ts'
import { makeApp, openedLedger } from '../notify/app.ts'
import { makePlace } from '../real/place.ts'
import { until } from '../real/wait.ts'
import { type Alertmanager, openAlertmanager, relocated } from './alertmanager.ts'

const configured = (space: Workspace, config: object): void =>
  writeFileSync(space.place.at('muster.yaml'), JSON.stringify(config))

describe('muster alertmanager', () => {
  const place = makePlace()
  afterAll(() => place[Symbol.dispose]())

  /** @returns What amtool says of it, or throws. */
  function checked(config: object | string): string {
    const file = place.at('checked.yml')
    writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config))
    const { path, cwd } = relocated(place, 'amtool')
    return execFileSync(path, ['check-config', file], { cwd, encoding: 'utf8' })
  }
  /** Where it leads, by the receivers in order. */
  function routed(labels: readonly string[]): string {
    const { path, cwd } = relocated(place, 'amtool')
    return execFileSync(path, ['config', 'routes', 'test', `--config.file=${place.at('checked.yml')}`, ...labels], {
      cwd,
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim()
  }

  it('prints what the real one takes, as a whole and within a file that is there', async () => {
    using space = makeWorkspace()
    configured(space, {
      inbox: {
        alerts: [['alertname=~"Velero.*"', 'severity="critical"'], ['team="ba\\"ckup"']],
        tokens: [{ file: 'hook' }],
      },
    })
    writeFileSync(space.place.at('hook'), 'token\n', { mode: 0o600 })
    const whole = await space.run(['alertmanager', '--whole'])
    assert.equal(whole.code, 0, whole.stderr)
    assert.match(checked(whole.stdout), /SUCCESS/)
    const rows: readonly (readonly [readonly string[], string])[] = [
      [['alertname=BackupFailed', 'id=1'], 'muster'],
      [['alertname=NsBackupMissing'], 'muster'],
      [['alertname=MusterJobLate', 'job=documents'], 'muster'],
      [['alertname=VeleroFailed', 'severity=critical'], 'muster'],
      [['alertname=VeleroFailed', 'severity=warning'], 'nobody'],
      [['alertname=HighLoad', 'team="ba\\"ckup"'], 'muster'],
      [['alertname=HighLoad'], 'nobody'],
    ]
    for (const [labels, receiver] of rows) expect([labels, routed(labels)]).toEqual([labels, receiver])
    const block = await space.run(['alertmanager', '--url', 'http://backup:9121', '--match', 'alertname="Other"'])
    assert.match(block.stderr, /inbox: \{ alerts: \[\['alertname="Other"'\]\] \}/)
    const { route, receivers } = parse(block.stdout)
    // As somebody pastes it into a file that is there.
    const mine = {
      route: { receiver: 'pager', routes: [...route.routes, { receiver: 'mail', matchers: ['severity="critical"'] }] },
      receivers: [...receivers, { name: 'pager' }, { name: 'mail' }],
    }
    assert.match(checked(mine), /SUCCESS/)
    expect(routed(['alertname=BackupFailed', 'severity=critical'])).toBe('muster,mail')
    expect(routed(['alertname=Other'])).toBe('muster')
    expect(receivers[0].webhook_configs[0]).toMatchObject({
      url: 'http://backup:9121/alert',
      send_resolved: true,
      http_config: { authorization: { credentials_file: space.place.at('hook') } },
    })
  })

  it('says what is wrong with what it is told', async () => {
    using space = makeWorkspace()
    configured(space, { inbox: {} })
    const bad = await space.run(['alertmanager', '--url', 'backup:9121', '--match', 'a=~"("'])
    expect([bad.code, bad.stdout]).toEqual([2, ''])
    assert.match(bad.stderr, /is no matcher/)
    assert.match(bad.stderr, /is no address of the web/)
  })
})

const labels = { alertname: 'BackupFailed', id: '1', zone: 'a"b\\c\nd', größe: 'ü', empty: '' }
const alertOf = (labels: Record<string, string>, more: Partial<SortedAlert> = {}): SortedAlert => ({
  ...{ labels, fingerprint: fingerprintOf(labels), status: 'firing', annotations: {}, startsAt: new Date() },
  ...{ counts: true, group: 'plan/1', way: 'webhook', receivedAt: new Date(), truncated: 0, ...more },
})
const wish = { id: '01J', answer: 'Daily: PARTIAL\n  lock', from: new Date(0), until: new Date(3_600_000) }

describe('what is silenced', () => {
  it('is each alert that fires, by all its labels, with the answer in one line', () => {
    expect(silencesOf({ ...wish, alerts: [alertOf({ a: 'b', c: '' }), alertOf({ a: 'b', c: '' })] })).toEqual([
      {
        matchers: [{ name: 'a', value: 'b', isRegex: false, isEqual: true }],
        startsAt: '1970-01-01T00:00:00.000Z',
        endsAt: '1970-01-01T01:00:00.000Z',
        createdBy: 'muster',
        comment: 'Daily: PARTIAL lock (01J)',
      },
    ])
  })
  it('is nothing that is over, and never everything', () => {
    const over = alertOf({ a: 'b' }, { status: 'resolved' })
    expect(silencesOf({ ...wish, alerts: [alertOf({ a: 'b' }), over, alertOf({}), alertOf({ x: '' })] })).toEqual([])
  })
  it('is no flood', () => {
    const many = Array.from({ length: 500 }, (_, at) => alertOf({ a: `${at}` }))
    expect(silencesOf({ ...wish, alerts: many })).toHaveLength(50)
  })
})

describe('a real Alertmanager that is told to be silent', () => {
  const place = makePlace()
  const { signal } = new AbortController()
  let manager: Alertmanager
  beforeAll(async () => {
    manager = await openAlertmanager(place, { route: { receiver: 'none' }, receivers: [{ name: 'none' }] })
    await manager.post([{ labels }, { labels: { alertname: 'HighLoad' } }])
    await until('it knows both', async () => (await manager.api<unknown[]>('alerts')).length === 2)
  })
  afterAll(async () => {
    await manager.kill()
    place[Symbol.dispose]()
  })
  const silences = () => manager.api<{ comment: string; createdBy: string; endsAt: string }[]>('silences')
  const quiet = async () =>
    (await manager.api<{ labels: { alertname: string }; status: { silencedBy: string[] } }[]>('alerts'))
      .filter(({ status }) => status.silencedBy.length > 0)
      .map(({ labels }) => labels.alertname)

  it('is so about the alerts that were answered, once, and about no others', async () => {
    await using ledger = await openedLedger(place.at('state'))
    const app = makeApp(
      JSON.stringify({ inbox: {}, diagnose: { alertmanager: { url: `${manager.url}/`, silence: '1h' } } }),
      ledger,
    )
    const { finding } = makeDiagnosis()
    assert.ok(finding !== undefined)
    const diagnosis: Diagnosis = { ...makeDiagnosis(), alerts: [alertOf(labels)] }
    const bad: Finding = { ...finding, outcome: 'PARTIAL', cause: 'lock' }
    for (const turn of [1, 2]) {
      assert.equal(await silenceAnswered(app, diagnosis, bad, signal, []), undefined)
      const all = await silences()
      assert.equal(all.length, 1, `turn ${turn}`)
      expect(all[0]?.createdBy).toBe('muster')
      assert.ok(all[0]?.comment.includes('PARTIAL, lock') && all[0].comment.endsWith(`(${diagnosis.id})`))
    }
    await until('it is silent', async () => (await quiet()).length === 1)
    expect(await quiet()).toEqual(['BackupFailed'])
    const fine: Finding = { ...finding, outcome: 'SUCCESS' }
    assert.equal(await silenceAnswered(app, { ...diagnosis, id: 'other' }, fine, signal, []), undefined)
    assert.equal((await silences()).length, 1)
    assert.ok(alertKey(diagnosis.alerts[0] as SortedAlert).length > 10)
  })

  it('that cannot be reached is tried again, and told; the answer is there all the same', async () => {
    await using ledger = await openedLedger(place.at('state-2'))
    const config = { inbox: {}, diagnose: { alertmanager: { url: 'http://127.0.0.1:9', token: 'hunter22' } } }
    const app = makeApp(JSON.stringify(config), ledger)
    const { finding } = makeDiagnosis()
    assert.ok(finding !== undefined)
    const diagnosis: Diagnosis = { ...makeDiagnosis(), alerts: [alertOf(labels)] }
    const problem = await silenceAnswered(app, diagnosis, { ...finding, outcome: 'PARTIAL' }, signal, [1, 1])
    expect(problem).toMatchObject({ code: 'diagnose.silence', retry: 'soon' })
    assert.ok(!JSON.stringify(problem).includes('hunter22'))
  })

  it('says what it does not take', async () => {
    const io = { signal, timeLimitMs: 5_000 }
    const bad = await silence(manager, { ...wish, alerts: [alertOf(labels)] }, io)
    // Long over.
    expect(bad).toMatchObject({ ok: false, problem: { code: 'diagnose.silence', retry: 'never' } })
  })
})
