import { describe, expect, it } from 'vitest'
import type { SortedAlert } from '../../model/alert.ts'
import type { Finding } from '../../model/diagnosis.ts'
import { answerMessage, incidentOf, resolvedMessage } from './answer.ts'

const now = new Date('2026-11-25T03:00:00Z')
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000)
const alert: SortedAlert = {
  fingerprint: 'f',
  status: 'firing',
  labels: { alertname: 'NsBackupFailed', backup_id: '1' },
  annotations: {},
  startsAt: ago(2),
  counts: true,
  group: 'g',
  way: 'webhook',
  receivedAt: ago(2),
  truncated: 7,
  externalURL: 'http://admin:secret@127.0.0.1:9093/',
  generatorURL: 'javascript:alert(1)',
}
const finding: Finding = {
  outcome: 'PARTIAL',
  cause: 'lock',
  evidence: [{ text: 'module mail1 said: locked', source: 'redis' }],
  next: 'Look who holds it.',
  plans: [{ id: '1', name: 'Daily', schedule: '*-*-* 03:00:00', enabled: true }],
  parts: [
    { kind: 'module', name: 'web1', state: 'ok', at: ago(5), source: 'redis' },
    {
      kind: 'module',
      name: 'mail1',
      title: 'Mail\u202e',
      node: '2',
      state: 'failed',
      at: ago(4),
      since: ago(1440),
      lastGood: ago(2880),
      errors: 1,
      message: 'x\nlocked',
      source: 'redis',
    },
  ],
  probes: [
    {
      repository: 's3:box',
      part: 'mail1',
      soundness: 'locked',
      exitCode: 11,
      snapshots: 3,
      newestAt: ago(2880),
      words: 'unable to create lock',
      way: 'runagent restic-wrapper',
      tookMs: 20,
    },
  ],
}
const diagnosis = { alerts: [alert], openedAt: ago(1), group: 'g' }
const answerer = { host: 'node1', subjectPrefix: '[NS8 Backup]' }
const said = (outcome: Finding['outcome']) => answerMessage(diagnosis, { ...finding, outcome }, answerer, now)

describe('the answer', () => {
  it.each([
    ['SUCCESS', '[NS8 Backup] ✅ Backup completed successfully', 'good'],
    ['PARTIAL', '[NS8 Backup] ⚠️ Backup partially failed', 'warning'],
    ['REPO_FAILURE', '[NS8 Backup] ❌ Backup failed – possible repository error', 'critical'],
    ['UNKNOWN', '[NS8 Backup] ❌ Backup state unknown', 'critical'],
  ] as const)('has the subject that mail is sorted by: %s', (outcome, subject, severity) => {
    expect(said(outcome)).toMatchObject({ subject, severity })
  })

  it('says what failed and since when, the last good run, health, cause, and what to do', () => {
    const message = said('PARTIAL')
    expect(message.title).toBe('Backup partially failed: Daily')
    const figures = Object.fromEntries((message.figures ?? []).map(({ name, value }) => [name, value]))
    expect(figures).toMatchObject({
      'Probable cause': 'lock: module mail1 said: locked',
      'Do now': 'Look who holds it.',
      'Alarm since': '2026-11-25 02:58 UTC (2 minutes ago)',
      Plan: 'Daily (1), *-*-* 03:00:00',
      Alerts: 'NsBackupFailed and 7 more that the Alertmanager left out',
      Alertmanager: 'http://127.0.0.1:9093/',
    })
    expect(figures.Rule).toBeUndefined()
    const [parts, probes, evidence] = message.tables ?? []
    expect(parts?.rows[0]).toEqual([
      '❌ Mail\u202e (mail1)',
      'failed',
      '2026-11-25 02:56 UTC (4 minutes ago)',
      '2026-11-24 03:00 UTC (1 day ago)',
      '2026-11-23 03:00 UTC (2 days ago)',
      'on 2; 1 error; locked',
    ])
    expect(parts?.rows).toHaveLength(2)
    expect(probes?.rows[0]?.slice(0, 3)).toEqual(['s3:box of mail1', 'locked', '3'])
    expect(evidence?.rows).toEqual([['redis', 'module mail1 said: locked']])
    expect(message.log).toBe('mail1:\nunable to create lock')
  })

  it('is an incident for as long as it stands so', () => {
    expect(incidentOf(diagnosis, { ...finding, outcome: 'SUCCESS' }, now)).toBeUndefined()
    expect(incidentOf(diagnosis, finding, now)).toMatchObject({
      key: 'alert/g',
      kind: 'alert',
      name: 'Daily',
      severity: 'warning',
      since: ago(1440),
      lastGood: ago(2880),
    })
  })

  it('says that it is over in one line', () => {
    expect(resolvedMessage(diagnosis, finding, answerer, now)).toMatchObject({
      subject: '[NS8 Backup] ✅ The alarm is over: Daily',
      severity: 'good',
    })
  })
})
