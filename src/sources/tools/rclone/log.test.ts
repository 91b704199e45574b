import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BackupReport } from './backup-report.ts'
import { classify } from './classify.ts'
import { failureText, parseLogLine } from './log.ts'

const line = (level: string, msg: string, more: object = {}): string => JSON.stringify({ level, msg, ...more })

describe('what rclone says', () => {
  it('is read whatever it is', () => fc.assert(fc.property(fc.string(), (text) => void parseLogLine(text))))
  it('is read with parts that have another shape', () =>
    expect(parseLogLine(line('notice', 'x', { object: 7, stats: { bytes: 'no', transferring: 3 } }))).toMatchObject({
      msg: 'x',
      stats: { bytes: 0 },
    }))
  it('is cut down to what went wrong, each once, in both forms of the last word', () => {
    const said = [
      line('info', 'Copied (new)', { object: 'a' }),
      line('error', 'Failed to copy: no space left on device', { object: 'b' }),
      line('error', 'not deleting files as there were IO errors', { object: 'Local' }),
      line('error', 'Attempt 1/3 failed with 1 errors and: no space left on device'),
      line('error', 'Failed to copy: no space left on device', { object: 'b' }),
      line('notice', 'Transferred: 1', { stats: {} }),
      '2026/11/25 09:55:41 Failed to sync: no space left on device',
    ]
    const want = 'b: Failed to copy: no space left on device\nFailed to sync: no space left on device'
    expect(failureText(said.join('\n'))).toBe(want)
    expect(
      failureText([...said.slice(0, -1), line('notice', 'Failed to sync: no space left on device')].join('\n')),
    ).toBe(want)
  })
})

describe('causes', () => {
  const rows: readonly (readonly [string, number, string])[] = [
    ['rclone.password', 1, "Couldn't decrypt configuration, most likely wrong password."],
    [
      'rclone.config-locked',
      1,
      'Failed to load config file "x": unable to decrypt configuration and not allowed to ask for password - set RCLONE_CONFIG_PASS',
    ],
    ['rclone.no-remote', 1, `Failed to create file system for "foo:bar": didn't find section in config file`],
    ['rclone.no-repository', 3, 'Failed to lsjson: directory not found'],
    [
      'rclone.source-missing',
      3,
      'x: error reading source root directory: directory not found\nFailed to sync: directory not found',
    ],
    [
      'rclone.token-expired',
      1,
      `Failed to create file system for "d:": drive: failed to get root: couldn't fetch token: invalid_grant: maybe token expired? - try refreshing with "rclone config reconnect d:"`,
    ],
    [
      'rclone.token-expired',
      1,
      'Failed to lsjson: ExpiredToken: The security token included in the request is expired',
    ],
    ['rclone.rate-limited', 5, 'Failed to sync: googleapi: Error 403: User Rate Limit Exceeded, userRateLimitExceeded'],
    ['rclone.rate-limited', 1, 'Failed to lsjson: read metadata failed: Too Many Requests: 429 Too Many Requests'],
    ['rclone.rate-limited', 1, 'Failed to sync: SlowDown: Please reduce your request rate.'],
    ['rclone.store-full', 1, 'Failed to sync: write /mnt/x: no space left on device'],
    [
      'rclone.store-full',
      1,
      'Failed to sync: googleapi: Error 403: The user storage quota has been exceeded, storageQuotaExceeded',
    ],
    [
      'rclone.network',
      1,
      'Failed to lsjson: Propfind "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused',
    ],
    ['rclone.network', 1, 'Failed to lsjson: dial tcp: lookup nowhere.invalid: no such host'],
    [
      'rclone.tls',
      1,
      'Failed to lsjson: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    ],
    ['rclone.host-key', 1, `NewFs: couldn't connect SSH: ssh: handshake failed: knownhosts: key mismatch`],
    [
      'rclone.denied',
      1,
      `couldn't connect SSH: ssh: handshake failed: ssh: unable to authenticate, attempted methods [none password]`,
    ],
    ['rclone.denied', 1, 'Failed to lsjson: read metadata failed: Unauthorized: 401 Unauthorized'],
    ['rclone.max-delete', 7, 'Failed to sync: --max-delete threshold reached'],
    ['rclone.overlap', 7, `Failed to sync: can't sync or move files on overlapping remotes`],
    ['rclone.file-missing', 4, 'Failed to copyto: object not found'],
    ['rclone.temporary', 5, 'Failed to sync: something odd'],
    ['rclone.no-retry', 6, 'Failed to sync: something odd'],
    ['rclone.fatal', 7, 'Failed to sync: account suspended'],
    ['rclone.transfer-limit', 8, 'Failed to sync: max transfer limit reached as set by --max-transfer'],
    ['rclone.duration-limit', 10, 'Failed to sync: max transfer duration reached as set by --max-duration'],
    ['rclone.usage', 2, 'Error: unknown flag: --bogus'],
    ['rclone.usage', 2, ''],
    ['rclone.no-transfer', 9, ''],
    ['rclone.server-failure', 1, 'Failed to copy: update: sftp: "Failure" (SSH_FX_FAILURE)'],
    ['rclone.crash', 2, 'panic: runtime error: index out of range'],
    ['rclone.failed', 1, 'Failed to sync: something odd'],
    ['rclone.failed', 99, ''],
  ]
  for (const [code, exitCode, text] of rows)
    it(`${code}: ${text.slice(0, 70)}`, () => expect(classify({ ended: 'exited', exitCode }, text)).toBe(code))
})

describe('the report of a run', () => {
  const reportOf = (...lines: string[]): BackupReport => {
    const report = new BackupReport()
    for (const text of lines) report.line(text)
    return report
  }
  it('lists files of the source that could not be read, once each', () => {
    const file = line('error', 'Failed to copy: failed to open source object: open /s/b: permission denied', {
      object: 'b',
    })
    const folder = line('error', 'failed to open directory "d": open /s/d: permission denied', { object: 'd' })
    const report = reportOf(file, folder, line('error', 'Attempt 1/3 failed with 2 errors and: x'), file, folder)
    expect(report).toMatchObject({ skippedCount: 2, hasFailed: false })
    expect(report.skipped[0]).toEqual({
      path: 'b',
      reason: 'failed to open source object: open /s/b: permission denied',
    })
  })
  it('tells a failure of the destination from one of the source', () =>
    expect(
      reportOf(line('error', 'Failed to copy: write /d/b: no space left on device', { object: 'b' })),
    ).toMatchObject({
      skippedCount: 0,
      hasFailed: true,
    }))
  it('tells links that were left out', () =>
    expect(reportOf(line('notice', "Can't follow symlink without -L/--copy-links", { object: 'l' })).skippedCount).toBe(
      1,
    ))
  it('counts a file that was moved away and copied anew as replaced, and one that was only moved away as neither', () =>
    expect(
      reportOf(
        line('info', 'Moved (server-side)', { object: 'a' }),
        line('info', 'Moved (server-side)', { object: 'gone' }),
        line('info', 'Copied (new)', { object: 'a' }),
        line('info', 'Copied (new)', { object: 'b' }),
      ),
    ).toMatchObject({ copied: 1, replaced: 1 }))
  it('counts what was copied, for the first time and again', () =>
    expect(
      reportOf(
        line('info', 'Copied (new)', { object: 'a' }),
        line('info', 'Multi-thread Copied (new)', { object: 'b' }),
        line('info', 'Copied (replaced existing)', { object: 'c' }),
        line('warning', 'Skipped copy as --dry-run is set (size 6)', { object: 'd', skipped: 'copy' }),
      ),
    ).toMatchObject({ copied: 3, replaced: 1 }))
})
