import { describe, expect, it } from 'vitest'
import { Secret } from '../../../model/secret.ts'
import type { BackupSpec, RepositoryAccess } from '../tool.ts'
import { backupArguments } from './backup.ts'
import { refusedArguments } from './extra-args.ts'
import { restoreArguments } from './restore.ts'
import { settings } from './settings.ts'

const access: RepositoryAccess = { name: 'box', url: new Secret('box:a/nas'), environment: {}, options: [] }
const spec = (own: Record<string, unknown>, more: Partial<BackupSpec> = {}): BackupSpec => ({
  sources: ['/srv/nas'],
  exclude: [],
  excludeFile: [],
  excludeIfPresent: [],
  excludeCaches: false,
  oneFileSystem: false,
  tags: [],
  dryRun: false,
  own,
  ...more,
})
const now = new Date(2026, 10, 25, 12)

describe('the arguments of a run', () => {
  it('copy, unless a sync is asked for', () => {
    expect(backupArguments(access, spec({}), now)[0]).toBe('copy')
    expect(backupArguments(access, spec({ mode: 'sync' }), now)[0]).toBe('sync')
  })
  it('keep what is replaced beside the tree, by date', () =>
    expect(backupArguments(access, spec({ mode: 'sync', backupDir: { keep: 1 } }), now)).toContain(
      '--backup-dir=muster_destination:nas-2026-11-25',
    ))
  it('end with source and tree, behind what ends all options', () =>
    expect(backupArguments(access, spec({ extraArgs: ['--size-only'] }), now).slice(-4)).toEqual([
      '--size-only',
      '--',
      '/srv/nas',
      'muster_destination:nas',
    ]))
  it('never hold the address', () =>
    expect(
      backupArguments({ ...access, url: new Secret(':sftp,pass=canary:nas') }, spec({}), now).join(' '),
    ).not.toContain('canary'))
  it('carry filters and figures', () => {
    const more = {
      exclude: ['*.tmp'],
      excludeFile: ['/e'],
      excludeIfPresent: ['.no'],
      excludeCaches: true,
      oneFileSystem: true,
    }
    const own = { mode: 'sync', transfers: 8, checkers: 16, maxDelete: 5, checksum: true, links: 'keep' }
    expect(backupArguments(access, spec(own, { ...more, dryRun: true }), now)).toEqual(
      expect.arrayContaining([
        '--exclude=*.tmp',
        '--exclude-from=/e',
        '--exclude-if-present=.no',
        '--exclude-if-present=CACHEDIR.TAG',
        '--one-file-system',
        '--transfers=8',
        '--checkers=16',
        '--max-delete=5',
        '--checksum',
        '--links',
        '--dry-run',
      ]),
    )
  })
  it('take names for names when they restore', () =>
    expect(restoreArguments({ snapshotId: 'tree', target: '/t', include: ['a[b]{c}*?\\d'] }, 'r:nas')).toContain(
      '--include=/a\\[b\\]\\{c\\}\\*\\?\\\\d',
    ))
})

describe('further arguments', () => {
  const refused = [
    '--config=/x',
    '--password-command=x',
    '--backup-dir=x',
    '--log-file=/x',
    '--rc',
    '--rc-addr=:1',
    '--dump=auth',
  ]
  const more = [
    '-v',
    '-P',
    'move',
    '/srv',
    '--',
    '',
    '--ignore-errors',
    '--ignore_errors',
    '--max-delete=1',
    '--dry-run',
    '--a\0',
  ]
  for (const argument of [...refused, ...more])
    it(`are refused: ${JSON.stringify(argument)}`, () => expect(refusedArguments([argument])).toHaveLength(1))
  it('are passed on', () => expect(refusedArguments(['--fast-list', '--size-only', '--tpslimit=4'])).toEqual([]))
})

describe('settings that do not fit', () => {
  const paths = (found: readonly { path: readonly string[] }[]): string[] => found.map(({ path }) => path.join('.'))
  it('are told of repositories', () =>
    expect(
      paths(
        settings.repositoryFaults({
          url: 'box:nas-2026-11-21',
          prune: {},
          read: { keyless: true },
          check: { readDataSubset: '5%' },
        }),
      ),
    ).toEqual(['url', 'prune', 'read.keyless', 'check.readDataSubset']))
  it('are told of jobs', () =>
    expect(paths(settings.jobFaults({ sources: ['/a', '/b'], retention: {}, tags: ['x'], host: 'h' }, {}))).toEqual([
      'sources',
      'retention',
      'tags',
      'host',
    ]))
  it('are none in a plain configuration', () => {
    expect(settings.repositoryFaults({ url: 'box:nas', check: { readDataSubset: 'all' } })).toEqual([])
    expect(settings.jobFaults({ sources: ['/a'], mode: 'sync' }, {})).toEqual([])
  })
})
