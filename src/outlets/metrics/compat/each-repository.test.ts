import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { lockedProblem, makeRepository } from '../../../../test/http/standings.ts'
import type { Snapshot } from '../../../model/snapshot.ts'
import { compat as at9099 } from './borg-9099/index.ts'
import { compat as at9884 } from './borg-9884/index.ts'
import { compat as borgDb } from './borg-db/index.ts'
import { compat } from './borgmatic-exporter/index.ts'
import type { Compat, RepositoryFacts } from './compat.ts'

const location = 'ssh://u1@u1.your-storagebox.de:23/./nas'
const archive = (id: string, takenAt: string, more: Partial<Snapshot> = {}): Snapshot => ({
  id,
  takenAt: new Date(takenAt),
  host: 'web',
  user: 'root',
  tags: [],
  paths: ['/srv'],
  ...more,
})
const facts = (snapshots: readonly Snapshot[], more: Partial<RepositoryFacts> = {}): RepositoryFacts => ({
  repository: makeRepository({ tool: 'borg', location, size: { at: new Date(0), sizeBytes: 123456 } }),
  snapshots,
  made: new Map(),
  ...more,
})
const render = (of: Compat, ...all: readonly RepositoryFacts[]): string => {
  assert.ok(of.scope === 'tool')
  return of.render(all)
}
const two = [
  archive('b', '2026-11-20T02:00:00Z', {
    finishedAt: new Date('2026-11-20T02:01:30.500Z'),
    files: 12,
    sizeBytes: 4096,
  }),
  archive('a', '2026-11-19T02:00:00Z'),
]
const made = new Map([['b', { counters: { addedBytes: 77 }, durationMs: 1 }]])

describe('the metrics of borgmatic-exporter', () => {
  it('tell the repository and its newest archive, in its own words', () => {
    const at = `{repository="${location}"}`
    const family = (name: string, help: string, value: string): string =>
      `# HELP borg_${name} ${help}\n# TYPE borg_${name} gauge\nborg_${name}${at} ${value}\n`
    assert.equal(
      render(compat, facts(two, { made })),
      [
        family('total_backups', 'Total number of Borg backups', '2'),
        family(
          'total_deduplicated_compressed_size',
          'Total size of the deduplicated and compressed Borg repository',
          '123456',
        ),
        family('last_backup_timestamp', 'Timestamp of the last Borg backup', '1.79514009e+09'),
        family('last_backup_duration', 'Duration of the last Borg backup', '90.5'),
        family('last_backup_files', 'Amount of files contained in the last Borg backup', '12'),
        family(
          'last_backup_deduplicated_compressed_size',
          'Size of the deduplicated and compressed last Borg backup',
          '77',
        ),
        family('last_backup_size', 'Size of the last Borg backup', '4096'),
      ].join(''),
    )
  })

  it('leave out what is not known of an archive', () => {
    const text = render(compat, facts([archive('a', '2026-11-19T02:00:00Z')]))
    assert.deepEqual(text.match(/^borg_\w+/gm), ['borg_total_backups', 'borg_total_deduplicated_compressed_size'])
  })
})

describe('the metrics of borg-exporter as its dashboard asks for them', () => {
  it('tell each repository: how many archives, and when the newest was begun', () => {
    const other = facts([], { repository: makeRepository({ tool: 'borg', location: '/srv/empty' }) })
    assert.equal(
      render(borgDb, facts(two), other),
      `# HELP borg_backups_total Total number of Borg backups
# TYPE borg_backups_total gauge
borg_backups_total{repo="${location}"} 2
borg_backups_total{repo="/srv/empty"} 0
# HELP borg_last_backup_timestamp Timestamp of the last backup
# TYPE borg_last_backup_timestamp gauge
borg_last_backup_timestamp{repo="${location}"} 1.79514e+09
`,
    )
  })

  it('tell nothing of a repository that was never read', () => {
    const { lastGoodReading: _, ...unread } = makeRepository({ tool: 'borg', location })
    assert.equal(render(borgDb, facts([], { repository: unread })), '')
  })
})

describe('the metrics of the exporters at the ports 9884 and 9099', () => {
  const samples = (of: Compat, given: RepositoryFacts): Record<string, string> =>
    Object.fromEntries(
      [...render(of, given).matchAll(/^(borg_\w+)\{repository="(.*)"\} (\S+)$/gm)].map(([, name, where, value]) => {
        assert.equal(where, location)
        return [name, value]
      }),
    )

  it('tell how many archives there are, when the newest was begun, and their size', () => {
    assert.deepEqual(samples(at9884, facts(two)), {
      borg_archives_deduplicated_compressed_size: '123456',
      borg_archives_latest_time: '1.79514e+09',
      borg_archives_total: '2',
    })
  })

  it('tell the newest archive, and how the last reading went', () => {
    const reading = {
      id: 'r',
      repository: 'nas',
      startedAt: new Date(0),
      endedAt: new Date(2_500),
      way: 'borg',
      problem: lockedProblem,
    }
    const repository = makeRepository({ tool: 'borg', location, lastReading: reading })
    assert.deepEqual(samples(at9099, facts(two, { made, repository })), {
      borg_deduplicated_compressed_size_bytes: '1.23456789012e+11',
      borg_last_backup_deduplicated_size_bytes: '77',
      borg_last_backup_duration_seconds: '90.5',
      borg_last_backup_files: '12',
      borg_last_backup_original_size_bytes: '4096',
      borg_last_backup_timestamp: '1.79514e+09',
      borg_last_collect_duration_seconds: '2.5',
      borg_last_collect_error: '1',
      borg_last_collect_timestamp: '2',
    })
  })
})
