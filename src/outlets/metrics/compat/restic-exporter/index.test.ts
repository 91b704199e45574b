import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { describe, it } from 'vitest'
import { makeRepository, makeRun } from '../../../../../test/http/standings.ts'
import type { Snapshot } from '../../../../model/snapshot.ts'
import type { RepositoryFacts } from '../compat.ts'
import { compat } from './index.ts'

const snapshot = (id: string, takenAt: string, more: Partial<Snapshot> = {}): Snapshot => ({
  id,
  takenAt: new Date(takenAt),
  host: 'web',
  user: 'root',
  tags: ['mysql', 'nightly'],
  paths: ['/mysql/data', '/mysql/config'],
  program: 'restic 0.18.1',
  ...more,
})
const repository = makeRepository({
  operations: [],
  lastReading: {
    id: 'r',
    repository: 'nas',
    startedAt: new Date(0),
    endedAt: new Date(1_500),
    way: 'native',
  },
})
const render = (more: Partial<RepositoryFacts>): string => {
  assert.ok(compat.scope === 'repository')
  return compat.render({ repository, snapshots: [], made: new Map(), ...more })
}
const value = (text: string, name: string): string | undefined =>
  new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(text)?.[1]

describe('the metrics of restic-exporter', () => {
  it('tell one series a hash of host, user and paths, of its newest snapshot, by UTC', () => {
    const text = render({
      snapshots: [
        snapshot('b', '2026-11-20T04:00:00+02:00', { files: 10, sizeBytes: 4_096, program: 'restic 0.18.1' }),
        snapshot('a', '2026-11-19T02:00:00Z', { program: 'restic 0.14.0' }),
        snapshot('c', '2026-11-01T00:00:00Z', { paths: ['/other'], tags: [] }),
      ],
    })
    const hash = createHash('sha256').update('webroot/mysql/data,/mysql/config').digest('hex')
    const labels = `client_hostname="web",client_username="root",client_version="restic 0.18.1",snapshot_hash="${hash}",snapshot_tag="mysql",snapshot_tags="mysql,nightly",snapshot_paths=""`
    assert.ok(text.includes(`restic_backup_timestamp{${labels}} 1.79514e+09\n`), '2026-11-20T02:00:00Z')
    assert.ok(text.includes(`restic_backup_snapshots_total{${labels}} 2\n`))
    assert.ok(text.includes(`restic_backup_files_total{${labels}} 10\n`))
    assert.ok(text.includes(`restic_backup_size_total{${labels}} 4096\n`))
    assert.equal(text.match(/^restic_backup_timestamp\{/gm)?.length, 2)
  })

  it('take the summary that the snapshot brings, whoever made it', () => {
    const finishedAt = new Date('2026-11-20T02:00:42Z')
    const text = render({
      snapshots: [snapshot('a', '2026-11-20T02:00:00Z', { counters: { filesNew: 9, addedBytes: 4_096 }, finishedAt })],
    })
    assert.equal(value(text, 'restic_backup_files_new'), '9')
    assert.equal(value(text, 'restic_backup_data_added_bytes'), '4096')
    assert.equal(value(text, 'restic_backup_duration_seconds'), '42')
    assert.equal(value(text, 'restic_backup_dirs_new'), '-1')
  })

  it('say -1 of what a snapshot does not tell, and the numbers of the run where Muster made it', () => {
    const snapshots = [snapshot('a', '2026-11-20T02:00:00Z')]
    for (const name of [
      'files_total',
      'size_total',
      'files_new',
      'dirs_unmodified',
      'data_added_bytes',
      'duration_seconds',
    ])
      assert.equal(value(render({ snapshots }), `restic_backup_${name}`), '-1', name)
    const made = new Map([['a', { counters: { filesNew: 3, addedBytes: 2_000_000 }, durationMs: 2_500 }]])
    const text = render({ snapshots, made })
    assert.equal(value(text, 'restic_backup_files_new'), '3')
    assert.equal(value(text, 'restic_backup_data_added_bytes'), '2e+06')
    assert.equal(value(text, 'restic_backup_duration_seconds'), '2.5')
  })

  it('say 2 without a check, 1 after a good one, 0 after a bad one', () => {
    const checked = (outcome: 'ok' | 'failed' | 'skipped') =>
      value(
        render({
          repository: {
            ...repository,
            operations: [{ operation: 'check', last: makeRun({ operation: 'check', outcome }) }],
          },
        }),
        'restic_check_success',
      )
    assert.deepEqual(
      [value(render({}), 'restic_check_success'), checked('ok'), checked('failed'), checked('skipped')],
      ['2', '1', '0', '2'],
    )
  })

  it('have every name of the original, in its order', () => {
    const names = [
      ...render({ snapshots: [snapshot('a', '2026-11-20T02:00:00Z')] }).matchAll(/^# TYPE restic_(\S+) gauge$/gm),
    ].map(([, name]) => name)
    assert.deepEqual(names, [
      ...['check_success', 'locks_total', 'scrape_duration_seconds', 'size_total', 'uncompressed_size_total'],
      ...['compression_ratio', 'blob_count_total', 'snapshots_total'],
      ...[
        'timestamp',
        'snapshots_total',
        'files_total',
        'size_total',
        'files_new',
        'files_changed',
        'files_unmodified',
      ].map((name) => `backup_${name}`),
      ...['dirs_new', 'dirs_changed', 'dirs_unmodified', 'data_added_bytes', 'duration_seconds'].map(
        (name) => `backup_${name}`,
      ),
    ])
    assert.equal(value(render({}), 'restic_scrape_duration_seconds'), '1.5')
  })
})
