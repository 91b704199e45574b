import { describe, expect, it } from 'vitest'
import type { BackupSpec } from '../tool.ts'
import { backupArguments } from './backup.ts'
import { checkArguments } from './check.ts'
import { forgetArguments } from './forget.ts'
import { restoreArguments } from './restore.ts'

const spec: BackupSpec = {
  sources: ['-rf', '/srv'],
  exclude: ['-x', '*.tmp'],
  excludeFile: ['/f'],
  excludeIfPresent: ['.nobackup'],
  excludeCaches: true,
  oneFileSystem: true,
  tags: ['daily'],
  host: 'h',
  dryRun: true,
  own: { compression: 'zstd,6', archiveName: '{hostname}-a-{now}', extraArgs: ['--noatime'] },
}

describe('arguments', () => {
  it('of a backup keep values behind = and names behind --', () => {
    expect(backupArguments(spec).join(' ')).toBe(
      'create --json --progress --list --filter=- --dry-run --exclude=-x --exclude=*.tmp --exclude-from=/f ' +
        '--exclude-if-present=.nobackup --exclude-caches --one-file-system --comment=muster {{"host":"h","tags":["daily"]}} ' +
        '--compression=zstd,6 --lock-wait=5 --noatime -- ::h-a-{now} -rf /srv',
    )
    expect(backupArguments({ ...spec, own: { extraArgs: ['--lock-wait=60'] } })).not.toContain('--lock-wait=5')
  })

  it('of a forget name the policy, spans in hours, and the archives of the job alone', () => {
    const retention = { group: [], keepLast: 7, keepDaily: 3, keepWithin: '1y2m3d4h', keepTags: [] } as const
    const args = forgetArguments({ retention, host: 'h', tags: ['a'], paths: ['/srv'], dryRun: true, own: {} })
    const digits = (count: number): string => '[0-9]'.repeat(count)
    const time = `${digits(4)}-${digits(2)}-${digits(2)}T${digits(2)}:${digits(2)}:${digits(2)}`
    const hours = 365 * 24 + 2 * 31 * 24 + 3 * 24 + 4
    expect(args.join(' ')).toBe(
      `prune --list --lock-wait=5 --glob-archives=h-${time} --keep-last=7 --keep-daily=3 --keep-within=${hours}H --dry-run`,
    )
  })

  it('of a restore take names literally', () => {
    expect(restoreArguments({ snapshotId: 'ab', target: '/t', include: ['/a*[b]', '/re:x'] }, 'n{now}')).toEqual([
      'extract',
      '--progress',
      '--',
      '::n{{now}}',
      'pp:a*[b]',
      'pp:re:x',
    ])
  })

  it('of a check are what its settings and its wish say', () => {
    const args = (own: object, readData?: 'all'): string =>
      checkArguments({ own: { ...own } }, readData === undefined ? {} : { readData }).join(' ')
    expect(args({})).toBe('check --info --progress --lock-wait=5')
    expect(args({ checkOnly: 'archives' })).toBe('check --info --progress --lock-wait=5 --archives-only')
    expect(args({ checkFor: 90_000 })).toBe('check --info --progress --lock-wait=5 --repository-only --max-duration=90')
    // Whoever asks for all data gets all.
    expect(args({ checkFor: 90_000, checkOnly: 'repository' }, 'all')).toBe(
      'check --info --progress --lock-wait=5 --verify-data',
    )
  })
})
