import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classify, failureText, headline, holderOf } from './classify.ts'
import { recorded, recordedVersions } from './fixtures.ts'

const cases = {
  noRepository: 'restic.no-repository',
  initAgain: 'restic.exists',
  password: 'restic.password',
  backupAllMissing: 'restic.source-missing',
  locked: 'restic.locked',
  refused: 'restic.network',
  denied: 'restic.denied',
  checkDamaged: 'restic.damaged',
  restoreDamaged: 'restic.damaged',
} as const

describe.each(recordedVersions)('what restic %s said', (version) => {
  it.each(Object.entries(cases))('of %s is %s', (name, code) => {
    const { code: exitCode, stderr } = recorded(version, name)
    expect(classify({ ended: 'exited', exitCode }, failureText(stderr))).toBe(code)
  })

  it('names the holder of a lock', () => {
    expect(holderOf(failureText(recorded(version, 'locked').stderr))).toEqual({
      exclusive: 'yes',
      holderPid: expect.any(Number),
      holderHost: 'vm',
      holderUser: 'nobody',
      since: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      age: expect.stringMatching(/^[\d.]+m?s$/),
      lockId: expect.stringMatching(/^[0-9a-f]{8}$/),
    })
  })
})

const rows = [
  {
    code: 1,
    text: 'Fatal: unable to open config file: Head "https://h/config": x509: certificate has expired',
    want: 'restic.tls',
  },
  {
    code: 1,
    text: 'Fatal: unable to open config file: net/http: TLS handshake timeout\nIs there a repository at the following location?',
    want: 'restic.network',
  },
  {
    code: 1,
    text: 'subprocess ssh: Host key verification.\nsubprocess ssh: Host key verification failed.\nFatal: unable to start the sftp session',
    want: 'restic.host-key',
  },
  {
    code: 1,
    text: 'Save(<data/1>) returned error, retrying after 1s: no space left on device\nFatal: unable to save snapshot: context canceled',
    want: 'restic.store-full',
  },
  { code: 1, text: 'Fatal: unexpected HTTP response (507): 507 Insufficient Storage', want: 'restic.store-full' },
  { code: 1, text: 'Fatal: unexpected HTTP response (403): 403 Forbidden', want: 'restic.denied' },
  {
    code: 1,
    text: '/x: open /x: permission denied\nFatal: unable to save snapshot: dial tcp 10.0.0.1:443: connect: connection refused',
    want: 'restic.network',
  },
  { code: 1, text: 'lookup nowhere.invalid: no such host', want: 'restic.network' },
  { code: 1, text: 'Fatal: invalid lock file: LoadRaw(<lock/2d>): invalid data returned', want: 'restic.invalid-lock' },
  { code: 2, text: 'goroutine 1 [running]', want: 'restic.crash' },
  { code: 10, text: '', want: 'restic.no-repository' },
  { code: 11, text: '', want: 'restic.locked' },
  { code: 12, text: '', want: 'restic.password' },
  { code: 130, text: '', want: 'restic.interrupted' },
  { code: 99, text: '', want: 'restic.failed' },
  { code: 1, text: 'unknown flag: --nonsense', want: 'restic.failed' },
] as const

describe('classify', () => {
  for (const { code, text, want } of rows) {
    it(`takes ${code} with ${JSON.stringify(text.slice(0, 60))} for ${want}`, () => {
      expect(classify({ ended: 'exited', exitCode: code }, text)).toBe(want)
    })
  }

  const endings = [
    { ended: 'cancelled', want: 'restic.interrupted' },
    { ended: 'timed-out', want: 'restic.timed-out' },
    { ended: 'stalled', want: 'restic.stalled' },
    { ended: 'killed', want: 'restic.killed' },
    { ended: 'spawn-failed', cause: 'ENOENT', want: 'restic.not-found' },
    { ended: 'spawn-failed', cause: 'EACCES', want: 'restic.not-executable' },
    { ended: 'spawn-failed', cause: 'EAGAIN', want: 'restic.failed' },
  ] as const
  for (const { want, ...ended } of endings) {
    it(`takes ${Object.values(ended).join(' ')} for ${want}`, () => expect(classify(ended, '')).toBe(want))
  }

  it('names the cause of retries that a limit cut short', () => {
    const text =
      'Stat(<config/>) returned error, retrying after 8.3s: Head "http://h/config": connect: connection refused\nFatal: context canceled'
    expect(classify({ ended: 'timed-out' }, text)).toBe('restic.network')
    expect(classify({ ended: 'timed-out' }, '/etc/shadow: permission denied')).toBe('restic.timed-out')
  })

  it('shows no stack of restic', () => {
    const stderr =
      'load <lock/2d>: invalid data returned\ngithub.com/restic/x.(*R).Load\n\tgithub.com/restic/x.go:203\nruntime.main\n\truntime/proc.go:250\n'
    expect(failureText(stderr)).toBe('load <lock/2d>: invalid data returned')
  })

  it('answers any text with a value, in reasonable time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer(), (text, exitCode) => {
        expect(classify({ ended: 'exited', exitCode }, failureText(text))).toMatch(/^restic\./)
        headline(text)
        holderOf(text)
      }),
    )
    const startedAt = performance.now()
    classify({ ended: 'exited', exitCode: 1 }, failureText('tls: locked by PID 1 on '.repeat(3_000)))
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})
