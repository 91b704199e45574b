import { describe, expect, it } from 'vitest'
import { settings } from './settings.ts'

const at = ({ path, message }: { readonly path: readonly string[]; readonly message: string }): string =>
  `${path.join('.')} ${message}`

describe('an address', () => {
  const faultsOf = (url: string): readonly string[] => settings.repositoryFaults({ url }).map(at)

  const rows: readonly (readonly [string, RegExp])[] = [
    ['-x:foo', /dash/],
    ['relative/path', /neither a remote nor a whole path/],
    ['/', /root of the file system/],
    ['box:nas-2026-01-02', /dated/],
  ]
  for (const [url, want] of rows)
    it(`is refused: ${url}`, () => expect(faultsOf(url)).toEqual([expect.stringMatching(want)]))

  for (const url of ['box:', 'box:a/b', '/srv/nas', './nas', '~/nas', ':sftp,host=h:x'])
    it(`can be one: ${url}`, () => expect(faultsOf(url)).toEqual([]))
})

describe('a job', () => {
  const faultsOf = (raw: Readonly<Record<string, unknown>>, url: string): readonly string[] =>
    settings.jobFaults(raw, { url }).map(at)

  const rows: readonly (readonly [string, string, readonly string[], RegExp | undefined])[] = [
    ['/srv/data', '/srv/data/backup', [], /holds the tree/],
    ['/', '/srv/backup', [], /holds the tree/],
    ['/srv/data', '/srv/data/backup', ['/backup/**'], undefined],
    ['/srv/data', '/srv/data/a/b', ['/a/**'], undefined],
    ['/srv/data', '/srv/data/a/b', ['/a/b/*.tmp', 'a'], /holds the tree/],
    ['/srv/data/x', '/srv/data', [], /lies inside the tree/],
    ['/srv/data/', '/srv/./data', [], /is the tree itself/],
    ['/srv/data', '/srv/data-backup', [], undefined],
    ['/srv/data', 'local:/srv/data/backup', [], /holds the tree/],
    ['/srv/data', ':local:/srv/data', [], /is the tree itself/],
    ['box:a', 'box:a/b', [], /holds the tree/],
    ['box:', 'box:a', [], /holds the tree/],
    ['box:/a/b', 'box:a', [], /lies inside the tree/],
    ['box:a', 'far:a/b', [], undefined],
    ['/a', 'box:a/b', [], undefined],
  ]
  for (const [source, url, exclude, want] of rows)
    it(`from ${source} to ${url}${exclude.length > 0 ? ` without ${exclude.join(' ')}` : ''}`, () => {
      const found = faultsOf({ sources: [source], exclude }, url)
      expect(found).toEqual(want === undefined ? [] : [expect.stringMatching(want)])
    })

  for (const url of ['box:', 'box:/', 'box:x/..', ':sftp,host=h:'])
    it(`keeps no dated folders at ${url}`, () =>
      expect(faultsOf({ backupDir: { keep: '7d' } }, url)).toEqual([expect.stringMatching(/^backupDir needs a tree/)]))

  it('keeps dated folders for whole days', () => {
    expect(faultsOf({ backupDir: { keep: '36h' } }, 'box:a')).toEqual([expect.stringMatching(/^backupDir\.keep/)])
    expect(faultsOf({ backupDir: { keep: '48h' } }, 'box:a')).toEqual([])
  })
})
