import { describe, expect, it } from 'vitest'
import { Secret } from '../../../model/secret.ts'
import { prefixOf } from '../prefix.ts'
import { isAtLeast } from '../program-file.ts'
import type { BackupSpec, RepositoryAccess } from '../tool.ts'
import { backupArguments } from './backup.ts'
import { forgetArguments } from './forget.ts'
import { limitArguments } from './limits.ts'
import { problem, problemTable } from './problems.ts'
import { secretsOf, splitRestUrl } from './rest-url.ts'
import { restoreArguments } from './restore.ts'

const access: RepositoryAccess = { name: 'box', url: new Secret('/x'), environment: {}, options: [] }

const spec: BackupSpec = {
  sources: ['-rf', '/srv'],
  exclude: ['-x', '*.tmp'],
  excludeFile: ['/f'],
  excludeIfPresent: ['.nobackup'],
  excludeCaches: true,
  oneFileSystem: true,
  tags: ['daily', '--json'],
  host: 'h',
  dryRun: true,
  own: { compression: 'max', readConcurrency: 4, packSize: 64, extraArgs: ['--force'] },
}

describe('arguments', () => {
  it('of a backup keep values behind = and sources behind --', () => {
    expect(backupArguments(access, spec).join(' ')).toBe(
      'backup --json --exclude=-x --exclude=*.tmp --exclude-file=/f --exclude-if-present=.nobackup --exclude-caches ' +
        '--one-file-system --tag=daily --tag=--json --host=h --dry-run --compression=max --read-concurrency=4 --pack-size=64 ' +
        '--force -- -rf /srv',
    )
  })

  it('of a forget name policy and group', () => {
    const retention = { group: ['host', 'tags'], keepLast: 7, keepWithinDaily: '1m', keepTags: ['keep'] } as const
    const args = forgetArguments({ retention, host: 'h', tags: ['a', 'b'], paths: ['/srv'], dryRun: true, own: {} })
    expect(args.join(' ')).toBe(
      'forget --json --group-by=host,tags --keep-last=7 --keep-within-daily=1m --keep-tag=keep --host=h --tag=a,b --path=/srv --dry-run',
    )
  })

  it('of a restore take names literally', () => {
    expect(restoreArguments({ snapshotId: 'ab', target: '/t', include: ['/a*[b]?\\'] })).toEqual([
      'restore',
      '--json',
      '--target=/t',
      '--include=/a\\*\\[b]\\?\\\\',
      '--',
      'ab',
    ])
  })

  it('of limits count whole KiB, at least one', () => {
    expect(limitArguments({ uploadBytesPerSecond: 1, downloadBytesPerSecond: 2049 })).toEqual([
      '--limit-upload=1',
      '--limit-download=3',
    ])
    expect(limitArguments(undefined)).toEqual([])
  })

  it('of prefixes end in what they run', () => {
    expect(prefixOf({ nice: -5, ionice: { class: 'idle', level: 3 } }).args).toEqual([
      'nice',
      '-n',
      '-5',
      'ionice',
      '-c3',
    ])
    expect(prefixOf({ ionice: { class: 'best-effort', level: 7 } }).args).toEqual(['ionice', '-c2', '-n7'])
  })
})

describe('splitRestUrl', () => {
  const rows = [
    {
      url: 'rest:https://u:p%40%2Fx@h:8000/a/',
      want: { url: 'rest:https://h:8000/a/', username: 'u', password: 'p@/x' },
    },
    { url: 'rest:http://u@h/', want: { url: 'rest:http://h/', username: 'u' } },
    { url: 'rest:http://u:p%zz@h/', want: { url: 'rest:http://h/', username: 'u', password: 'p%zz' } },
    { url: 'rest:http://h/a@b', want: { url: 'rest:http://h/a@b' } },
    { url: 'sftp:u@h:/x', want: { url: 'sftp:u@h:/x' } },
  ]
  for (const { url, want } of rows) it(`splits ${url}`, () => expect(splitRestUrl(url)).toEqual(want))

  it('knows the secrets of an address', () => {
    expect(secretsOf('rest:https://u:p%40x@h/').map((secret) => secret.reveal())).toEqual(['p%40x', 'p@x'])
    expect(secretsOf('/srv/a:b@c')).toEqual([])
  })
})

describe('isAtLeast', () => {
  const rows = [
    ['0.16.1', '0.16.1', true],
    ['0.16.0', '0.16.1', false],
    ['0.9.6', '0.16.0', false],
    ['1.0.0', '0.16.1', true],
  ] as const
  for (const [version, wanted, want] of rows)
    it(`${version} ${wanted}`, () => expect(isAtLeast(version, wanted)).toBe(want))
})

describe('problems', () => {
  it('each say what to do', () => {
    for (const [code, { message, next, source }] of Object.entries(problemTable)) {
      expect(code).toMatch(/^restic\.[a-z-]+$/)
      for (const text of [message, next]) expect(text).toMatch(/^[A-Zr].*\.$/)
      expect(source).not.toBe('')
    }
  })

  it('fill in what they know, and cut what was said', () => {
    expect(problem('restic.locked', { repository: 'box' }).message).toBe(
      'Another process holds the lock of repository `box`.',
    )
    expect(problem('restic.killed', {}, 'a  b\nc').message).toBe('restic was killed by signal unknown. It said: a b c')
    expect(problem('restic.failed', {}, 'x'.repeat(9_999)).message.length).toBeLessThan(600)
  })
})
