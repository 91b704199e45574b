import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupOf } from '../sources/inbox/alertmanager/group.ts'
import { countsBy, parseMatcher } from './matcher.ts'

describe('a matcher', () => {
  const rows: readonly (readonly [string, Readonly<Record<string, string>>, boolean | undefined])[] = [
    ['a="b"', { a: 'b' }, true],
    ['a="b"', { a: 'bb' }, false],
    [' a = b ', { a: 'b' }, true],
    ['a!="b"', {}, true],
    ['a=""', {}, true],
    ['a=~"b|c"', { a: 'c' }, true],
    ['a=~"b|c"', { a: 'xc' }, false],
    ['a=~"Velero.*"', { a: 'VeleroBackup\nFailed' }, true],
    ['a!~"b.*"', { a: 'bc' }, false],
    ['a!~"b.*"', {}, true],
    ['a="x\\"y\\\\z\\n"', { a: 'x"y\\z\n' }, true],
    ['a=~"("', {}, undefined],
    ['a', {}, undefined],
    ['1a="b"', {}, undefined],
    ['a=="b"', { a: '="b"' }, undefined],
    ['a=b,c', {}, undefined],
  ]
  for (const [text, labels, want] of rows)
    it(`${text} on ${JSON.stringify(labels)}: ${want}`, () => expect(parseMatcher(text)?.(labels)).toBe(want))
})

describe('which alerts are about backups', () => {
  const counts = countsBy(['MusterJobLate'], [['alertname=~"Velero.*"', 'severity="critical"'], ['team="backup"']])
  const rows: readonly (readonly [Readonly<Record<string, string>>, boolean])[] = [
    [{ alertname: 'NsBackupFailed' }, true],
    [{ alertname: 'NsBackupMissing' }, true],
    [{ alertname: 'backup_failed' }, true],
    [{ alertname: 'BackupFailed' }, true],
    [{ alertname: 'MusterJobLate' }, true],
    [{ alertname: 'backupfailed' }, false],
    [{ alertname: 'VeleroFailed', severity: 'critical' }, true],
    [{ alertname: 'VeleroFailed', severity: 'warning' }, false],
    [{ alertname: 'HighLoad', team: 'backup' }, true],
    [{ alertname: 'HighLoad' }, false],
    [{}, false],
  ]
  for (const [labels, want] of rows) it(`${JSON.stringify(labels)}: ${want}`, () => expect(counts(labels)).toBe(want))
})

describe('which alerts are looked into together', () => {
  const rows: readonly (readonly [Readonly<Record<string, string>>, string | undefined, string])[] = [
    [{ alertname: 'a', backup_id: '1' }, '{}:{x="y"}', 'group/{}:{x="y"}'],
    [{ alertname: 'a', backup_id: '1', id: '2' }, undefined, 'plan/1'],
    [{ alertname: 'a', id: '2' }, undefined, 'plan/2'],
    [{ alertname: 'a', id: '../../etc' }, undefined, 'alert/a'],
    [{ alertname: 'a', id: '1 OR 1=1' }, undefined, 'alert/a'],
    [
      { alertname: 'MusterJobLate', repository: 'nas', job: 'documents' },
      undefined,
      'alert/MusterJobLate/nas/documents',
    ],
    [{}, undefined, 'alert/'],
  ]
  for (const [labels, key, want] of rows)
    it(`${JSON.stringify(labels)} of ${key ?? 'no group'}: ${want}`, () => expect(groupOf(labels, key)).toBe(want))

  it('has a key of bounded length that says nothing of an id that is none', () =>
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), fc.option(fc.string(), { nil: undefined }), (id, key) => {
        const group = groupOf({ alertname: id, id }, key)
        expect(group.length).toBeLessThan(510)
        if (group.startsWith('plan/')) expect(group).toMatch(/^plan\/[\w-]{1,64}$/)
      }),
    ))
})
