import { expect, it } from 'vitest'
import { makeStanding } from '../../../test/http/standings.ts'
import { makeApp } from '../../../test/notify/app.ts'
import type { SortedAlert } from '../../model/alert.ts'
import type { Part } from '../../model/diagnosis.ts'
import { diagnose } from '../../verdict/diagnosis/diagnose.ts'
import { gather } from './gather.ts'

const now = new Date('2026-11-25T03:00:00Z')
const well: Part = { kind: 'module', name: 'mail1', plan: '1', state: 'ok', at: now, source: 'redis' }
const alert = (labels: Record<string, string>): SortedAlert => ({
  fingerprint: JSON.stringify(labels),
  status: 'firing',
  labels,
  annotations: {},
  startsAt: now,
  counts: true,
  group: 'g',
  way: 'webhook',
  receivedAt: now,
  truncated: 0,
})

/** With a platform that knows of one plan, which is well. */
async function outcomeOf(...labels: Record<string, string>[]): Promise<string> {
  const app = makeApp('{ "inbox": {}, "ns8": {} }', undefined as never, () => now)
  const platform = {
    windowMs: 3_600_000,
    facts: async () => ({ plans: [], parts: [well], notes: [] }),
    probe: () => Promise.reject(),
    follow: () => Promise.resolve(),
  }
  const alerts = labels.map(alert)
  const diagnosis = { id: 'd', group: 'g', openedAt: now, dueAt: now, state: 'waiting', attempts: 1, alerts } as const
  const standing = makeStanding({ repositories: [], jobs: [] })
  const { facts } = await gather(app, diagnosis, standing, platform, new AbortController().signal)
  return diagnose({ ...facts, probes: [] }).outcome
}

it('a platform that is well speaks for its own backups, and for nothing else', async () => {
  expect(await outcomeOf({ alertname: 'BackupFailed', id: '1' })).toBe('SUCCESS')
  expect(await outcomeOf({ alertname: 'backup_failed' })).toBe('SUCCESS')
  expect(await outcomeOf({ alertname: 'VeleroBackupFailed', namespace: 'x' })).toBe('UNKNOWN')
  expect(await outcomeOf({ alertname: 'BackupFailed', id: '1' }, { alertname: 'VeleroBackupFailed' })).toBe('UNKNOWN')
  expect(await outcomeOf({ alertname: 'BackupFailed', id: '1' }, { alertname: 'BackupFailed', id: '9' })).toBe(
    'PARTIAL',
  )
  expect(await outcomeOf({ alertname: 'BackupFailed', id: '1' }, { alertname: 'BackupFailed', id: '*' })).toBe(
    'UNKNOWN',
  )
})
